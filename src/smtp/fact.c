#include "smtp/fact.h"
#include <string.h>

/* clang-format off */
#define NAMES(X) \
  X(FACT_EARLY_TALK, "early-talk")               \
  X(FACT_TEASER_TALK, "teaser-talk")             \
  X(FACT_EARLY_QUIT, "early-quit")               \
  X(FACT_TALK_IN_DELAY, "talk-in-delay")         \
  X(FACT_PIPELINED, "pipelined")                 \
  X(FACT_HASTY_EXIT, "hasty-exit")               \
  X(FACT_STALL, "stall")                         \
  X(FACT_BODY_AFTER_451, "body-after-451")       \
  X(FACT_BARE_LF, "bare-lf")                     \
  X(FACT_BARE_CR, "bare-cr")                     \
  X(FACT_AUTH, "auth")                           \
  X(FACT_UNOFFERED, "unoffered")                 \
  X(FACT_STARTTLS, "starttls")                   \
  X(FACT_PARAMS_AFTER_HELO, "params-after-helo") \
  X(FACT_NO_BRACKETS, "no-brackets")             \
  X(FACT_ODD_SPACE, "odd-space")                 \
  X(FACT_BAD_ORDER, "bad-order")                 \
  X(FACT_NO_HELO, "no-helo")                     \
  X(FACT_GARBAGE, "garbage")                     \
  X(FACT_LONG_LINE, "long-line")                 \
  X(FACT_GOES_ON, "goes-on")                     \
  X(FACT_HELO_EMPTY, "helo-empty")
/* clang-format on */

#define NAME_ROW(fact, name)   [fact] = name,
#define NAME_ONE(fact, name)   +1
#define NAME_BYTES(fact, name) +sizeof(name) /* with a comma */

static const char *const names[FACTS] = {NAMES(NAME_ROW)};

_Static_assert(NAMES(NAME_ONE) == FACTS, "a fact has no name");
_Static_assert(NAMES(NAME_BYTES) <= FACT_TEXT_MAX, "FACT_TEXT_MAX does not hold all names");

size_t fact_list(fact_set set, char *out) {
  size_t n = 0;
  for (enum fact fact = 0; fact < FACTS; fact++) {
    if (!fact_seen(set, fact)) continue;
    size_t len = strlen(names[fact]);
    if (n) out[n++] = ',';
    memcpy(out + n, names[fact], len);
    n += len;
  }
  return n;
}
