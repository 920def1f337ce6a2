#include "score/families.h"
#include "score/generic.h"

#define HOST_NAME_MAX_BYTES 255

/* Fires a sin as a hint, whatever its mark is. */
static void fire_hint(struct hits *h, int row, struct span text) {
  struct reason why = {.text = text};
  struct weight weight = h->rules->weight[row];
  weight.hint = true;
  hits_fire_weight(h, row, weight, &why);
}

/* ---- what the name claims ---- */

static bool in_own(struct hits *h, const struct addr *a) {
  struct span ignored;
  return h->rules->has.own && hits_find_addr(h, "own", a, &ignored);
}

/* Many networks use the same private addresses as ours. One counts as ours only if it is bare and
   the client's address is private, too. */
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

static void check_us(const struct parsedline *s, struct hits *h, const struct heloname *n) {
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

/* One of the client's reverse names that lead back to it is at or below the domain. */
static bool has_own_name_in(const struct parsedline *s, struct span domain) {
  for (size_t i = 0; s->line->fcrdns == ANSWER_YES && i < s->ptrs; i++)
    if (is_at_or_below(s->ptr[i], domain)) return true;
  return false;
}

/* A name below the domain may be the client's own until it is known that it leads elsewhere: a web
   server, www.example.org, writes to info@example.org. The sin is then a hint. */
static void check_recipients_domain(const struct parsedline *s, struct hits *h,
                                    const struct heloname *n) {
  int heloa = s->line->heloa;
  bool elsewhere = heloa == HELOA_OTHER || heloa == HELOA_NONE;
  if (heloa == HELOA_PEER || n->is_address) return;
  for (size_t i = 0; i < s->recipients; i++) {
    struct span domain = s->recipient[i].domain;
    if (!is_at_or_below(n->lower, domain) || has_own_name_in(s, domain)) continue;
    if (in_own(h, &s->line->peer)) return;
    bool sure = elsewhere && s->line->end != END_QUIT;
    if (elsewhere || n->lower.len == domain.len)
      hits_fire(h, sure ? SIN_HELO_RCPT_SURE : SIN_HELO_RCPT, n->raw);
    else fire_hint(h, SIN_HELO_RCPT, n->raw);
    return;
  }
}

/* No host on the Internet has such an address, but hosts in private networks do, and in tunnels. */
static bool is_not_routed(const struct addr *a) {
  return addr_is_private(a) ||
         addr_purpose(a) & (ADDR_BENCHMARK | ADDR_MULTICAST | ADDR_UNASSIGNED);
}

/* A public address of the other family proves nothing: the client may have it, too. */
static void check_literal(const struct parsedline *s, struct hits *h, const struct heloname *n) {
  const struct addr *peer = &s->line->peer;
  if (addr_is_near(&n->address, peer)) return;
  if (is_not_routed(&n->address)) hits_fire(h, SIN_HELO_LITERAL_PRIVATE, n->raw);
  else if (addr_is_ipv4(&n->address) == addr_is_ipv4(peer)) hits_fire(h, SIN_HELO_LITERAL, n->raw);
}

static void check_address(const struct parsedline *s, struct hits *h, const struct heloname *n) {
  if (!n->is_address) return;
  if (n->is_literal) check_literal(s, h, n);
  else hits_fire(h, SIN_HELO_IP, n->raw);
}

/* One of the client's reverse names is at or below one of the suffixes of the entry. */
static bool has_rdns(const struct parsedline *s, struct span suffixes) {
  struct span word;
  while ((word = span_word(&suffixes)).len)
    for (size_t i = 0; i < s->ptrs; i++)
      if (is_at_or_below(s->ptr[i], word)) return true;
  return false;
}

/* Anyone can write a provider's name into their own reverse zone, so a reverse name counts only if
   it resolves back, or if it is not known whether it does. Only the provider can make a name in its
   domain lead to the client; if it does, the reverse name may be missing for a day. Without an
   answer from the reverse zone nothing is concluded. */
static void check_big_company(const struct parsedline *s, struct hits *h,
                              const struct heloname *n) {
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

static void check_known_bot(struct hits *h, const struct heloname *n) {
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

static void check_dynamic_name(const struct parsedline *s, struct hits *h,
                               const struct heloname *n) {
  if (n->is_address) return;
  switch (generic_classify(h->rules, n->lower, &s->line->peer)) {
  case GENERIC_POOL: hits_fire(h, SIN_HELO_DYNAMIC, n->raw); break;
  case GENERIC_ADDRESS: hits_fire(h, SIN_HELO_DYNAMIC_WEAK, n->raw); break;
  case GENERIC_NOT: break;
  }
}

static void check_changes(const struct parsedline *s, struct hits *h) {
  for (size_t i = 1; i < s->helos; i++)
    if (!span_equal(s->helo[i].lower, s->helo[0].lower)) {
      hits_fire(h, SIN_HELO_CHANGES, s->line->helo);
      return;
    }
}

/* heloa= is what the resolver found for the name; of several names, the result that is best for the
   client. `none` means NXDOMAIN. `near` and `?` are not facts. */
static void check_lookup(const struct parsedline *s, struct hits *h) {
  struct span why = s->line->helo;
  if (s->line->heloa == HELOA_NONE) hits_fire(h, SIN_HELO_UNKNOWN, why);
  if (s->line->heloa == HELOA_OTHER) hits_fire(h, SIN_HELO_MISMATCH, why);
  if (s->line->heloa == HELOA_PEER) hits_fire(h, SIN_HELO_MATCH, why);
}

/* ---- how the name is formed ---- */

static void check_localhost(const struct parsedline *s, struct hits *h, const struct heloname *n) {
  if (!span_is(n->lower, "localhost") && !span_is(n->lower, "localhost.localdomain")) return;
  if (!addr_is_loopback(&s->line->peer)) hits_fire(h, SIN_HELO_LOCALHOST, n->raw);
}

static void check_dot(struct hits *h, const struct heloname *n) {
  if (span_find(n->lower, '.') == n->lower.len) hits_fire(h, SIN_HELO_LABEL, n->raw);
}

static bool all_upper_or_digit(struct span s) {
  for (size_t i = 0; i < s.len; i++)
    if (!ascii_is_digit((unsigned char)s.s[i]) && !(s.s[i] >= 'A' && s.s[i] <= 'Z')) return false;
  return true;
}

static bool is_default_name(struct span label, const char *prefix, size_t random) {
  struct span want = span_str(prefix);
  return label.len == want.len + random && span_equal(span_head(label, want.len), want) &&
         all_upper_or_digit(span_from(label, want.len));
}

/* The names that Windows gives to new machines, alone or with the domain that the machine joined.
   They are in capitals: win-development was chosen by a person. It is a hint if an honest library may
   have sent the name by default, and then left without QUIT as it always does: System.Net.Mail sends
   the machine's name and leaves by RST, smtplib sends a name only if it has a dot. */
static void check_windows_name(const struct parsedline *s, struct hits *h,
                               const struct heloname *n) {
  struct span label = span_head(n->decoded, span_find(n->decoded, '.'));
  bool is_default = is_default_name(label, "WIN-", 11) || is_default_name(label, "DESKTOP-", 7);
  if (!is_default) return;
  if (s->line->end == END_RST || label.len < n->decoded.len) fire_hint(h, SIN_HELO_WINDOWS, n->raw);
  else hits_fire(h, SIN_HELO_WINDOWS, n->raw);
}

struct shape {
  bool underscore, bad;
};

static void note_label(struct span label, struct shape *shape) {
  if (label.len == 0 || label.s[0] == '-' || label.s[label.len - 1] == '-') shape->bad = true;
  for (size_t i = 0; i < label.len; i++) {
    unsigned char c = (unsigned char)label.s[i];
    if (c == '_') shape->underscore = true;
    else if (!ascii_is_letter(c) && !ascii_is_digit(c) && c != '-') shape->bad = true;
  }
}

static struct span last_label(struct span name) {
  size_t dot = span_find_last(name, '.');
  return dot < name.len ? span_from(name, dot + 1) : name;
}

static bool is_private(struct hits *h, struct span label) {
  struct span ignored;
  return h->rules->has.private_tlds && hits_find_name(h, "private-tlds", label, &ignored);
}

/* A private last label may have other characters than a host name: "(none)". */
static void check_characters(struct hits *h, const struct heloname *n) {
  struct shape shape = {false, n->lower.len > HOST_NAME_MAX_BYTES}, end = {false, false};
  struct span last = last_label(n->lower);
  struct span rest = span_head(n->lower, n->lower.len - last.len);
  while (rest.len) note_label(span_cut(&rest, '.'), &shape);
  note_label(last, &end);
  if (shape.bad || (end.bad && !is_private(h, last))) hits_fire(h, SIN_HELO_CHARS, n->raw);
  else if (shape.underscore || end.underscore) hits_fire(h, SIN_HELO_CHARS_UNDERSCORE, n->raw);
}

/* A last label in both tables counts as a top-level domain. If private-tlds does not exist, no label
   is unknown. */
static void check_top_level(struct hits *h, const struct heloname *n) {
  struct span ignored, label = last_label(n->lower);
  if (label.len == n->lower.len || label.len == 0) return; /* that is helo-label or helo-chars */
  if (h->rules->has.tlds && hits_find_name(h, "tlds", label, &ignored)) return;
  if (is_private(h, label)) hits_fire(h, SIN_HELO_TLD, n->raw);
  else if (h->rules->has.tlds && h->rules->has.private_tlds)
    hits_fire(h, SIN_HELO_TLD_UNKNOWN, n->raw);
}

/* If the argument is missing, helo= has an empty name, or the line has no helo=. The handler reports
   it in did=, too. */
static void check_empty(const struct parsedline *s, struct hits *h) {
  struct span why = span_str(s->line->verb == VERB_EHLO ? "EHLO" : "HELO");
  bool empty = !s->line->helo.s && s->line->helos > 0;
  for (size_t i = 0; i < s->helos; i++) empty = empty || s->helo[i].lower.len == 0;
  if (empty) hits_fire(h, SIN_HELO_EMPTY, why);
}

/* ---- all checks ---- */

static void check_claims(const struct parsedline *s, struct hits *h, const struct heloname *n) {
  check_us(s, h, n);
  check_recipients_domain(s, h, n);
  check_address(s, h, n);
  check_big_company(s, h, n);
  check_known_bot(h, n);
  check_dynamic_name(s, h, n);
}

static void check_form(const struct parsedline *s, struct hits *h, const struct heloname *n) {
  check_localhost(s, h, n);
  check_dot(h, n);
  check_windows_name(s, h, n);
  check_characters(h, n);
  check_top_level(h, n);
}

void helo_sins(const struct parsedline *s, struct hits *h) {
  for (size_t i = 0; i < s->helos; i++) {
    const struct heloname *n = &s->helo[i];
    if (n->lower.len == 0) continue;
    check_claims(s, h, n);
    if (!n->is_address) check_form(s, h, n);
  }
  check_changes(s, h);
  check_lookup(s, h);
  check_empty(s, h);
}
