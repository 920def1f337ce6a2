#include "score/hits.h"

void hits_init(struct hits *h, const struct rules *rules) {
  h->rules = rules;
  h->damaged = false;
  h->pattern_len = h->list_hits = 0;
  memset(h->fired, 0, sizeof h->fired);
}

int hits_sin_of_row(int row) {
  switch (row) {
  case SIN_EARLY_TALK_SURE: return SIN_EARLY_TALK;
  case SIN_STARTTLS: return SIN_UNOFFERED;
  case SIN_HELO_RCPT_SURE: return SIN_HELO_RCPT;
  case SIN_HELO_LITERAL_PRIVATE: return SIN_HELO_LITERAL;
  case SIN_HELO_CHARS_UNDERSCORE: return SIN_HELO_CHARS;
  case SIN_HELO_TLD_UNKNOWN: return SIN_HELO_TLD;
  case SIN_HELO_BIGCO_UNSURE: return SIN_HELO_BIGCO;
  case SIN_HELO_DYNAMIC_WEAK: return SIN_HELO_DYNAMIC;
  case SIN_GENERIC_RDNS_POOL: return SIN_GENERIC_RDNS;
  default: return row;
  }
}

static bool is_heavier(const struct hit *old, struct weight weight) {
  if (weight.sure != old->sure) return weight.sure;
  return weight.points > old->points;
}

void hits_fire_part(struct hits *h, int row, struct weight weight, int witness,
                    const struct reason *why) {
  int sin = hits_sin_of_row(row);
  struct hit *hit = &h->hit[sin];
  if (!weight.on) return;
  if (h->fired[sin] && hit->witness > witness) witness = hit->witness;
  if (!h->fired[sin] || is_heavier(hit, weight))
    *hit = (struct hit){row, weight.points, witness, weight.sure, *why};
  hit->witness = witness;
  h->fired[sin] = true;
}

void hits_fire_weight(struct hits *h, int row, struct weight weight, const struct reason *why) {
  hits_fire_part(h, row, weight, weight.hint ? 0 : weight.points, why);
}

void hits_fire_because(struct hits *h, int row, const struct reason *why) {
  hits_fire_weight(h, row, h->rules->weight[row], why);
}

void hits_fire(struct hits *h, int row, struct span why) {
  struct reason reason = {.text = why};
  hits_fire_because(h, row, &reason);
}

static bool is_early_data(int row) {
  return row == SIN_EARLY_TALK || row == SIN_EARLY_TALK_SURE || row == SIN_TEASER_TALK ||
         row == SIN_EARLY_QUIT || row == SIN_TALK_IN_DELAY || row == SIN_PIPELINED;
}

/* What the table of -d shows: the early bytes if there are any, else the dialect, else the fact. */
static struct span reason_text(const struct sessionline *line, int row, struct span fact) {
  if (is_early_data(row) && line->talk.len) return line->talk;
  if (sin_families[row] == FAMILY_WIRE && line->dialect.len) return line->dialect;
  return fact;
}

/* Only sins that the handler finds are read from did=. All others are found by the scorer, from
   other fields, even if did= has their name. */
static bool comes_from_did(int row) {
  if (row == SIN_HAMMER || row == SIN_DIALECT || row == SIN_NO_SMTP) return false;
  if (row == SIN_EARLY_TALK_SURE) return false;
  return sin_families[row] == FAMILY_TIMING || sin_families[row] == FAMILY_WIRE ||
         row == SIN_HELO_EMPTY;
}

/* Early talk is sure if the client went on to send mail or to guess passwords. */
static int row_of_fact(const struct parsedline *s, int row) {
  if (row == SIN_EARLY_TALK && (s->got_mail || s->sent_auth)) return SIN_EARLY_TALK_SURE;
  return row;
}

void hits_fire_did(struct hits *h, const struct parsedline *s) {
  struct span rest = s->line->did, fact;
  while (field_list_next(&rest, &fact)) {
    int row = sin_index(fact);
    if (row >= 0 && comes_from_did(row))
      hits_fire(h, row_of_fact(s, row), reason_text(s->line, row, fact));
  }
  if (s->no_smtp.len) hits_fire(h, SIN_NO_SMTP, s->no_smtp);
}

static bool found(struct hits *h, int answer) {
  if (answer < 0) h->damaged = true;
  return answer > 0;
}

bool hits_find_name(struct hits *h, const char *table, struct span key, struct span *value) {
  return found(h, table_find_name(&h->rules->table, table, key, value));
}

bool hits_find_suffix(struct hits *h, const char *table, struct span host, struct span *suffix,
                      struct span *value) {
  return found(h, table_find_suffix(&h->rules->table, table, host, suffix, value));
}

bool hits_find_addr(struct hits *h, const char *table, const struct addr *a, struct span *value) {
  return found(h, table_find_addr(&h->rules->table, table, a, value));
}

bool hits_find_in(struct hits *h, const struct address_table *table, const struct addr *a,
                  struct span *value) {
  return found(h, table_addresses_find(table, a, value));
}

/* The keys of the table are "abc*" and "*abc", so there are two look-ups for each length that
   occurs. */
bool hits_find_pattern(struct hits *h, struct span name) {
  struct span ignored;
  size_t shortest = h->rules->pattern_min, longest = h->rules->pattern_max;
  if (shortest < 2) shortest = 2;
  if (longest > sizeof h->pattern) longest = sizeof h->pattern;
  if (longest > name.len + 1) longest = name.len + 1;
  for (h->pattern_len = shortest; h->pattern_len <= longest; h->pattern_len++) {
    size_t fixed = h->pattern_len - 1;
    struct span key = span_of(h->pattern, h->pattern_len);
    memcpy(h->pattern, name.s, fixed);
    h->pattern[fixed] = '*';
    if (hits_find_name(h, "helo-patterns", key, &ignored)) return true;
    h->pattern[0] = '*';
    memcpy(h->pattern + 1, name.s + name.len - fixed, fixed);
    if (hits_find_name(h, "helo-patterns", key, &ignored)) return true;
  }
  return false;
}
