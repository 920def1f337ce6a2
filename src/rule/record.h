/* record.h: the records of a rule database, with encoders and decoders.

     key             value
     sinbin-rules    FORMAT SP VERSION, "3 0123456789abcdef": identifies a rule database
     tables          the heads of all tables in their order, one per line, each ended by LF
     NAME:           the head of a table: NAME SHAPE ENTRIES EXCLUSIONS DUPLICATES SKIPPED SHORTEST
                     LONGEST FILE, separated by spaces
     NAME:4          its IPv4 intervals (interval.h)
     NAME:6          its IPv6 intervals
     NAME=KEY        an entry of a table of names or suffixes: line (4 bytes), reach (1), value (the
                     rest)
     NAME:date       when a published list was written: "1764000000", or "1764000000 kept" if the
                     table was copied from the previous database

     in a head       meaning
     ENTRIES         entries in the table
     EXCLUSIONS      those of them that exclude
     DUPLICATES      entries that were written again
     SKIPPED         lines that are not entries of their format
     SHORTEST        length of the shortest key of a table of names, 0 for other tables
     LONGEST         length of the longest

   The entries of a table of names or suffixes directly follow its head, so that they can be read in
   order. A table name has neither a colon nor an equals sign, so two kinds of keys never collide.
   Numbers are big-endian here. With SHORTEST and LONGEST a reader that looks up several parts of a
   name knows which lengths to try. FILE and line say where an entry was written. Reach says what an
   entry matches: the name itself, what is below it, or both.

   VERSION is the first half of BLAKE2b-128 over the format number and the keys and values of all
   records but the first and the dates; both lengths precede each key and value.

   Decoders refuse malformed records and never read outside the span. Nothing allocates. */
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

/* "NAME:", "NAME:4" or "NAME:6": part is "", "4" or "6". Returns the length, or 0 if it is longer
   than RECORD_KEY_MAX. */
size_t record_table_key(char key[RECORD_KEY_MAX], const char *name, const char *part);
size_t record_entry_key(char key[RECORD_KEY_MAX], const char *name, struct span entry);

/* At most RECORD_HEAD_MAX bytes, without LF; 0 if it does not fit. */
size_t record_head_encode(char *out, const struct head *head);
bool record_head_decode(struct span text, struct head *out);

/* The record NAME:date. At most RECORD_DATE_MAX bytes. */
#define RECORD_DATE_MAX 32
size_t record_date_encode(char out[RECORD_DATE_MAX], uint64_t date, bool kept);
bool record_date_decode(struct span text, uint64_t *date, bool *kept);

/* At most ENTRY_BYTES_MAX bytes; 0 if the value is too long. */
size_t record_entry_encode(unsigned char *out, const struct entry *entry);
bool record_entry_decode(struct span record, struct entry *out);

#endif
