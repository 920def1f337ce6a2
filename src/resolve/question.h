/* question.h: what is asked of the DNS: a type and a name, class IN.

   A name is absolute, in lower case, without its last dot, and NUL-terminated; it is never
   completed from a list of search domains. Names that a peer or a reverse zone wrote become
   questions only where they can name a host on the Internet: two or more labels of letters, digits,
   `-` and `_`, at most 63 bytes each and 253 in all, the last label no number and none of the names
   that do not belong to the DNS (RFC 6761, 6762, 7686, 9476). Functions return false, and make no
   question, where a name cannot be asked. */
#ifndef SINBIN_RESOLVE_QUESTION_H
#define SINBIN_RESOLVE_QUESTION_H

#include "base/addr.h"

#define QUESTION_NAME_MAX 253

enum question_type { TYPE_A = 1, TYPE_PTR = 12, TYPE_MX = 15, TYPE_AAAA = 28 };

struct question {
  uint16_t type;
  uint8_t len;
  char name[QUESTION_NAME_MAX + 1];
};

bool question_host(struct question *q, enum question_type type, struct span name);

/* PTR of the address: in-addr.arpa (RFC 1035, 3.5) or ip6.arpa (RFC 3596, 2.5). */
void question_reverse(struct question *q, const struct addr *a);

/* The address as a name in the zone of a DNS list (RFC 5782, 2.1 and 2.4), type A. False where the
   name would be too long. */
bool question_list(struct question *q, const struct addr *a, struct span zone);
/* The same with an IPv4 address written as the IPv6 address that it is mapped to. */
bool question_list_mapped(struct question *q, const struct addr *a, struct span zone);

/* A zone's name: as a host's, but for the last label, which is free. */
bool question_zone_is_valid(struct span name);

/* A or AAAA, as the address is. */
enum question_type question_family(const struct addr *a);

/* No host on the Internet has such an address: loopback, private, documentation, multicast and so
   on (RFC 6890). */
bool question_addr_is_special(const struct addr *a);

#endif
