/* interval.h: one address family of a table as one record: disjoint, sorted intervals, each with
   the value and the source line of the entry that won there.

     head      count (4 bytes)  width (1)  values (1)  pad (1)  zero (1)
     values    16 bytes each: length (1), bytes, zeros
     pad       so many zeros that what follows begins at a multiple of 64 bytes in the file
     levels    from the narrowest on: the first keys of the groups of the level below; the lowest
               has the first key of every node; the narrowest has one group
     nodes     first keys, last keys, then the number of the value of each (1 byte)
     lines     4 bytes for each interval

   Groups and nodes are 64 bytes, the line of a processor's cache, and are filled up with zeros or,
   where a key would stand, with ones. Width is that of a key: 4 for IPv4 (16 keys a group, 7
   intervals a node); for IPv6 8, the upper half of the address, as long as no interval begins or
   ends within a /64 (8 and 3), else 16, and groups and nodes of 128 bytes (8 and 3). Numbers are
   little-endian, since that is what most machines compare.

   A search goes down the levels, one group each, into one node. Among a million intervals the
   levels are half a megabyte and stay in the cache whatever the distribution of the addresses, so
   the node alone costs a miss. Gaps are not stored, and wide uniform spans cost one interval.

   Where things stand follows from the count alone, and indexes are held below it: a damaged record
   may give a wrong answer but is never read outside. */
#ifndef SINBIN_RULE_INTERVAL_H
#define SINBIN_RULE_INTERVAL_H

#include "base/addr.h"

#define INTERVAL_VALUE_MAX  15
#define INTERVAL_VALUES_MAX 255 /* different ones in a record */
#define INTERVAL_LEVELS_MAX 12  /* 8 to the 12th is more than a count can say */

enum addresses { ADDRESSES_IPV4 = 4, ADDRESSES_IPV6 = 6 };

struct interval {
  struct addr first, last;
  uint32_t line;
  struct span value;
};

/* Of one family, disjoint and ascending, at least one. */
struct intervals {
  const struct interval *list;
  size_t count;
  enum addresses family;
};

/* The record in memory that the caller frees; position is where in the file it will begin. NULL
   with errno ENOMEM, or EOVERFLOW where it would not fit a database or has too many or too long
   values. */
unsigned char *interval_encode(const struct intervals *in, size_t position, size_t *len);

/* A record taken apart; every pointer lies within it, and it must outlive the view. */
struct interval_view {
  const unsigned char *level[INTERVAL_LEVELS_MAX]; /* from the lowest on */
  size_t keys[INTERVAL_LEVELS_MAX];
  int levels;
  const unsigned char *nodes, *lines, *values;
  size_t count, value_count, width;
};

/* False where the record is damaged or of the other family. */
bool interval_parse(struct span record, enum addresses family, struct interval_view *out);

struct interval_hit {
  size_t index;
  struct span value; /* borrows from the record */
};

/* 1 found, 0 not found, -1 the record is damaged. The address must be of the view's family. */
int interval_find(const struct interval_view *v, const struct addr *a, struct interval_hit *hit);
/* The nth interval of the record, its value borrowed. False if the record is damaged there. */
bool interval_at(const struct interval_view *v, size_t nth, struct interval *out);
/* The source line of what was found. */
uint32_t interval_line(const struct interval_view *v, const struct interval_hit *hit);

#endif
