/* budget.h: limits how many slow questions one network or one zone may have.

   A question is slow if it has waited BUDGET_SLOW_MS. It is charged to two accounts:

     question     account                                           slow questions allowed
     PTR          the client's network, IPv4 /24 or IPv6 /48        limit
                  the network around it, /16 or /32                 8 * limit
     A, AAAA, MX  names that clients of this /24 or /48 gave        8 * limit
                  the zone of the name: its last two labels, or
                  three if the second last has at most 3 bytes and
                  the last 2, as in co.uk                           8 * limit

   While an account has that many slow questions, no further question is charged to it.

   A failure is a slow question that ends without an answer. It counts only if another question was
   answered in the meantime; otherwise the name server is at fault. After BUDGET_FAILURES failures
   in a row an account pauses for BUDGET_PAUSE_MS, and then allows one question at a time until one
   is answered. A wide network or a zone has BUDGET_WIDE times as many failures. The account for
   names that clients gave never pauses.

   If `limit` questions are slow and none at all was answered for BUDGET_SLOW_MS, the name server is
   silent. Then few questions that are not slow may be open: BUDGET_PROBES * limit. Once the oldest
   of them has waited for BUDGET_PROBE_MS, only `limit` may be.

   A network whose questions are answered in time is never refused, however many lines it has.

   Accounts are found by a keyed hash of their network or zone. There are BUDGET_ACCOUNTS; if all
   are used, the one that had its last open question longest ago is used again. Times are monotonic
   milliseconds. */
#ifndef SINBIN_RESOLVE_BUDGET_H
#define SINBIN_RESOLVE_BUDGET_H

#include "resolve/question.h"

#define BUDGET_SLOW_MS   2000
#define BUDGET_PROBE_MS  200
#define BUDGET_PROBES    16
#define BUDGET_PAUSE_MS  60000
#define BUDGET_FAILURES  8
#define BUDGET_WIDE      8 /* times the limit, for a wide network or a zone */
#define BUDGET_NAMES     8 /* times the limit, for names that clients gave */
#define BUDGET_ACCOUNTS  16384
#define BUDGET_KEY_BYTES 16 /* crypto_shorthash_KEYBYTES */

struct account {
  uint64_t id;
  struct account *chained;         /* next in the bucket */
  struct account *older, *newer;   /* if it has no open question */
  uint64_t open, slow, limit;      /* questions; the slow ones are open */
  uint32_t failures, failures_max; /* in a row; failures_max 0: it never pauses */
  int64_t paused_until;
};

/* What a question was charged to. All zero: not charged. */
struct charge {
  struct account *account[2]; /* NULL: none */
  struct charge *older, *newer;
  int64_t since;
  bool is_slow, is_open;
};

struct budget {
  uint8_t key[BUDGET_KEY_BYTES];
  uint64_t limit, open, slow; /* questions */
  struct account *pool, **bucket;
  size_t used; /* accounts of the pool */
  struct account *oldest, *newest;
  struct charge *first, *last; /* the open ones */
  struct charge *next_slow;    /* the first open one that is not slow yet */
  int64_t last_answer;
};

/* limit 0: no question is refused. key: BUDGET_KEY_BYTES random bytes. False if there is no
   memory. */
bool budget_init(struct budget *b, uint64_t limit, const uint8_t *key);
void budget_free(struct budget *b);

struct budget_use {
  const struct question *question;
  const struct addr *peer;
  bool is_list; /* the question is about a DNS list, which has no account */
};

enum budget_result { BUDGET_ALLOWED, BUDGET_NETWORK, BUDGET_ZONE, BUDGET_SERVER };
/* BUDGET_ALLOWED: the question is charged until budget_release. Otherwise it must not be asked: the
   client's network, the zone of the name, or the name server does not answer. */
enum budget_result budget_charge(struct budget *b, struct charge *c, const struct budget_use *use,
                                 int64_t now);

/* True if the question is open and slow. No other line should wait for it. */
bool budget_is_slow(struct budget *b, const struct charge *c, int64_t now);

/* answered: there was an answer, positive or negative. */
void budget_release(struct budget *b, struct charge *c, bool answered, int64_t now);

#endif
