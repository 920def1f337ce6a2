#include "line/dialecthash.h"
#include "score/families.h"

/* rules/dialects has templates as lines spell them, or their hashes. */
static bool find_dialect(const struct subject *s, struct hits *h, struct evidence *why,
                         struct span *value) {
  why->key = s->line->dialect;
  if (find_name(h, "dialects", why->key, value)) return true;
  dialecthash_format(s->dialect, h->dialect);
  why->key = span_of(h->dialect, DIALECT_HEX);
  return find_name(h, "dialects", why->key, value);
}

/* All else that the wire shows the handler has seen. An entry's value is "WEIGHT NAME". */
void wire_sins(const struct subject *s, struct hits *h) {
  struct evidence why = {.text = s->line->dialect, .table = "dialects"};
  struct span value, name;
  struct weight weight;
  if (!h->rules->has.dialects || s->dialect.len == 0 || !find_dialect(s, h, &why, &value)) return;
  if (weight_parse(value, &weight, &name)) sin_fire_weight(h, SIN_DIALECT, weight, &why);
}
