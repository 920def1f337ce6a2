#include "score/families.h"
#include "score/generic.h"

static bool in_own(struct hits *h, const struct addr *a) {
  struct span ignored;
  return h->rules->has.own && hits_find_addr(h, "own", a, &ignored);
}

/* A private address means another machine in another network: behind a NAT half the world shares
   ours. It is ours only when a bare one comes from such a network itself. */
static bool claims_our_address(const struct parsedline *s, struct hits *h,
                               const struct heloname *n) {
  if (addr_is_private(&n->address) && (n->is_literal || !addr_is_private(&s->line->peer)))
    return false;
  if (addr_compare(&n->address, &s->line->peer) == 0) return false;
  return addr_compare(&n->address, &s->line->local) == 0 || in_own(h, &n->address);
}

static bool claims_our_name(struct hits *h, const struct heloname *n) {
  struct span ignored;
  return !n->is_address && h->rules->has.own_names &&
         hits_find_name(h, "own-names", n->lower, &ignored);
}

static void us(const struct parsedline *s, struct hits *h, const struct heloname *n) {
  struct reason why = {.text = n->raw};
  if (n->is_address && claims_our_address(s, h, n)) {
    why.address = &n->address;
    if (addr_compare(&n->address, &s->line->local) != 0) why.table = "own";
  } else if (claims_our_name(h, n)) {
    why.key = n->lower;
    why.table = "own-names";
  } else {
    return;
  }
  if (!in_own(h, &s->line->peer)) hits_fire_because(h, SIN_HELO_US, &why);
}

static bool is_at_or_below(struct span name, struct span domain) {
  if (domain.len == 0 || !span_ends_nocase(name, domain)) return false;
  return name.len == domain.len || name.s[name.len - domain.len - 1] == '.';
}

/* A name of the client's own: one of its reverse names that lead back is at or below the domain. */
static bool has_own_name_in(const struct parsedline *s, struct span domain) {
  for (size_t i = 0; s->line->fcrdns == ANSWER_YES && i < s->ptrs; i++)
    if (is_at_or_below(s->ptr[i], domain)) return true;
  return false;
}

static void recipients_domain(const struct parsedline *s, struct hits *h,
                              const struct heloname *n) {
  int heloa = s->line->heloa;
  bool elsewhere = heloa == HELOA_OTHER || heloa == HELOA_NONE;
  if (heloa == HELOA_PEER || n->is_address) return;
  for (size_t i = 0; i < s->recipients; i++) {
    struct span domain = s->recipient[i].domain;
    if (!is_at_or_below(n->lower, domain) || has_own_name_in(s, domain)) continue;
    if (in_own(h, &s->line->peer)) return;
    bool sure = elsewhere && s->line->end != END_QUIT;
    hits_fire(h, sure ? SIN_HELO_RCPT_SURE : SIN_HELO_RCPT, n->raw);
    return;
  }
}

/* A literal is compared with the peer's address, so a public one of the other family says nothing:
   it may be the client's, too. */
static void literal(const struct parsedline *s, struct hits *h, const struct heloname *n) {
  const struct addr *peer = &s->line->peer;
  if (addr_is_near(&n->address, peer)) return;
  if (addr_is_private(&n->address)) hits_fire(h, SIN_HELO_LITERAL_PRIVATE, n->raw);
  else if (addr_is_ipv4(&n->address) == addr_is_ipv4(peer)) hits_fire(h, SIN_HELO_LITERAL, n->raw);
}

static void address(const struct parsedline *s, struct hits *h, const struct heloname *n) {
  if (!n->is_address) return;
  if (n->is_literal) literal(s, h, n);
  else hits_fire(h, SIN_HELO_IP, n->raw);
}

/* One of the suffixes of the entry stands in the reverse zone. */
static bool has_rdns(const struct parsedline *s, struct span suffixes) {
  struct span word;
  while ((word = span_word(&suffixes)).len)
    for (size_t i = 0; i < s->ptrs; i++)
      if (is_at_or_below(s->ptr[i], word)) return true;
  return false;
}

/* Anybody may write a big name into his own reverse zone; it must resolve back, unless that is
   unknown. But only the provider itself can make its name lead to the client, so then its reverse
   name may be missing for a day. Without an answer from the reverse zone nothing is concluded. */
static void big_company(const struct parsedline *s, struct hits *h, const struct heloname *n) {
  struct span entry, suffixes;
  int heloa = s->line->heloa;
  if (!h->rules->has.bigco || !s->knows_ptr || n->is_address) return;
  if (heloa == HELOA_PEER || heloa == HELOA_NEAR) return;
  if (!hits_find_suffix(h, "bigco", n->lower, &entry, &suffixes)) return;
  if (has_rdns(s, suffixes) && s->line->fcrdns != ANSWER_NO) return;
  bool leads_elsewhere = heloa == HELOA_OTHER || heloa == HELOA_NONE;
  struct reason why = {.text = n->raw, .table = "bigco", .key = entry};
  hits_fire_because(h, s->ptrs || leads_elsewhere ? SIN_HELO_BIGCO : SIN_HELO_BIGCO_UNSURE, &why);
}

static void known_bot(struct hits *h, const struct heloname *n) {
  struct span ignored;
  struct reason why = {.text = n->raw, .table = "helo", .key = n->lower};
  if (h->fired[SIN_HELO_BOT]) return;
  if (hits_find_name(h, "helo", n->lower, &ignored)) hits_fire_because(h, SIN_HELO_BOT, &why);
  else if (h->rules->has.helo_patterns && hits_find_pattern(h, n->lower)) {
    why.table = "helo-patterns";
    why.key = span_of(h->pattern, h->pattern_len);
    hits_fire_because(h, SIN_HELO_BOT, &why);
  }
}

static void dynamic_name(const struct parsedline *s, struct hits *h, const struct heloname *n) {
  if (n->is_address) return;
  switch (generic_classify(h->rules, n->lower, &s->line->peer)) {
  case GENERIC_POOL: hits_fire(h, SIN_HELO_DYNAMIC, n->raw); break;
  case GENERIC_ADDRESS: hits_fire(h, SIN_HELO_DYNAMIC_WEAK, n->raw); break;
  case GENERIC_NOT: break;
  }
}

static void changes(const struct parsedline *s, struct hits *h) {
  for (size_t i = 1; i < s->helos; i++)
    if (!span_equal(s->helo[i].lower, s->helo[0].lower)) {
      hits_fire(h, SIN_HELO_CHANGES, s->line->helo);
      return;
    }
}

/* What the resolver found for the name; of several names the one that speaks best for the client.
   NXDOMAIN alone is a fact; `near` and `?` are none. */
static void resolved(const struct parsedline *s, struct hits *h) {
  struct span why = s->line->helo;
  if (s->line->heloa == HELOA_NONE) hits_fire(h, SIN_HELO_UNKNOWN, why);
  if (s->line->heloa == HELOA_OTHER) hits_fire(h, SIN_HELO_MISMATCH, why);
  if (s->line->heloa == HELOA_PEER) hits_fire(h, SIN_HELO_MATCH, why);
}

void helo_sins(const struct parsedline *s, struct hits *h) {
  for (size_t i = 0; i < s->helos; i++) {
    const struct heloname *n = &s->helo[i];
    if (n->lower.len == 0) continue;
    us(s, h, n);
    recipients_domain(s, h, n);
    address(s, h, n);
    big_company(s, h, n);
    known_bot(h, n);
    dynamic_name(s, h, n);
  }
  changes(s, h);
  resolved(s, h);
}
