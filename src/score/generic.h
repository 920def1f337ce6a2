/* generic.h: does a host name look as if a provider had made it for a pool of addresses?

   What counts is how much of an address it spells (addrname.h) and which words it has (tokens.h),
   both outside the registered domain only: what a firm calls itself proves nothing.

                           strong pool word   pool word   neither
     the peer's address    POOL               POOL        ADDRESS
     a part of it          POOL               POOL        NOT
     its last two octets   POOL               ADDRESS     NOT
     another address       ADDRESS            ADDRESS     NOT
     a number              ADDRESS            NOT         NOT

   A word of rules/host-words (static, business...) clears the name. One of a mail server (mx,
   smtp...) does, too, but not if the label that it is in spells the peer's whole address and there
   is a strong pool word. Beside a rented one (vps, hosting...) no pool word counts. name is in
   lower case and without a trailing dot. */
#ifndef SINBIN_SCORE_GENERIC_H
#define SINBIN_SCORE_GENERIC_H

#include "score/rules.h"

enum generic {
  GENERIC_NOT,
  GENERIC_ADDRESS, /* weak: the address, but no pool word; or a pool word, but little of it */
  GENERIC_POOL,    /* both */
};

enum generic generic_classify(const struct rules *rules, struct span name, const struct addr *peer);

#endif
