#include "score/families.h"

/* Connections held, and connects a minute, of one address, from which it hammers. */
#define HAMMER_PEERS  5
#define HAMMER_RECENT 6

/* All else about timing the handler has seen. An absent count is 0. */
void timing_sins(const struct parsedline *s, struct hits *h) {
  const struct sessionline *l = s->line;
  struct reason peers = {.text = span_str("peers"), .count = l->peers};
  struct reason recent = {.text = span_str("recent"), .count = l->recent};
  if (l->peers >= HAMMER_PEERS) hits_fire_because(h, SIN_HAMMER, &peers);
  if (l->recent >= HAMMER_RECENT) hits_fire_because(h, SIN_HAMMER, &recent);
}
