#include "score/families.h"

#define HOST_NAME_MAX_BYTES 255

static void localhost(const struct subject *s, struct hits *h, const struct heloname *n) {
  if (!span_is(n->folded, "localhost") && !span_is(n->folded, "localhost.localdomain")) return;
  if (!addr_is_loopback(&s->line->peer)) sin_fire(h, SIN_HELO_LOCALHOST, n->shown);
}

static void one_label(struct hits *h, const struct heloname *n) {
  if (span_find(n->folded, '.') == n->folded.len) sin_fire(h, SIN_HELO_LABEL, n->shown);
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
  struct span label = span_head(n->typed, span_find(n->typed, '.'));
  if (is_made_up(label, "WIN-", 11) || is_made_up(label, "DESKTOP-", 7))
    sin_fire(h, SIN_HELO_WINDOWS, n->shown);
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

enum tld { TLD_NONE, TLD_KNOWN, TLD_PRIVATE, TLD_UNKNOWN };

/* Of a last label that is in both tables the site says that it is a top-level domain. Without the
   private ones no label is unknown. */
static enum tld tld_of(struct hits *h, const struct heloname *n) {
  struct span ignored;
  size_t dot = span_find_last(n->folded, '.');
  struct span label = dot < n->folded.len ? span_from(n->folded, dot + 1) : n->folded;
  if (label.len == 0) return TLD_NONE;
  if (h->rules->has.tlds && find_name(h, "tlds", label, &ignored)) return TLD_KNOWN;
  if (!h->rules->has.private_tlds) return TLD_NONE;
  if (find_name(h, "private-tlds", label, &ignored)) return TLD_PRIVATE;
  return h->rules->has.tlds ? TLD_UNKNOWN : TLD_NONE;
}

/* A private last label need not be a host name's: "(none)". */
static void characters(struct hits *h, const struct heloname *n, enum tld tld) {
  struct shape shape = {false, n->folded.len > HOST_NAME_MAX_BYTES};
  struct span rest = n->folded;
  for (bool more = true; more;) {
    size_t dot = span_find(rest, '.');
    more = dot < rest.len;
    if (more || tld != TLD_PRIVATE) look_at_label(span_head(rest, dot), &shape);
    rest = span_from(rest, dot + 1);
  }
  if (shape.bad) sin_fire(h, SIN_HELO_CHARS, n->shown);
  else if (shape.underscore) sin_fire(h, SIN_HELO_CHARS_UNDERSCORE, n->shown);
}

static void top_level(struct hits *h, const struct heloname *n, enum tld tld) {
  if (span_find(n->folded, '.') == n->folded.len) return; /* helo-label */
  if (tld == TLD_PRIVATE) sin_fire(h, SIN_HELO_TLD, n->shown);
  if (tld == TLD_UNKNOWN) sin_fire(h, SIN_HELO_TLD_UNKNOWN, n->shown);
}

/* A missing argument, which the handler tells too, is an empty name in helo=, or nothing at all. */
static void empty(const struct subject *s, struct hits *h) {
  struct span why = span_str(s->line->verb == VERB_EHLO ? "EHLO" : "HELO");
  bool empty = !s->line->helo.s && s->line->helos > 0;
  for (size_t i = 0; i < s->helos; i++) empty = empty || s->helo[i].folded.len == 0;
  if (empty) sin_fire(h, SIN_HELO_EMPTY, why);
}

void heloshape_sins(const struct subject *s, struct hits *h) {
  for (size_t i = 0; i < s->helos; i++) {
    const struct heloname *n = &s->helo[i];
    if (n->folded.len == 0 || n->is_address) continue;
    localhost(s, h, n);
    one_label(h, n);
    windows(h, n);
    enum tld tld = tld_of(h, n);
    characters(h, n, tld);
    top_level(h, n, tld);
  }
  empty(s, h);
}
