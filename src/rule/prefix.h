/* prefix.h: sets of addresses as rules write them, and which of several wins for an address.

   Written: a single address, a prefix (192.0.2.0/24, 2001:db8::/32; bits set behind the prefix are
   an error, because one of the two was meant otherwise), or a range (192.0.2.0-192.0.2.99). A
   leading `!` makes an exclusion: it hides every wider entry.

   The narrowest entry that holds an address wins, which for prefixes is the longest match; of two
   equally wide ranges that overlap the one written later wins. IPv4 and IPv6 are apart: ::/0 holds
   no IPv4 address, while ::ffff:192.0.2.0/120 is 192.0.2.0/24. */
#ifndef SINBIN_RULE_PREFIX_H
#define SINBIN_RULE_PREFIX_H

#include "rule/interval.h"

struct prefix {
  struct addr first, last; /* inclusive, of one family */
  bool excluded;
  bool soft; /* excluded by its value (meaning.h): the same addresses listed elsewhere win */
  uint32_t line;
  struct span value;
};

/* Reads one word, filling first, last, excluded and soft (false). False with a reason for the
   operator. */
bool prefix_parse(struct span word, struct prefix *out, const char **reason);

/* The last address that shares its first `bits` of 128 bits with this one. */
struct addr prefix_last(const struct addr *first, unsigned int bits);

enum addresses prefix_family(const struct prefix *p);

#define PREFIX_TEXT_MAX (2 * ADDR_TEXT_MAX + 1)
/* "192.0.2.0/24", or "192.0.2.1-192.0.2.9" if it is no prefix, without `!`; no NUL. At most
   PREFIX_TEXT_MAX bytes; returns the length. */
size_t prefix_format(char *out, const struct prefix *p);
/* Do both hold the same addresses? */
bool prefix_same(const struct prefix *a, const struct prefix *b);

/* Sorts the prefixes, in place: by family, first address, width (wide before narrow), line. */
void prefix_sort(struct prefix *prefixes, size_t count);

/* Resolves sorted prefixes of one family into disjoint ascending intervals, exclusions left out.
   The caller frees *out. False with errno ENOMEM. */
bool prefix_resolve(const struct prefix *prefixes, size_t count, struct interval **out,
                    size_t *intervals);

#endif
