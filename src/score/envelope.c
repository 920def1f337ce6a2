#include "score/families.h"

#define UNKNOWN_RCPTS 3  /* with this many different ones the client guesses names */
#define MANY_RCPTS    20 /* more than this many have the sin many-rcpts */

static bool is_ours(struct hits *h, struct span domain) {
  struct span ignored;
  return hits_find_suffix(h, "domains", domain, &ignored, &ignored);
}

/* user@[192.0.2.1] */
static bool is_at_our_address(const struct parsedline *s, struct hits *h, struct span domain) {
  struct addr address;
  struct span ignored;
  if (domain.len < 2 || domain.s[0] != '[' || domain.s[domain.len - 1] != ']') return false;
  domain = span_of(domain.s + 1, domain.len - 2);
  if (!addr_parse(span_from(domain, span_starts_nocase(domain, "ipv6:") ? 5 : 0), &address))
    return false;
  if (addr_compare(&address, &s->line->local) == 0) return true;
  return h->rules->has.own && hits_find_addr(h, "own", &address, &ignored);
}

static bool is_ascii(struct span text) {
  for (size_t i = 0; i < text.len; i++)
    if ((unsigned char)text.s[i] > 0x7f) return false;
  return true;
}

/* rules/domains has A-labels only, but some libraries send U-labels to any server. */
static bool is_foreign(const struct parsedline *s, struct hits *h, struct span domain) {
  if (!h->rules->has.domains || domain.len == 0 || !is_ascii(domain)) return false;
  return !is_ours(h, domain) && !is_at_our_address(s, h, domain);
}

/* Recipients prove nothing about a client that behaves like a server: anyone can point the MX of a
   domain at us, or forge a sender so that bounces go to a trap. The sin is then listed with weight
   0. */
static void fire_for_recipient(const struct parsedline *s, struct hits *h, int sin,
                               const struct reason *why) {
  const struct sessionline *l = s->line;
  struct weight weight = h->rules->weight[sin];
  bool has_right_name = l->heloa == HELOA_PEER || l->heloa == HELOA_NEAR;
  if (has_right_name && (l->end == END_QUIT || parsedline_is_polite(s)))
    weight = (struct weight){.on = weight.on};
  hits_fire_weight(h, sin, weight, why);
}

static void check_relay(const struct parsedline *s, struct hits *h) {
  for (size_t i = 0; i < s->recipients; i++)
    if (is_foreign(s, h, s->recipient[i].domain)) {
      struct reason why = {.text = s->recipient[i].raw};
      fire_for_recipient(s, h, SIN_RELAY, &why);
      return;
    }
}

static void check_spamtraps(const struct parsedline *s, struct hits *h) {
  struct span ignored;
  if (!h->rules->has.spamtraps) return;
  for (size_t i = 0; i < s->recipients; i++) {
    const struct mailbox *to = &s->recipient[i];
    if (!hits_find_name(h, "spamtraps", to->whole, &ignored)) continue;
    struct reason why = {.text = to->raw, .table = "spamtraps", .key = to->whole};
    fire_for_recipient(s, h, SIN_SPAMTRAP, &why);
    return;
  }
}

/* A list, an alias or a forged sender makes servers show these sins. So they are hints if the client
   keeps the connection for another mail, as servers do, and then drops it without QUIT. */
static void fire_by_others(const struct parsedline *s, struct hits *h, int sin,
                           const struct reason *why) {
  struct weight weight = h->rules->weight[sin];
  weight.hint = weight.hint || (s->line->end != END_QUIT && parsedline_is_polite(s));
  hits_fire_weight(h, sin, weight, why);
}

static bool is_among(const struct parsedline *s, const size_t *seen, size_t count,
                     struct span whole) {
  for (size_t i = 0; i < count; i++)
    if (span_equal(s->recipient[seen[i]].whole, whole)) return true;
  return false;
}

/* The local part is empty if the handler hides local parts. Every host has a postmaster (RFC 5321,
   4.5.1). A recipient in a foreign domain is not in rules/recipients, but it is not a guess. */
static bool is_unknown(const struct parsedline *s, struct hits *h, const struct mailbox *to) {
  struct span ignored;
  if (to->local.len == 0 || span_is(to->local, "postmaster")) return false;
  if (hits_find_name(h, "recipients", to->whole, &ignored)) return false;
  return is_ascii(to->domain) && !is_foreign(s, h, to->domain);
}

static void check_unknown_recipients(const struct parsedline *s, struct hits *h) {
  size_t unknown[UNKNOWN_RCPTS], count = 0;
  if (!h->rules->has.recipients) return;
  for (size_t i = 0; i < s->recipients && count < UNKNOWN_RCPTS; i++) {
    struct span whole = s->recipient[i].whole;
    if (is_among(s, unknown, count, whole) || !is_unknown(s, h, &s->recipient[i])) continue;
    unknown[count++] = i;
  }
  if (count < UNKNOWN_RCPTS) return;
  struct reason why = {.text = s->recipient[unknown[count - 1]].raw};
  fire_by_others(s, h, SIN_UNKNOWN_RCPT, &why);
}

/* to= lists the recipients of the whole session, but from= and rcpts= are those of the last mail. If
   the client sent two mails, the list has recipients of another sender. A list that was cut is
   shorter than the count. */
static bool is_one_mail(const struct parsedline *s) {
  return !sessionline_has(s->line, "rcpts") || s->line->rcpts >= s->recipients;
}

static void check_self_mail(const struct parsedline *s, struct hits *h) {
  if (!s->has_sender || s->sender.local.len == 0 || !is_one_mail(s)) return;
  for (size_t i = 0; i < s->recipients; i++) {
    const struct mailbox *to = &s->recipient[i];
    struct reason why = {.text = to->raw};
    if (span_equal(s->sender.whole, to->whole)) fire_by_others(s, h, SIN_SELF_MAIL, &why);
    if (span_equal(s->sender.local, to->local)) hits_fire(h, SIN_SAME_LOCAL, to->raw);
  }
}

static void check_our_sender(const struct parsedline *s, struct hits *h) {
  if (!h->rules->has.domains || !s->has_sender || s->sender.domain.len == 0) return;
  if (is_ours(h, s->sender.domain)) hits_fire(h, SIN_OUR_SENDER, s->sender.raw);
}

static void check_counts(const struct parsedline *s, struct hits *h) {
  uint64_t count = sessionline_has(s->line, "rcpts") ? s->line->rcpts : s->recipients;
  struct reason many = {.text = span_str("rcpts"), .count = count}, to = {.text = s->line->to};
  if (s->null_sender && count > 1) fire_by_others(s, h, SIN_BOUNCE_MANY, &to);
  if (count > MANY_RCPTS) fire_by_others(s, h, SIN_MANY_RCPTS, &many);
}

void envelope_sins(const struct parsedline *s, struct hits *h) {
  check_relay(s, h);
  check_spamtraps(s, h);
  check_unknown_recipients(s, h);
  check_self_mail(s, h);
  check_our_sender(s, h);
  if (s->line->sendermx == ANSWER_NO) hits_fire(h, SIN_SENDER_NODOMAIN, s->line->from);
  check_counts(s, h);
}
