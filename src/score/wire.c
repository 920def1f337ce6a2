#include "line/dialecthash.h"
#include "score/families.h"

/* rules/dialects has templates as lines spell them, or their hashes. */
static bool find_dialect(const struct parsedline *s, struct hits *h, struct reason *why,
                         struct span *value) {
  why->key = s->line->dialect;
  if (hits_find_name(h, "dialects", why->key, value)) return true;
  dialecthash_format(s->dialect, h->dialect);
  why->key = span_of(h->dialect, DIALECT_HEX);
  return hits_find_name(h, "dialects", why->key, value);
}

/* All else that the wire shows the handler has seen. An entry's value is "WEIGHT NAME". */
void wire_sins(const struct parsedline *s, struct hits *h) {
  struct reason why = {.text = s->line->dialect, .table = "dialects"};
  struct span value, name;
  struct weight weight;
  if (!h->rules->has.dialects || s->dialect.len == 0 || !find_dialect(s, h, &why, &value)) return;
  if (weight_parse(value, &weight, &name)) hits_fire_weight(h, SIN_DIALECT, weight, &why);
}
