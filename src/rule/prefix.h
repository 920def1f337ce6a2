/* prefix.h: sets of addresses in rules, and which of several entries wins for an address.

   An entry is an address, a prefix (192.0.2.0/24, 2001:db8::/32) or a range
   (192.0.2.0-192.0.2.99). Host bits in a prefix are an error, because either the address or the
   length is wrong. A leading `!` makes an exclusion, which hides every wider entry.

   The narrowest entry that holds an address wins; among prefixes that is the longest match. If two
   ranges of the same size overlap, the one on the later line wins. IPv4 and IPv6 are separate: ::/0
   holds no IPv4 address, while ::ffff:192.0.2.0/120 is 192.0.2.0/24. */
#ifndef SINBIN_RULE_PREFIX_H
#define SINBIN_RULE_PREFIX_H

#include "rule/interval.h"

struct prefix {
  struct addr first, last; /* inclusive, of one family */
  bool excluded;
  bool soft; /* excluded by its value (meaning.h): the same addresses win if they are listed */
  uint32_t line;
  struct span value;
};

/* Parses one word; fills first, last and excluded, and clears soft. If false, *reason is a text for
   the operator. */
bool prefix_parse(struct span word, struct prefix *out, const char **reason);

/* The last address that shares its first `bits` of 128 bits with this one. */
struct addr prefix_last(const struct addr *first, unsigned int bits);

enum addresses prefix_family(const struct prefix *p);

#define PREFIX_TEXT_MAX (2 * ADDR_TEXT_MAX + 1)
/* "192.0.2.0/24", or "192.0.2.1-192.0.2.9" if it is not a prefix; without `!`, no NUL. At most
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
