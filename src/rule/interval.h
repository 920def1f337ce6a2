/* interval.h: the addresses of one family of a table as one record: disjoint, sorted intervals,
   each with the value and the source line of the winning entry.

     head      count (4 bytes)  width (1)  values (1)  pad (1)  zero (1)
     values    16 bytes each: length (1), bytes, zeros
     pad       zeros, so that what follows begins at a multiple of 64 bytes in the file
     levels    from the narrowest on: the first keys of the groups of the level below; the lowest
               has the first key of every node; the narrowest has one group
     nodes     first keys, last keys, then the number of the value of each (1 byte)
     lines     4 bytes for each interval

   Groups and nodes have the size of a cache line. Unused keys in them are filled with ones, other
   bytes with zeros. Numbers are little-endian, as on most machines. Width is the size of a key:

     width  addresses                               bytes  keys in a group  intervals in a node
     4      IPv4                                    64     16               7
     8      IPv6, only the upper half               64     8                3
     16     IPv6, if an interval begins or ends     128    8                3
            within a /64

   A search reads one group of each level, and one node. For a million intervals the levels are half
   a megabyte and stay in the cache, whatever the distribution of the addresses, so that only the
   node is a cache miss. Gaps are not stored, and a wide uniform range is one interval.

   All positions follow from the count, and indexes are limited by it: a damaged record may give a
   wrong answer, but nothing outside it is read. */
#ifndef SINBIN_RULE_INTERVAL_H
#define SINBIN_RULE_INTERVAL_H

#include "base/addr.h"

#define INTERVAL_VALUE_MAX  15
#define INTERVAL_VALUES_MAX 255 /* distinct values in a record */
#define INTERVAL_LEVELS_MAX 12  /* 8 to the 12th exceeds the largest count */

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

/* Returns the record, which the caller frees; position is its offset in the file. NULL with errno
   ENOMEM, or EOVERFLOW if it does not fit a database or has too many or too long values. */
unsigned char *interval_encode(const struct intervals *in, size_t position, size_t *len);

/* A parsed record. Every pointer is within the record, which must outlive the view. */
struct interval_view {
  const unsigned char *level[INTERVAL_LEVELS_MAX]; /* from the lowest on */
  size_t keys[INTERVAL_LEVELS_MAX];
  int levels;
  const unsigned char *nodes, *lines, *values;
  size_t count, value_count, width;
};

/* False if the record is damaged or of the other family. */
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
