#include "resolve/dnsfields.h"

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

/* Of several names the one that speaks best for the client counts, and an unknown one speaks for
   it. */
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
  bool nowhere = q->status[SLOT_MX] == DNS_NXDOMAIN && q->status[SLOT_SENDER_A] == DNS_NXDOMAIN;
  return nowhere ? ANSWER_NO : ANSWER_UNKNOWN;
}

struct text {
  char *at;
  size_t len;
};

static void add(struct text *t, struct span s) {
  memcpy(t->at + t->len, s.s, s.len);
  t->len += s.len;
}

/* A name that would read as "not known" or as "none" loses that look. */
static size_t escape_name(char *out, size_t cap, struct span name) {
  size_t used, len = 0;
  if (name.len == 1 && cap >= 3 && (*name.s == '?' || *name.s == '-')) {
    memcpy(out, *name.s == '?' ? "%3F" : "%2D", 3);
    return 3;
  }
  len = escape_put(out, cap, name, ESCAPE_ELEMENT, &used);
  return used == name.len ? len : 0;
}

/* Names that do not fit are left out whole. */
static void add_names(struct text *t, const struct lookups *q, bool confirmed) {
  struct span rest = span_of(q->names, q->names_len), name;
  size_t start = t->len;
  for (int i = 0; dnsresult_next_name(&rest, &name); i++) {
    if (confirmed && q->match[SLOT_FORWARD + i] != MATCH_PEER) continue;
    size_t comma = t->len > start, left = DNSFIELDS_PTR_MAX - (t->len - start);
    if (left <= comma) return;
    size_t len = escape_name(t->at + t->len + comma, left - comma, name);
    if (len == 0) continue;
    if (comma) t->at[t->len] = ',';
    t->len += comma + len;
  }
}

static void add_reverse(struct text *t, const struct lookups *q) {
  int fcrdns = dnsfields_fcrdns(q);
  if (q->state[SLOT_PTR] == SLOT_UNUSED) return;
  add(t, span_str(" ptr="));
  if (q->status[SLOT_PTR] == DNS_UNKNOWN) add(t, span_str("?"));
  else add_names(t, q, fcrdns == ANSWER_YES);
  if (fcrdns == ANSWER_ABSENT) return;
  add(t, span_str(" fcrdns="));
  add(t, span_str(answer_name(fcrdns)));
}

static void add_named(struct text *t, const char *key, const char *value) {
  if (!*value) return;
  add(t, span_str(key));
  add(t, span_str(value));
}

struct listtext {
  char text[DNSFIELDS_LISTS_MAX];
  size_t len;
};

static void add_code(struct listtext *t, const struct dnslist *l, const char *code, size_t len) {
  size_t comma = t->len > 0;
  if (comma + l->name.len + 1 + len > sizeof t->text - t->len) return;
  if (comma) t->text[t->len++] = ',';
  for (size_t i = 0; i < l->name.len; i++)
    t->text[t->len++] = (char)ascii_lower((unsigned char)l->name.s[i]);
  t->text[t->len++] = ':';
  memcpy(t->text + t->len, code, len);
  t->len += len;
}

static void collect_codes(const struct lookups *q, int n, struct listtext *t) {
  char code[ADDR_TEXT_MAX];
  for (size_t i = 0; i < q->codes[n].count; i++) {
    struct addr a = addr_from_ipv4(q->codes[n].code[i]);
    add_code(t, &q->lists->list[n], code, addr_format(code, &a));
  }
}

static bool is_unknown(const struct lookups *q, int n) {
  return q->state[SLOT_LIST + n] != SLOT_ANSWERED || q->listed[n] == LISTED_UNKNOWN ||
         q->listed[n] == LISTED_REFUSED;
}

/* Listings come first: what has no room is left out. */
static void add_lists(struct text *t, const struct lookups *q, enum list_kind kind) {
  struct listtext lists = {.len = 0};
  bool any = false, mine[DNSLISTS_MAX] = {false};
  for (int n = 0; n < (int)q->lists->count; n++) {
    mine[n] = q->lists->list[n].kind == kind && q->state[SLOT_LIST + n] != SLOT_UNUSED;
    any = any || mine[n];
    if (mine[n]) collect_codes(q, n, &lists);
  }
  if (!any) return;
  for (int n = 0; n < (int)q->lists->count; n++)
    if (mine[n] && is_unknown(q, n)) add_code(&lists, &q->lists->list[n], "?", 1);
  add(t, span_str(kind == LIST_BLACK ? " dnsbl=" : " dnswl="));
  add(t, span_of(lists.text, lists.len));
}

size_t dnsfields_format(const struct lookups *q, char *out) {
  struct text t = {out, 0};
  add_reverse(&t, q);
  add_named(&t, " heloa=", heloa_name(dnsfields_heloa(q)));
  add_named(&t, " sendermx=", answer_name(dnsfields_sendermx(q)));
  add_lists(&t, q, LIST_BLACK);
  add_lists(&t, q, LIST_WHITE);
  return t.len;
}
