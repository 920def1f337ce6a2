#include "score/families.h"
#include "score/generic.h"

static void check_highmx(const struct parsedline *s, struct hits *h) {
  struct span ignored;
  const struct sessionline *l = s->line;
  struct reason why = {.text = span_str("local"), .table = "highmx", .address = &l->local};
  if (span_is(l->mx, "high")) hits_fire(h, SIN_HIGH_MX, span_str("mx=high"));
  else if (h->rules->has.highmx && !addr_is_unset(&l->local) &&
           hits_find_addr(h, "highmx", &l->local, &ignored))
    hits_fire_because(h, SIN_HIGH_MX, &why);
}

#define LISTED_MAX 8

/* Parses "LIST:CODE". False if the code is not a listing: outside 127.0.0.0/8 (RFC 5782), 127.0.0.1,
   127.255.255.x (the list refuses to answer us) or `?`. */
static bool read_answer(struct span element, struct span *list, struct addr *code) {
  size_t colon = span_find_last(element, ':');
  *list = span_head(element, colon);
  if (list->len == 0 || !addr_parse(span_from(element, colon + 1), code)) return false;
  uint32_t ip = addr_is_ipv4(code) ? addr_ipv4(code) : 0;
  return ip >> 24 == 127 && ip >> 8 != 0x7fffff && ip != 0x7f000001;
}

static void add_list_hit(struct hits *h, struct span value, const struct reason *why) {
  struct weight weight;
  struct span rest;
  if (h->list_hits == HITS_LISTS_MAX) return;
  if (!rules_parse_weight(value, &weight, &rest) || weight.points <= 0) return;
  h->list_hit[h->list_hits++] = (struct list_hit){weight, *why};
}

/* The first HELO name or reverse name that the list has. */
static void find_listed_name(const struct parsedline *s, struct hits *h, const char *list) {
  struct reason why = {.table = list};
  struct span value;
  for (size_t i = 0; i < s->helos + s->ptrs; i++) {
    const struct heloname *helo = i < s->helos ? &s->helo[i] : NULL;
    if (helo && helo->is_address) continue;
    struct span name = helo ? helo->lower : s->ptr[i - s->helos];
    why.text = helo ? helo->raw : s->ptr_raw[i - s->helos];
    if (!hits_find_suffix(h, list, name, &why.key, &value) || value.len == 0) continue;
    add_list_hit(h, value, &why);
    return;
  }
}

/* The lists in tables.d. Each counts at most once. */
static void check_rule_lists(const struct parsedline *s, struct hits *h) {
  struct reason why = {.text = span_str("peer"), .address = &s->line->peer};
  struct span value;
  for (size_t i = 0; i < h->rules->lists; i++) {
    const struct list *list = &h->rules->list[i];
    why.table = list->name;
    if (!list->addresses) find_listed_name(s, h, list->name);
    else if (hits_find_in(h, list->addresses, &s->line->peer, &value)) add_list_hit(h, value, &why);
  }
}

static bool is_counted(const struct hits *h, struct span list) {
  for (size_t i = 0; i < h->list_hits; i++)
    if (span_equal(h->list_hit[i].why.key, list) && strcmp(h->list_hit[i].why.table, "dnsbl") == 0)
      return true;
  return false;
}

/* A list may answer with several codes, in any order. It counts once. */
static void check_dns_lists(const struct parsedline *s, struct hits *h) {
  struct span value, rest = s->line->dnsbl, element, list;
  struct addr code;
  while (field_list_next(&rest, &element)) {
    if (!read_answer(element, &list, &code) || !hits_find_name(h, "dnsbl", list, &value)) continue;
    struct reason answer = {.text = element, .table = "dnsbl", .key = list};
    if (!is_counted(h, list)) add_list_hit(h, value, &answer);
  }
}

/* The hit has the reason of the first list; explain.c shows those of all lists. */
static void fire_lists(struct hits *h) {
  struct weight sum = {.on = true};
  int witness = 0;
  for (size_t i = 0; i < h->list_hits; i++) {
    const struct weight *weight = &h->list_hit[i].weight;
    sum.points += weight->points;
    if (!weight->hint) witness += weight->points;
    sum.sure = sum.sure || weight->sure;
  }
  if (sum.points > LISTED_MAX) sum.points = LISTED_MAX;
  if (witness > LISTED_MAX) witness = LISTED_MAX;
  if (h->list_hits) hits_fire_part(h, SIN_LISTED, sum, witness, &h->list_hit[0].why);
}

static void check_lists(const struct parsedline *s, struct hits *h) {
  struct span value;
  struct reason entry = {.text = span_str("peer"), .table = "blacklist", .address = &s->line->peer};
  if (h->rules->has.blacklist && hits_find_addr(h, "blacklist", &s->line->peer, &value))
    add_list_hit(h, value, &entry);
  check_rule_lists(s, h);
  if (h->rules->has.dnsbl) check_dns_lists(s, h);
  fire_lists(h);
}

static bool is_bad_name(struct span name) {
  bool dot = false;
  for (size_t i = 0; i < name.len; i++) {
    unsigned char c = (unsigned char)name.s[i];
    if (c == '.') dot = true;
    else if (!ascii_is_letter(c) && !ascii_is_digit(c) && c != '-' && c != '_') return true;
  }
  return !dot || span_is(name, "localhost.localdomain");
}

static void check_reverse_names(const struct parsedline *s, struct hits *h) {
  enum generic worst = GENERIC_POOL;
  size_t shown = 0;
  for (size_t i = 0; i < s->ptrs; i++) {
    if (is_bad_name(s->ptr[i])) hits_fire(h, SIN_BAD_RDNS, s->ptr_raw[i]);
    enum generic kind = generic_classify(h->rules, s->ptr[i], &s->line->peer);
    if (kind >= worst) continue;
    worst = kind;
    shown = i;
  }
  if (s->ptrs == 0 || worst == GENERIC_NOT) return;
  hits_fire(h, worst == GENERIC_POOL ? SIN_GENERIC_RDNS_POOL : SIN_GENERIC_RDNS, s->ptr_raw[shown]);
}

static void check_dynamic(const struct parsedline *s, struct hits *h) {
  struct span ignored;
  const struct addr *peer = &s->line->peer;
  struct reason why = {.text = span_str("peer"), .table = "dynamic", .address = peer};
  if (h->rules->has.dynamic && hits_find_addr(h, "dynamic", peer, &ignored))
    hits_fire_because(h, SIN_DYNAMIC, &why);
}

void source_sins(const struct parsedline *s, struct hits *h) {
  check_highmx(s, h);
  check_dynamic(s, h);
  check_lists(s, h);
  if (s->knows_ptr && s->ptrs == 0) hits_fire(h, SIN_NO_RDNS, span_str("ptr"));
  if (s->ptrs && s->line->fcrdns == ANSWER_NO) hits_fire(h, SIN_RDNS_MISMATCH, s->line->ptr);
  check_reverse_names(s, h);
}

/* A reverse name counts only if it resolves back to the client. */
static bool is_whitelisted_name(const struct parsedline *s, struct hits *h, struct reason *why) {
  struct span ignored;
  if (!h->rules->has.whitelist_names || s->line->fcrdns != ANSWER_YES) return false;
  for (size_t i = 0; i < s->ptrs; i++) {
    *why = (struct reason){.text = s->ptr_raw[i], .table = "whitelist-names"};
    if (hits_find_suffix(h, "whitelist-names", s->ptr[i], &why->key, &ignored)) return true;
  }
  return false;
}

/* The resolver is configured to ask these lists. 127.0.0.255 is one large list's refusal to
   answer. */
static bool is_whitelisted_by_dns(const struct parsedline *s, struct reason *why) {
  struct span rest = s->line->dnswl, element, list;
  struct addr code;
  while (field_list_next(&rest, &element)) {
    *why = (struct reason){.text = element};
    if (read_answer(element, &list, &code) && addr_ipv4(&code) != 0x7f0000ff) return true;
  }
  return false;
}

bool source_is_exempt(const struct parsedline *s, struct hits *h, struct reason *why) {
  struct span ignored;
  *why = (struct reason){.text = span_str("peer"), .table = "whitelist", .address = &s->line->peer};
  if (h->rules->has.whitelist && hits_find_addr(h, "whitelist", &s->line->peer, &ignored))
    return true;
  return is_whitelisted_name(s, h, why) || is_whitelisted_by_dns(s, why);
}
