#include "resolve/dnslists.h"
#include "base/number.h"

static bool parse_octets(struct span text, uint8_t *first, uint8_t *last) {
  struct span rest = text, head = span_cut(&rest, '-');
  uint64_t low, high;
  if (!number_canonical(head, UINT8_MAX, &low)) return false;
  high = low;
  if (head.len < text.len && !number_canonical(rest, UINT8_MAX, &high)) return false;
  *first = (uint8_t)low;
  *last = (uint8_t)high;
  return low <= high;
}

static bool parse_filter(struct span word, struct dnslist_filter *out) {
  struct span rest = word;
  for (int i = 0; i < 4; i++)
    if (!parse_octets(span_cut(&rest, '.'), &out->first[i], &out->last[i])) return false;
  return rest.len == 0 && word.s[word.len - 1] != '.' && out->first[0] == 127 &&
         out->last[0] == 127;
}

static const char *add_filter(struct dnslist *l, struct span word) {
  if (l->filters == DNSLIST_FILTERS_MAX) return "more than 16 ranges of answers";
  if (!parse_filter(word, &l->filter[l->filters]))
    return "malformed word: want name=, v6, v6only or 127.N.N.N, each N a number or N-M";
  l->filters++;
  return NULL;
}

static const char *add_word(struct dnslist *l, struct span word) {
  if (span_starts_nocase(word, "name=")) {
    l->name = span_from(word, 5);
    return question_zone_is_valid(l->name) && l->name.len <= DNSLIST_NAME_MAX ? NULL
                                                                              : "malformed name";
  }
  if (span_is(word, "v6") || span_is(word, "v6only")) {
    l->serves[LIST_IPV6] = true;
    l->serves[LIST_IPV4] = l->serves[LIST_IPV4] && span_is(word, "v6");
    return NULL;
  }
  return add_filter(l, word);
}

const char *dnslists_add(struct dnslists *l, enum list_kind kind, struct span line) {
  struct dnslist list = {.kind = kind, .serves = {[LIST_IPV4] = true}};
  struct span rest = span_trim(span_head(line, span_find(line, '#'))), word;
  const struct addr any_ipv6 = {{1}};
  struct question longest;
  list.zone = list.name = span_word(&rest);
  if (list.zone.len == 0) return NULL;
  if (l->count == DNSLISTS_MAX) return "more than 16 lists";
  if (!question_zone_is_valid(list.zone)) return "malformed zone";
  while ((word = span_word(&rest)).len) {
    const char *wrong = add_word(&list, word);
    if (wrong) return wrong;
  }
  if (!question_list(&longest, &any_ipv6, list.zone)) return "the zone is too long";
  if (list.name.len > DNSLIST_NAME_MAX) return "the zone is over 64 bytes long and needs a name=";
  for (size_t i = 0; i < l->count; i++)
    if (l->list[i].kind == kind && span_equal_nocase(l->list[i].name, list.name))
      return "the name is used twice";
  l->list[l->count++] = list;
  return NULL;
}

enum list_family dnslist_family(const struct addr *a) {
  return addr_is_ipv4(a) ? LIST_IPV4 : LIST_IPV6;
}

static bool is_refusal(const struct dnslist *l, uint32_t code) {
  return code >> 24 != 127 || code == 0x7f000001 || code >> 8 == 0x7fffff ||
         (l->kind == LIST_WHITE && code == 0x7f0000ff);
}

static bool filter_matches(const struct dnslist_filter *f, uint32_t code) {
  for (int i = 0; i < 4; i++) {
    uint8_t octet = (uint8_t)(code >> (24 - 8 * i));
    if (octet < f->first[i] || octet > f->last[i]) return false;
  }
  return true;
}

static bool matches_filter(const struct dnslist *l, uint32_t code) {
  for (size_t i = 0; i < l->filters; i++)
    if (filter_matches(&l->filter[i], code)) return true;
  return l->filters == 0;
}

/* The order is ascending, because name servers rotate the records of an answer. If there are too
   many codes, the lowest are kept. */
static void add_code(struct dnslist_codes *codes, uint32_t code) {
  size_t at = 0;
  while (at < codes->count && codes->code[at] < code) at++;
  if (at == DNSLIST_CODES_MAX || (at < codes->count && codes->code[at] == code)) return;
  if (codes->count < DNSLIST_CODES_MAX) codes->count++;
  for (size_t i = codes->count - 1; i > at; i--) codes->code[i] = codes->code[i - 1];
  codes->code[at] = code;
}

enum listed dnslist_decode(const struct dnslist *l, const struct dnsresult *answer,
                           struct dnslist_codes *codes) {
  codes->count = 0;
  if (answer->status == DNS_UNKNOWN) return LISTED_UNKNOWN;
  if (answer->status != DNS_DATA) return LISTED_NOT;
  for (size_t i = 0; i < answer->count; i++) {
    struct addr a = dnsresult_address(answer, i);
    if (is_refusal(l, addr_ipv4(&a))) {
      codes->count = 0;
      return LISTED_REFUSED;
    }
    if (matches_filter(l, addr_ipv4(&a))) add_code(codes, addr_ipv4(&a));
  }
  return codes->count ? LISTED_YES : LISTED_NOT;
}

bool dnslist_test_question(const struct dnslist *l, enum list_family family, bool listed,
                           struct question *q) {
  struct addr a = addr_from_ipv4(listed ? 0x7f000002 : 0x7f000001);
  if (family == LIST_IPV4) return question_list(q, &a, l->zone);
  return question_list_mapped(q, &a, l->zone);
}

/* Filters are ignored: the answer for the test address need not match one. */
const char *dnslist_check(const struct dnslist *l, const struct dnsresult *on_listed,
                          const struct dnsresult *on_unlisted) {
  struct dnslist_codes codes;
  struct dnslist unfiltered = *l;
  unfiltered.filters = 0;
  if (on_listed->status == DNS_UNKNOWN || on_unlisted->status == DNS_UNKNOWN)
    return "it does not answer";
  if (on_unlisted->status == DNS_DATA) return "it lists 127.0.0.1, which no list may";
  switch (dnslist_decode(&unfiltered, on_listed, &codes)) {
  case LISTED_YES: return NULL;
  case LISTED_REFUSED: return "it refuses to answer";
  default: return "it does not list 127.0.0.2, which every list does";
  }
}
