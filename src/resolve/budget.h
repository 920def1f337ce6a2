/* budget.h: how many slow questions one network, or one zone, may have.

   A question is slow once it has waited BUDGET_SLOW milliseconds. It is charged to two accounts:

     question          accounts                                    slow questions allowed
     PTR               the peer's network, IPv4 /24 or IPv6 /48    limit
                       the network around it, /16 or /32           8 * limit
     A, AAAA, MX       the zone of the name: its last two labels,
                       three in zones such as co.uk                8 * limit
                       the names that peers of the network chose   8 * limit

   While an account has that many, no further question is charged to it. An account that got no
   answer to many questions in a row pauses for BUDGET_PAUSE; then one question at a time is asked
   until one is answered. A failure counts only if some other question was answered meanwhile: else
   the name server is to blame. While `limit` questions are slow and none at all was answered for
   BUDGET_SLOW, 16 * limit others are asked, and `limit` after BUDGET_PROBE. So a network that
   answers in time is never refused, however many its lines are.

   Accounts are kept by a keyed hash of what they are for, BUDGET_ACCOUNTS of them; of those without
   an open question the oldest makes room. Times are monotonic milliseconds. */
#ifndef SINBIN_RESOLVE_BUDGET_H
#define SINBIN_RESOLVE_BUDGET_H

#include "resolve/question.h"

#define BUDGET_SLOW      2000
#define BUDGET_PROBE     200 /* how long a silent name server has to answer */
#define BUDGET_PROBES    16
#define BUDGET_PAUSE     60000
#define BUDGET_FAILURES  8 /* in a row, until an account pauses; of a wide network and a zone 64 */
#define BUDGET_WIDE      8
#define BUDGET_NAMES     8
#define BUDGET_ACCOUNTS  16384
#define BUDGET_KEY_BYTES 16 /* crypto_shorthash_KEYBYTES */

struct account {
  uint64_t id;
  struct account *chained, *older, *newer; /* of its bucket; of those without an open question */
  uint64_t open, slow, limit;
  uint32_t failures, failures_max; /* in a row; failures_max 0: it never pauses */
  int64_t until;                   /* of a pause */
};

/* A question that is under way; zero before it is charged. */
struct charge {
  struct account *account[2];
  struct charge *older, *newer;
  int64_t since;
  bool is_slow, is_open;
};

struct budget {
  uint8_t key[BUDGET_KEY_BYTES];
  uint64_t limit, open, slow;
  struct account *pool, **bucket;
  size_t used; /* of the pool */
  struct account *oldest, *newest;
  struct charge *first, *last, *next_slow; /* open ones; the first that is not slow */
  int64_t answered;                        /* when a question was answered last */
};

/* limit 0: no question is refused. key: random bytes. False: out of memory. */
bool budget_init(struct budget *b, uint64_t limit, const uint8_t *key);
void budget_free(struct budget *b);

enum budget_result { BUDGET_ALLOWED, BUDGET_NETWORK, BUDGET_ZONE, BUDGET_SERVER };
/* BUDGET_ALLOWED: charged, until budget_release. Else why the question is not to be asked: the peer's
   network, the zone of the name, or all name servers do not answer. list: it is of a DNS list,
   which has no account. */
enum budget_result budget_charge(struct budget *b, struct charge *c, const struct question *q,
                                 const struct addr *peer, bool list, int64_t now);

/* Whether a question that is under way is slow: no other line should wait for it. */
bool budget_is_slow(struct budget *b, const struct charge *c, int64_t now);

/* answered: with anything that says something. */
void budget_release(struct budget *b, struct charge *c, bool answered, int64_t now);

#endif
