/* generic.h: does a host name look as if a provider had made it for a pool of addresses?

   The answer depends on how much of an address the name contains (addrname.h), and on its words
   (namewords.h). Both are searched for outside the registered domain only, since the name of a
   company proves nothing.

                           strong pool word   pool word   neither
     the peer's address    POOL               POOL        ADDRESS
     a part of it          POOL               POOL        NOT
     its last two octets   POOL               ADDRESS     NOT
     another address       ADDRESS            ADDRESS     NOT
     a number              ADDRESS            NOT         NOT

   Words of rules/host-words change the answer:
     static, business...   the answer is NOT
     mail (mx, smtp...)    the answer is NOT, unless the label that has the word contains the
                           peer's whole address and the name has a strong pool word
     rented (vps...)       pool words do not count

   All functions are pure. name is in lower case and has no trailing dot. */
#ifndef SINBIN_SCORE_GENERIC_H
#define SINBIN_SCORE_GENERIC_H

#include "score/rules.h"

enum generic {
  GENERIC_NOT,
  GENERIC_ADDRESS, /* weak: see the table */
  GENERIC_POOL,    /* the address and a pool word */
};

enum generic generic_classify(const struct rules *rules, struct span name, const struct addr *peer);

/* The name without its registered domain and the dot before it: "a.b" for "a.b.isp.co.uk".

   The registered domain is the last two labels. It is three if the last label is a country's and
   the one before it a category (isp.co.uk, isp.com.br). The categories are a short fixed list. If
   one is missing, the company's own label counts as part of the host's; nothing else happens. */
struct span generic_host_part(struct span name);

#endif
