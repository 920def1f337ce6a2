/* interval.h: one address family of a table as one record: disjoint, sorted intervals, each with
   the value and the source line of the entry that won there.

     count (4 bytes)  pool (4): bytes of the value pool
     levels           from the narrowest on, each the first address of every 16th of the one below;
   the lowest has the first address of every block; the highest has at most 16 blocks           of
   16 intervals, the last one of fewer: their first addresses, ascending, then for each: last
   address, line (4), value (4): an offset into the pool values           length (1 byte), bytes

   Addresses are 4 bytes (IPv4) or 16, in network order; numbers are big-endian. A search goes down
   the levels, 16 neighbours at a time, into one block: among a million intervals that is five
   steps, of which all but the last stay in the cache, whatever the distribution of the addresses.
   Gaps are not stored, so wide uniform spans cost one interval.

   Decoding checks every length and offset against the record; a damaged record may give a wrong
   answer but is never read outside. */
#ifndef SINBIN_RULE_INTERVAL_H
#define SINBIN_RULE_INTERVAL_H

#include "base/addr.h"

#define INTERVAL_VALUE_MAX 255

enum addresses { ADDRESSES_IPV4 = 4, ADDRESSES_IPV6 = 6 };

struct interval {
  struct addr first, last;
  uint32_t line;
  struct span value;
};

struct interval_hit {
  uint32_t line;
  struct span value; /* borrows from the record */
};

/* The record in memory that the caller frees. NULL with errno ENOMEM, or EOVERFLOW where it would
   not fit a database. Intervals must be of the family, disjoint and ascending. */
unsigned char *interval_encode(const struct interval *intervals, size_t count,
                               enum addresses family, size_t *len);

/* 1 found, 0 not found, -1 the record is damaged. The address must be of the family. */
int interval_find(struct span record, enum addresses family, const struct addr *a,
                  struct interval_hit *hit);

#endif
