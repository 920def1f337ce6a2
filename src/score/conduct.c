/* The families timing, wire and ending: how the client behaves. The handler finds most of these
   sins and writes them into did=, which hits_fire_did reads; the rest is here. */
#include "line/dialecthash.h"
#include "score/families.h"

/* An address hammers if it holds this many connections, or connects this often within a minute. */
#define HAMMER_PEERS  5
#define HAMMER_RECENT 6

/* A count that the line does not have is 0. */
static void check_hammer(const struct parsedline *s, struct hits *h) {
  const struct sessionline *l = s->line;
  struct reason peers = {.text = span_str("peers"), .count = l->peers};
  struct reason recent = {.text = span_str("recent"), .count = l->recent};
  if (l->peers >= HAMMER_PEERS) hits_fire_because(h, SIN_HAMMER, &peers);
  if (l->recent >= HAMMER_RECENT) hits_fire_because(h, SIN_HAMMER, &recent);
}

/* An entry of rules/dialects is a dialect as in dialect=, or its hash. */
static bool find_dialect(const struct parsedline *s, struct hits *h, struct reason *why,
                         struct span *value) {
  why->key = s->line->dialect;
  if (hits_find_name(h, "dialects", why->key, value)) return true;
  dialecthash_format(s->dialect, h->dialect);
  why->key = span_of(h->dialect, DIALECT_HEX);
  return hits_find_name(h, "dialects", why->key, value);
}

/* The value of an entry is "WEIGHT NAME". */
static void check_dialect(const struct parsedline *s, struct hits *h) {
  struct reason why = {.text = s->line->dialect, .table = "dialects"};
  struct span value, name;
  struct weight weight;
  if (!h->rules->has.dialects || s->dialect.len == 0 || !find_dialect(s, h, &why, &value)) return;
  if (rules_parse_weight(value, &weight, &name)) hits_fire_weight(h, SIN_DIALECT, weight, &why);
}

/* A shorter watch proves nothing: an honest server may send QUIT after a minute of silence. */
#define WATCH_MIN_MS 90000

static int ending_of(const struct parsedline *s) {
  const struct sessionline *l = s->line;
  if (l->end == END_QUIT) return SIN_QUIT;
  if (!s->got_451) return -1;
  if (parsedline_is_polite(s)) return SIN_POLITE;
  if (l->end == END_FIN) return SIN_NO_QUIT;
  if (l->end == END_RST) return SIN_RESET;
  if (l->end == END_IDLE && l->after == AFTER_NONE && l->ms >= WATCH_MIN_MS) return SIN_ABANDONED;
  return -1;
}

static void check_ending(const struct parsedline *s, struct hits *h) {
  int sin = ending_of(s);
  if (sin >= 0) hits_fire(h, sin, span_str(end_name(s->line->end)));
  if (sin == SIN_QUIT && parsedline_is_polite(s))
    hits_fire(h, SIN_POLITE, span_str(after_name(s->line->after)));
}

void conduct_sins(const struct parsedline *s, struct hits *h) {
  check_hammer(s, h);
  check_dialect(s, h);
  check_ending(s, h);
}
