#include "score/families.h"

#define HOST_NAME_MAX_BYTES 255

static void localhost(const struct parsedline *s, struct hits *h, const struct heloname *n) {
  if (!span_is(n->lower, "localhost") && !span_is(n->lower, "localhost.localdomain")) return;
  if (!addr_is_loopback(&s->line->peer)) hits_fire(h, SIN_HELO_LOCALHOST, n->raw);
}

static void one_label(struct hits *h, const struct heloname *n) {
  if (span_find(n->lower, '.') == n->lower.len) hits_fire(h, SIN_HELO_LABEL, n->raw);
}

static bool all_upper_or_digit(struct span s) {
  for (size_t i = 0; i < s.len; i++)
    if (!ascii_is_digit((unsigned char)s.s[i]) && !(s.s[i] >= 'A' && s.s[i] <= 'Z')) return false;
  return true;
}

static bool is_made_up(struct span label, const char *prefix, size_t random) {
  struct span want = span_str(prefix);
  return label.len == want.len + random && span_equal(span_head(label, want.len), want) &&
         all_upper_or_digit(span_from(label, want.len));
}

/* The names that Windows gives to new machines, bare or with the domain it was joined to. They are
   in capitals: win-development is somebody's choice. */
static void windows(struct hits *h, const struct heloname *n) {
  struct span label = span_head(n->decoded, span_find(n->decoded, '.'));
  if (is_made_up(label, "WIN-", 11) || is_made_up(label, "DESKTOP-", 7))
    hits_fire(h, SIN_HELO_WINDOWS, n->raw);
}

struct shape {
  bool underscore, bad;
};

static void look_at_label(struct span label, struct shape *shape) {
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

/* A private last label need not be a host name's: "(none)". */
static void characters(struct hits *h, const struct heloname *n) {
  struct shape shape = {false, n->lower.len > HOST_NAME_MAX_BYTES}, end = {false, false};
  struct span last = last_label(n->lower);
  struct span rest = span_head(n->lower, n->lower.len - last.len);
  while (rest.len) look_at_label(span_cut(&rest, '.'), &shape);
  look_at_label(last, &end);
  if (shape.bad || (end.bad && !is_private(h, last))) hits_fire(h, SIN_HELO_CHARS, n->raw);
  else if (shape.underscore || end.underscore) hits_fire(h, SIN_HELO_CHARS_UNDERSCORE, n->raw);
}

/* Of a last label that is in both tables the site says that it is a top-level domain. Without the
   private ones no label is unknown. */
static void top_level(struct hits *h, const struct heloname *n) {
  struct span ignored, label = last_label(n->lower);
  if (label.len == n->lower.len || label.len == 0) return; /* helo-label, helo-chars */
  if (h->rules->has.tlds && hits_find_name(h, "tlds", label, &ignored)) return;
  if (is_private(h, label)) hits_fire(h, SIN_HELO_TLD, n->raw);
  else if (h->rules->has.tlds && h->rules->has.private_tlds)
    hits_fire(h, SIN_HELO_TLD_UNKNOWN, n->raw);
}

/* A missing argument, which the handler tells too, is an empty name in helo=, or nothing at all. */
static void empty(const struct parsedline *s, struct hits *h) {
  struct span why = span_str(s->line->verb == VERB_EHLO ? "EHLO" : "HELO");
  bool empty = !s->line->helo.s && s->line->helos > 0;
  for (size_t i = 0; i < s->helos; i++) empty = empty || s->helo[i].lower.len == 0;
  if (empty) hits_fire(h, SIN_HELO_EMPTY, why);
}

void heloshape_sins(const struct parsedline *s, struct hits *h) {
  for (size_t i = 0; i < s->helos; i++) {
    const struct heloname *n = &s->helo[i];
    if (n->lower.len == 0 || n->is_address) continue;
    localhost(s, h, n);
    one_label(h, n);
    windows(h, n);
    characters(h, n);
    top_level(h, n);
  }
  empty(s, h);
}
