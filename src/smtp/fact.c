#include "smtp/fact.h"
#include <string.h>

static const char *const names[FACTS] = {
    "early-talk", "teaser-talk",       "early-quit",  "talk-in-delay", "pipelined", "hasty-exit",
    "stall",      "body-after-451",    "bare-lf",     "bare-cr",       "auth",      "unoffered",
    "starttls",   "params-after-helo", "no-brackets", "odd-space",     "bad-order", "no-helo",
    "garbage",    "long-line",         "goes-on",     "helo-empty",
};

const char *fact_name(enum fact fact) {
  return names[fact];
}

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
