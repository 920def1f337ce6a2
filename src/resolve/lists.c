#include "resolve/lists.h"

static bool parse_code(struct span text, uint32_t *out) {
  struct addr a;
  if (!addr_parse(text, &a) || !addr_is_ipv4(&a)) return false;
  *out = addr_ipv4(&a);
  return *out >> 24 == 127;
}

static const char *add_range(struct list *l, struct span word) {
  uint32_t first, last;
  struct span rest = word, head = span_cut(&rest, '-');
  if (l->ranges == LIST_RANGES_MAX) return "more than 16 ranges of answers";
  if (!parse_code(head, &first)) return "malformed word: want an answer in 127.0.0.0/8";
  last = first;
  if (head.len < word.len && !parse_code(rest, &last)) return "malformed range of answers";
  if (last < first) return "a range of answers that ends before it begins";
  l->range[l->ranges].first = first;
  l->range[l->ranges++].last = last;
  return NULL;
}

static const char *add_word(struct list *l, struct span word) {
  if (span_starts_nocase(word, "name=")) {
    l->name = span_from(word, 5);
    return zone_is_valid(l->name) && l->name.len <= LIST_NAME_MAX ? NULL : "malformed name";
  }
  if (span_is(word, "v6") || span_is(word, "v6only")) {
    l->serves[LIST_IPV6] = true;
    l->serves[LIST_IPV4] = l->serves[LIST_IPV4] && span_is(word, "v6");
    return NULL;
  }
  return add_range(l, word);
}

const char *lists_add(struct lists *l, enum list_kind kind, struct span line) {
  struct list fresh = {.kind = kind, .serves = {[LIST_IPV4] = true}};
  struct span rest = span_trim(span_head(line, span_find(line, '#'))), word;
  struct question longest;
  const struct addr v6 = {{1}};
  fresh.zone = fresh.name = span_word(&rest);
  if (fresh.zone.len == 0) return NULL;
  if (l->count == LISTS_MAX) return "more than 16 lists";
  if (!zone_is_valid(fresh.zone)) return "malformed zone";
  while ((word = span_word(&rest)).len) {
    const char *wrong = add_word(&fresh, word);
    if (wrong) return wrong;
  }
  if (!question_listed(&longest, &v6, fresh.zone)) return "a zone whose name is too long";
  if (fresh.name.len > LIST_NAME_MAX) return "a zone that long needs a name= of at most 64 bytes";
  for (size_t i = 0; i < l->count; i++)
    if (l->list[i].kind == kind && span_equal_nocase(l->list[i].name, fresh.name))
      return "a second list of that name";
  l->list[l->count++] = fresh;
  return NULL;
}

enum list_family list_family_of(const struct addr *a) {
  return addr_is_ipv4(a) ? LIST_IPV4 : LIST_IPV6;
}

static bool is_refusal(const struct list *l, uint32_t code) {
  return code >> 24 != 127 || code == 0x7f000001 || code >> 8 == 0x7fffff ||
         (l->kind == LIST_WHITE && code == 0x7f0000ff);
}

static bool counts(const struct list *l, uint32_t code) {
  for (size_t i = 0; i < l->ranges; i++)
    if (code >= l->range[i].first && code <= l->range[i].last) return true;
  return l->ranges == 0;
}

/* In order of size, so that the same answer is written the same way however the server turns it;
   of too many the lowest stay. */
static void add_code(struct listing_codes *codes, uint32_t code) {
  size_t at = 0;
  while (at < codes->count && codes->code[at] < code) at++;
  if (at == LIST_CODES_MAX || (at < codes->count && codes->code[at] == code)) return;
  if (codes->count < LIST_CODES_MAX) codes->count++;
  for (size_t i = codes->count - 1; i > at; i--) codes->code[i] = codes->code[i - 1];
  codes->code[at] = code;
}

enum listed list_read(const struct list *l, const struct finding *f, struct listing_codes *codes) {
  codes->count = 0;
  if (f->found == FOUND_UNKNOWN) return LISTED_UNKNOWN;
  if (f->found != FOUND_DATA) return LISTED_NOT;
  for (size_t i = 0; i < f->count; i++) {
    struct addr a = finding_address(f, i);
    if (is_refusal(l, addr_ipv4(&a))) {
      codes->count = 0;
      return LISTED_REFUSED;
    }
    if (counts(l, addr_ipv4(&a))) add_code(codes, addr_ipv4(&a));
  }
  return codes->count ? LISTED_YES : LISTED_NOT;
}

bool list_test_question(const struct list *l, enum list_family family, bool listed,
                        struct question *q) {
  struct addr a = addr_from_ipv4(listed ? 0x7f000002 : 0x7f000001);
  if (family == LIST_IPV4) return question_listed(q, &a, l->zone);
  return question_mapped(q, &a, l->zone);
}

/* A filter on answers may well leave out the one that the test entry has. */
const char *list_judge(const struct list *l, const struct finding *on, const struct finding *off) {
  struct listing_codes codes;
  struct list all = *l;
  all.ranges = 0;
  if (on->found == FOUND_UNKNOWN || off->found == FOUND_UNKNOWN) return "it does not answer";
  if (off->found == FOUND_DATA) return "it lists 127.0.0.1, which no list may";
  switch (list_read(&all, on, &codes)) {
  case LISTED_YES: return NULL;
  case LISTED_REFUSED: return "it refuses to answer";
  default: return "it does not list 127.0.0.2, which every list does";
  }
}
