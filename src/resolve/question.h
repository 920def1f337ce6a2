/* question.h: a DNS question: a type and a name, in class IN (RFC 1035, 4.1.2).

   A name is absolute, in lower case, without its last dot, and NUL-terminated. Search domains are
   never appended. A name that a client or a reverse zone supplied becomes a question only if it can
   be the name of a host on the Internet:
     - it has two or more labels of letters, digits, `-` and `_`, at most 63 bytes each
     - it has at most 253 bytes
     - its last label is not a number and not one of the top-level names that are not in the DNS:
       localhost, local, invalid, onion, alt (RFC 6761, 6762, 7686, 9476)
   If a function returns false, it has not set *q. */
#ifndef SINBIN_RESOLVE_QUESTION_H
#define SINBIN_RESOLVE_QUESTION_H

#include "base/addr.h"

#define QUESTION_NAME_MAX 253

enum question_type { TYPE_A = 1, TYPE_PTR = 12, TYPE_MX = 15, TYPE_AAAA = 28 };

struct question {
  uint16_t type; /* enum question_type */
  uint8_t len;
  char name[QUESTION_NAME_MAX + 1];
};

bool question_host(struct question *q, enum question_type type, struct span name);

/* The PTR record of the address, in in-addr.arpa (RFC 1035, 3.5) or ip6.arpa (RFC 3596, 2.5). */
void question_reverse(struct question *q, const struct addr *a);

/* The A record of the address in the zone of a DNS list (RFC 5782, 2.1 and 2.4). False if the name
   would be too long. */
bool question_list(struct question *q, const struct addr *a, struct span zone);
/* The same, with an IPv4 address written as an IPv4-mapped IPv6 address. */
bool question_list_mapped(struct question *q, const struct addr *a, struct span zone);

/* True if the name can be a zone. The rules for hosts apply, but one label is enough and the last
   label may be any. */
bool question_zone_is_valid(struct span name);

/* True if the name is the zone or below it. Every name is below the root, which is empty. */
bool question_name_is_in(struct span name, struct span zone);

/* TYPE_A for an IPv4 address, TYPE_AAAA for an IPv6 address. */
enum question_type question_family(const struct addr *a);

/* True if no host on the Internet can have the address: it is a special-purpose address (RFC 6890)
   such as a loopback, private, documentation or multicast address. */
bool question_addr_is_special(const struct addr *a);

#endif
