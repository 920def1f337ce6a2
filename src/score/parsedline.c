#include "score/parsedline.h"

static struct span keep(struct parsedline *s, size_t len) {
  struct span kept = span_of(s->text + s->used, len);
  s->used += len;
  return kept;
}

static bool decode(struct parsedline *s, struct span encoded, struct span *out) {
  size_t len;
  *out = span_of(s->text, 0);
  if (!escape_get(s->text + s->used, sizeof s->text - s->used, encoded, &len)) return false;
  *out = keep(s, len);
  return true;
}

static void lower(struct span text, char *out) {
  for (size_t i = 0; i < text.len; i++) out[i] = (char)ascii_lower((unsigned char)text.s[i]);
}

static bool decode_lower(struct parsedline *s, struct span encoded, struct span *out) {
  if (!decode(s, encoded, out)) return false;
  lower(*out, s->text + s->used - out->len);
  return true;
}

static struct span without_dot(struct span name) {
  if (name.len > 1 && name.s[name.len - 1] == '.') name.len--;
  return name;
}

static void read_address(struct heloname *n) {
  struct span inner = n->lower;
  n->is_literal = inner.len > 2 && inner.s[0] == '[' && inner.s[inner.len - 1] == ']';
  if (n->is_literal) {
    inner = span_of(inner.s + 1, inner.len - 2);
    if (span_starts_nocase(inner, "ipv6:")) inner = span_from(inner, 5);
    if (span_find(inner, ':') < inner.len) inner = span_head(inner, span_find(inner, '%'));
  }
  n->is_address = addr_parse(inner, &n->address);
  n->is_literal = n->is_literal && n->is_address;
}

static void add_helo(struct parsedline *s, struct span element) {
  struct heloname *n = &s->helo[s->helos];
  n->raw = element;
  if (!decode(s, element, &n->decoded)) return;
  if (n->decoded.len > sizeof s->text - s->used) return;
  lower(n->decoded, s->text + s->used);
  n->lower = without_dot(keep(s, n->decoded.len));
  read_address(n);
  s->helos++;
}

/* An empty list is one empty name: HELO had no argument. */
static void read_helo(struct parsedline *s, struct span list) {
  struct span rest = list;
  if (!list.s) return;
  for (bool more = true; more && s->helos < PARSEDLINE_NAMES_MAX;) {
    size_t at = span_find(rest, ',');
    more = at < rest.len;
    add_helo(s, span_head(rest, at));
    rest = span_from(rest, at + 1);
  }
}

static bool read_mailbox(struct parsedline *s, struct span element, struct mailbox *m) {
  m->raw = element;
  if (!decode_lower(s, element, &m->whole)) return false;
  size_t at = span_find_last(m->whole, '@');
  m->local = span_head(m->whole, at);
  m->domain = without_dot(span_from(m->whole, at + 1));
  return m->whole.len > 0;
}

static void read_sender(struct parsedline *s, struct span from) {
  if (!from.s) return;
  s->null_sender = from.len == 0 || span_is(from, "<>");
  s->has_sender = !s->null_sender && read_mailbox(s, from, &s->sender);
}

static void read_recipients(struct parsedline *s, struct span list) {
  struct span element;
  while (s->recipients < PARSEDLINE_RECIPIENTS_MAX && field_list_next(&list, &element))
    if (read_mailbox(s, element, &s->recipient[s->recipients])) s->recipients++;
}

static void read_ptr(struct parsedline *s, struct span list) {
  struct span element;
  s->knows_ptr = list.s && !span_is(list, "?");
  if (!s->knows_ptr || span_is(list, "-")) return;
  while (s->ptrs < PARSEDLINE_NAMES_MAX && field_list_next(&list, &element)) {
    struct span *name = &s->ptr[s->ptrs];
    if (!decode_lower(s, element, name)) {
      s->knows_ptr = false; /* the name does not fit; that does not mean that there is none */
      continue;
    }
    *name = without_dot(*name);
    s->ptr_raw[s->ptrs++] = element;
  }
}

/* Older handlers, which do not write nosmtp=, know two kinds and write them into did=. */
static void read_facts(struct parsedline *s) {
  struct span rest = s->line->did, fact;
  s->sent_auth = false;
  s->no_smtp = s->line->nosmtp;
  while (field_list_next(&rest, &fact)) {
    if (span_is(fact, "auth")) s->sent_auth = true;
    if (s->no_smtp.len) continue;
    if (span_is(fact, "http")) s->no_smtp = fact;
    else if (span_is(fact, "binary")) s->no_smtp = span_str("other");
  }
}

void parsedline_init(struct parsedline *s, const struct sessionline *line) {
  s->line = line;
  s->helos = s->recipients = s->ptrs = s->used = 0;
  s->has_sender = s->null_sender = false;
  s->got_451 =
      line->r451 == ANSWER_YES || (line->r451 == ANSWER_ABSENT && line->stage == STAGE_DATA);
  s->got_mail = line->stage >= STAGE_MAIL;
  read_facts(s);
  read_helo(s, line->helo);
  read_sender(s, line->from);
  read_recipients(s, line->to);
  read_ptr(s, line->ptr);
  if (!decode(s, line->dialect, &s->dialect)) s->dialect.len = 0;
}

bool parsedline_is_polite(const struct parsedline *s) {
  int after = s->line->after;
  return s->got_451 && (after == AFTER_RSET || after == AFTER_NOOP || after == AFTER_MAIL);
}
