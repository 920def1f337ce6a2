/* dnslists.h: the DNS lists that are asked about a client: their configuration, what an answer
   means, and whether a list passes its test (RFC 5782).

   A line of configuration is a zone and words after it, in any order:
     name=NAME      the name of the list in the session line; by default the zone
     v6             the list has IPv6 addresses as well
     v6only         the list has IPv6 addresses only
     127.B.C.D      an answer that counts; each of the three numbers may be a range N-M. Without
                    such a word every answer counts.
   `#` begins a comment.

   These answers are never a listing, but LISTED_REFUSED. A list gives them if it refuses to serve
   us, and a zone that was abandoned or taken over gives them for every address:
     - any address outside 127.0.0.0/8
     - 127.0.0.1
     - 127.255.255.x
     - 127.0.0.255 from a whitelist

   The names borrow from the configuration text, which must live as long as the lists. */
#ifndef SINBIN_RESOLVE_DNSLISTS_H
#define SINBIN_RESOLVE_DNSLISTS_H

#include "resolve/dnsresult.h"

#define DNSLISTS_MAX        16
#define DNSLIST_FILTERS_MAX 16
#define DNSLIST_CODES_MAX   4 /* kept of one answer */
#define DNSLIST_NAME_MAX    64

enum list_kind { LIST_BLACK, LIST_WHITE };
enum list_family { LIST_IPV4, LIST_IPV6, LIST_FAMILIES };

struct dnslist_filter {
  uint8_t first[4], last[4]; /* the range of each octet of the answer */
};

struct dnslist {
  struct span zone, name;
  enum list_kind kind;
  bool serves[LIST_FAMILIES];
  bool passing[LIST_FAMILIES]; /* it passed its last test; otherwise it is muted: not asked */
  size_t filters;
  struct dnslist_filter filter[DNSLIST_FILTERS_MAX];
};

struct dnslists {
  size_t count;
  struct dnslist list[DNSLISTS_MAX];
};

/* Adds the list of one line; an empty line or a comment adds nothing. Returns NULL, or the error as
   text for a message. */
const char *dnslists_add(struct dnslists *l, enum list_kind kind, struct span line);

enum list_family dnslist_family(const struct addr *a);

enum listed { LISTED_NOT, LISTED_YES, LISTED_UNKNOWN, LISTED_REFUSED };

struct dnslist_codes {
  size_t count;
  uint32_t code[DNSLIST_CODES_MAX]; /* the lowest ones, in ascending order, each once */
};

/* What the answer of the list says. *codes are the answers that count; none unless LISTED_YES. */
enum listed dnslist_decode(const struct dnslist *l, const struct dnsresult *answer,
                           struct dnslist_codes *codes);

/* The question of a test: about the address that every list has (listed; 127.0.0.2 or
   ::FFFF:7F00:2), or about the one that no list has (127.0.0.1 or ::FFFF:7F00:1). */
bool dnslist_test_question(const struct dnslist *l, enum list_family family, bool listed,
                           struct question *q);
/* NULL if the list passes with these two answers, or the reason as text for a message. */
const char *dnslist_check(const struct dnslist *l, const struct dnsresult *on_listed,
                          const struct dnsresult *on_unlisted);

#endif
