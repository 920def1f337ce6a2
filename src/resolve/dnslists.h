/* dnslists.h: the DNS lists that are asked about a peer, what their answers mean, and whether they can
   be believed (RFC 5782).

   A line of configuration is a zone and words behind it, in any order:
     name=NAME      how the list is called in the session line; without it, as its zone
     v6             it lists IPv6 addresses as well
     v6only         it lists IPv6 addresses, and no others
     127.B.C.D      answers that count, each number being N or N-M; without such a word, all do
   Whatever is configured, an answer outside 127.0.0.0/8 or 127.0.0.1 or 127.255.255.x is none, nor
   is 127.0.0.255 of a whitelist: so lists tell that they do not serve us, or a hijacked zone that
   it is gone. Such an answer is LISTED_REFUSED.

   Names borrow from the text that was read, which must stay. */
#ifndef SINBIN_RESOLVE_DNSLISTS_H
#define SINBIN_RESOLVE_DNSLISTS_H

#include "resolve/dnsresult.h"

#define DNSLISTS_MAX        16
#define DNSLIST_FILTERS_MAX 16
#define DNSLIST_CODES_MAX   4 /* of one answer that are written down */
#define DNSLIST_NAME_MAX    64

enum list_kind { LIST_BLACK, LIST_WHITE };
enum list_family { LIST_IPV4, LIST_IPV6, LIST_FAMILIES };

struct dnslist_filter {
  uint8_t first[4], last[4]; /* of each number of the answer */
};

struct dnslist {
  struct span zone, name;
  enum list_kind kind;
  bool serves[LIST_FAMILIES];
  bool passing[LIST_FAMILIES]; /* its last test was good; else it is not asked */
  size_t filters;
  struct dnslist_filter filter[DNSLIST_FILTERS_MAX];
};

struct dnslists {
  size_t count;
  struct dnslist list[DNSLISTS_MAX];
};

/* Adds the list of one line, or nothing for an empty one or a comment. NULL, or what is wrong. */
const char *dnslists_add(struct dnslists *l, enum list_kind kind, struct span line);

enum list_family dnslist_family(const struct addr *a);

enum listed { LISTED_NOT, LISTED_YES, LISTED_UNKNOWN, LISTED_REFUSED };

struct dnslist_codes {
  size_t count;
  uint32_t code[DNSLIST_CODES_MAX]; /* lowest first */
};

enum listed dnslist_decode(const struct dnslist *l, const struct dnsresult *f,
                           struct dnslist_codes *codes);

/* The address that every list lists, 127.0.0.2 or ::FFFF:7F00:2, or that none does, 127.0.0.1 or
   ::FFFF:7F00:1, as a question. */
bool dnslist_test_question(const struct dnslist *l, enum list_family family, bool listed,
                           struct question *q);
/* NULL where the two answers are as they should be, or what is wrong with them. */
const char *dnslist_check(const struct dnslist *l, const struct dnsresult *on,
                          const struct dnsresult *off);

#endif
