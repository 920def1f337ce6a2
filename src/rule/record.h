/* record.h: how the records of a rule database are spelt; encoders beside their decoders.

     key                value
     sinbin-rules       FORMAT SP VERSION, "3 0123456789abcdef": what makes a file one of ours
     tables             one head a line, LF ended: the tables in their order
     NAME:              the head of a table: NAME SHAPE ENTRIES EXCLUSIONS DUPLICATES PASSED
   SHORTEST LONGEST FILE, with a space between NAME:4  NAME:6     its IPv4 and its IPv6 intervals
   (interval.h) NAME=KEY           an entry of a name or suffix table: line (4 bytes), reach (1),
   value (rest)

   NAME:date          when a published list was written (below)

   The entries of a name or suffix table follow its head, so that they can be read in a row. No
   table name has a colon or an equals sign, so no two kinds of key meet. Numbers are big-endian
   here. A head counts what the text had: entries kept, those of them that exclude, entries written
   again, lines that a format passes over; SHORTEST and LONGEST are the lengths of the keys of a
   name table, 0 for others, so that who tries several parts of a name knows which to try.
   VERSION is the first half of BLAKE2b-128 over format number, keys and values of all records but
   the first, each preceded by both lengths. FILE and line say where an entry was written, so that a
   person can be told; reach tells what an entry matches: itself, what is below it, or both.

   Decoders refuse what is malformed and never look outside the span. Nothing allocates. */
#ifndef SINBIN_RULE_RECORD_H
#define SINBIN_RULE_RECORD_H

#include "base/span.h"
#include <stdint.h>

#define RECORD_FORMAT    3
#define RECORD_KEY       "sinbin-rules"
#define RECORD_TABLES    "tables"
#define RECORD_DATE      "date"
#define RECORD_KEY_MAX   700 /* a whole key, table name included */
#define RECORD_NAME_MAX  640 /* the KEY of an entry */
#define RECORD_VALUE_MAX 1024
#define RECORD_HEAD_MAX  320
#define ENTRY_BYTES_MAX  (RECORD_VALUE_MAX + 5)

enum shape { SHAPE_ADDRESSES, SHAPE_NAMES, SHAPE_SUFFIXES, SHAPE_COUNT };
const char *record_shape_name(enum shape shape);

enum reach { REACH_ITSELF = 1, REACH_BELOW = 2, REACH_BOTH = 3 };

enum head_number {
  HEAD_ENTRIES,
  HEAD_EXCLUSIONS,
  HEAD_DUPLICATES,
  HEAD_SKIPPED,
  HEAD_SHORTEST,
  HEAD_LONGEST,
  HEAD_NUMBERS
};

struct head {
  struct span name;
  enum shape shape;
  uint64_t number[HEAD_NUMBERS];
  struct span file;
};

struct entry {
  uint32_t line;
  enum reach reach;
  struct span value;
};

static inline uint32_t record_load32(const unsigned char *from) {
  return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

static inline void record_store32(unsigned char *to, uint32_t value) {
  for (int i = 0; i < 4; i++) to[i] = (unsigned char)(value >> (24 - 8 * i));
}

/* "NAME:", "NAME:4" or "NAME:6": part is "", "4" or "6". Returns the length, 0 where it is too long
   for RECORD_KEY_MAX. */
size_t record_table_key(char key[RECORD_KEY_MAX], const char *name, const char *part);
size_t record_entry_key(char key[RECORD_KEY_MAX], const char *name, struct span entry);

/* At most RECORD_HEAD_MAX bytes, without LF; 0 where it does not fit. */
size_t record_head_encode(char *out, const struct head *head);
bool record_head_decode(struct span text, struct head *out);

/* The record NAME:date: when a published list was written, "1764000000", or "1764000000 kept" if
   the table was taken from the database before. At most RECORD_DATE_MAX bytes. It is no part of
   what VERSION is made of. */
#define RECORD_DATE_MAX 32
size_t record_date_encode(char out[RECORD_DATE_MAX], uint64_t date, bool kept);
bool record_date_decode(struct span text, uint64_t *date, bool *kept);

/* At most ENTRY_BYTES_MAX bytes; 0 where the value is too long. */
size_t record_entry_encode(unsigned char *out, const struct entry *entry);
bool record_entry_decode(struct span record, struct entry *out);

#endif
