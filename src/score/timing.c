#include "score/families.h"

/* Connections held, and connects a minute, of one address, from which it hammers. */
#define HAMMER_PEERS  5
#define HAMMER_RECENT 6

/* All else about timing the handler has seen. An absent count is 0. */
void timing_sins(const struct subject *s, struct hits *h) {
  const struct sessionline *l = s->line;
  struct evidence peers = {.text = span_str("peers"), .count = l->peers};
  struct evidence recent = {.text = span_str("recent"), .count = l->recent};
  if (l->peers >= HAMMER_PEERS) sin_fire_for(h, SIN_HAMMER, &peers);
  if (l->recent >= HAMMER_RECENT) sin_fire_for(h, SIN_HAMMER, &recent);
}
