#include "resolve/dnsfields.h"
#include "base/textbuf.h"

const char *const dnsfields_keys[] = {"ptr", "fcrdns", "heloa", "sendermx", "dnsbl", "dnswl", NULL};

int dnsfields_fcrdns(const struct lookups *q) {
  bool unknown = q->names_incomplete;
  if (q->state[SLOT_PTR] == SLOT_UNUSED) return ANSWER_ABSENT;
  if (q->status[SLOT_PTR] == DNS_UNKNOWN) return ANSWER_UNKNOWN;
  if (q->status[SLOT_PTR] != DNS_DATA) return ANSWER_ABSENT;
  for (int i = 0; i < q->names_count; i++) {
    if (q->match[SLOT_FORWARD + i] == MATCH_PEER) return ANSWER_YES;
    if (q->match[SLOT_FORWARD + i] == MATCH_UNKNOWN) unknown = true;
  }
  return unknown ? ANSWER_UNKNOWN : ANSWER_NO;
}

static int heloa_of(const struct lookups *q, int n) {
  switch (q->match[SLOT_HELO + n]) {
  case MATCH_PEER: return HELOA_PEER;
  case MATCH_NEAR: return HELOA_NEAR;
  case MATCH_OTHER: return HELOA_OTHER;
  case MATCH_NXDOMAIN:
    if (q->match[SLOT_HELO_CHECK + n] == MATCH_NXDOMAIN) return HELOA_NONE;
  }
  return HELOA_UNKNOWN;
}

/* Of several names the one that is best for the client counts. An unknown one may be better than
   HELOA_OTHER and HELOA_NONE. */
int dnsfields_heloa(const struct lookups *q) {
  static const int best_first[] = {HELOA_PEER, HELOA_NEAR, HELOA_UNKNOWN, HELOA_OTHER, HELOA_NONE};
  bool seen[HELOA_UNKNOWN + 1] = {[HELOA_UNKNOWN] = q->helo_incomplete};
  for (int n = 0; n < q->helos; n++) seen[heloa_of(q, n)] = true;
  for (size_t i = 0; i < sizeof best_first / sizeof *best_first; i++)
    if (seen[best_first[i]]) return best_first[i];
  return HELOA_ABSENT;
}

int dnsfields_sendermx(const struct lookups *q) {
  if (q->state[SLOT_MX] == SLOT_UNUSED) return ANSWER_ABSENT;
  if (q->status[SLOT_MX] == DNS_DATA) return q->null_mx ? ANSWER_UNKNOWN : ANSWER_YES;
  if (q->status[SLOT_SENDER_A] == DNS_DATA || q->status[SLOT_SENDER_AAAA] == DNS_DATA)
    return ANSWER_YES;
  bool no_name = q->status[SLOT_MX] == DNS_NXDOMAIN && q->status[SLOT_SENDER_A] == DNS_NXDOMAIN;
  return no_name ? ANSWER_NO : ANSWER_UNKNOWN;
}

/* Returns 0 if the name does not fit. The names "?" and "-", which mean "unknown" and "none" in a
   session line, are encoded. */
static size_t format_name(char *out, size_t cap, struct span name) {
  size_t used, len = 0;
  if (name.len == 1 && cap >= 3 && (*name.s == '?' || *name.s == '-')) {
    memcpy(out, *name.s == '?' ? "%3F" : "%2D", 3);
    return 3;
  }
  len = escape_put(out, cap, name, ESCAPE_ELEMENT, &used);
  return used == name.len ? len : 0;
}

/* confirmed: only the names that resolve back to the peer. A name that does not fit is left out. */
static void put_names(struct textbuf *t, const struct lookups *q, bool confirmed) {
  struct span rest = span_of(q->names, q->names_len), name;
  size_t start = t->len;
  for (int i = 0; dnsresult_next_name(&rest, &name); i++) {
    if (confirmed && q->match[SLOT_FORWARD + i] != MATCH_PEER) continue;
    size_t comma = t->len > start, left = DNSFIELDS_PTR_MAX - (t->len - start);
    if (left <= comma) return;
    size_t len = format_name(t->at + t->len + comma, left - comma, name);
    if (len == 0) continue;
    if (comma) t->at[t->len] = ',';
    t->len += comma + len;
  }
}

static void put_reverse(struct textbuf *t, const struct lookups *q) {
  int fcrdns = dnsfields_fcrdns(q);
  if (q->state[SLOT_PTR] == SLOT_UNUSED) return;
  textbuf_put_str(t, " ptr=");
  if (q->status[SLOT_PTR] == DNS_UNKNOWN) textbuf_put_str(t, "?");
  else put_names(t, q, fcrdns == ANSWER_YES);
  if (fcrdns == ANSWER_ABSENT) return;
  textbuf_put_str(t, " fcrdns=");
  textbuf_put_str(t, answer_name(fcrdns));
}

/* Nothing if the value is empty: the field is absent. */
static void put_field(struct textbuf *t, const char *key, const char *value) {
  if (!*value) return;
  textbuf_put_str(t, key);
  textbuf_put_str(t, value);
}

/* Adds NAME:CODE to the value of dnsbl= or dnswl=, or nothing if it does not fit. */
static void add_code(struct textbuf *t, const struct dnslist *l, struct span code) {
  size_t comma = t->len > 0;
  if (comma + l->name.len + 1 + code.len > t->cap - t->len) return;
  if (comma) textbuf_put_byte(t, ',');
  for (size_t i = 0; i < l->name.len; i++)
    textbuf_put_byte(t, (char)ascii_lower((unsigned char)l->name.s[i]));
  textbuf_put_byte(t, ':');
  textbuf_put(t, code);
}

static void add_codes(const struct lookups *q, int n, struct textbuf *t) {
  char code[ADDR_TEXT_MAX];
  for (size_t i = 0; i < q->codes[n].count; i++) {
    struct addr a = addr_from_ipv4(q->codes[n].code[i]);
    add_code(t, &q->lists->list[n], span_of(code, addr_format(code, &a)));
  }
}

static bool list_is_unknown(const struct lookups *q, int n) {
  return q->state[SLOT_LIST + n] != SLOT_ANSWERED || q->listed[n] == LISTED_UNKNOWN ||
         q->listed[n] == LISTED_REFUSED;
}

/* The lists that have the peer come first, since what does not fit is left out. */
static void put_lists(struct textbuf *t, const struct lookups *q, enum list_kind kind) {
  char text[DNSFIELDS_LISTS_MAX];
  struct textbuf value = textbuf_of(text, sizeof text);
  bool any = false, asked[DNSLISTS_MAX] = {false};
  for (int n = 0; n < (int)q->lists->count; n++) {
    asked[n] = q->lists->list[n].kind == kind && q->state[SLOT_LIST + n] != SLOT_UNUSED;
    any = any || asked[n];
    if (asked[n]) add_codes(q, n, &value);
  }
  if (!any) return;
  for (int n = 0; n < (int)q->lists->count; n++)
    if (asked[n] && list_is_unknown(q, n)) add_code(&value, &q->lists->list[n], span_str("?"));
  textbuf_put_str(t, kind == LIST_BLACK ? " dnsbl=" : " dnswl=");
  textbuf_put(t, textbuf_span(&value));
}

size_t dnsfields_format(const struct lookups *q, char *out) {
  struct textbuf t = textbuf_of(out, DNSFIELDS_TEXT_MAX);
  put_reverse(&t, q);
  put_field(&t, " heloa=", heloa_name(dnsfields_heloa(q)));
  put_field(&t, " sendermx=", answer_name(dnsfields_sendermx(q)));
  put_lists(&t, q, LIST_BLACK);
  put_lists(&t, q, LIST_WHITE);
  return t.len;
}
