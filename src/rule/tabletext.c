#include "rule/tabletext.h"
#include "base/number.h"
#include <stdlib.h>

static bool make_room(struct tabletext *table, void **array, size_t size) {
  if (table->count < table->room) return true;
  size_t room = table->room ? 2 * table->room : 64;
  void *grown = reallocarray(*array, room, size);
  if (!grown) return false;
  *array = grown;
  table->room = room;
  return true;
}

bool tabletext_add_prefix(struct tabletext *table, const struct prefix *prefix) {
  void *array = table->prefixes;
  bool ok = make_room(table, &array, sizeof *prefix);
  table->prefixes = array;
  if (ok) table->prefixes[table->count++] = *prefix;
  return ok;
}

bool tabletext_add_named(struct tabletext *table, const struct named *named) {
  void *array = table->named;
  bool ok = make_room(table, &array, sizeof *named);
  table->named = array;
  if (ok) table->named[table->count++] = *named;
  return ok;
}

static void contradiction(struct rule_errors *errors, const char *file, uint32_t line,
                          uint32_t earlier) {
  char number[NUMBER_MAX];
  struct span text = span_of(number, number_format(number, earlier));
  rule_error(errors, file, line, "contradicts an earlier line", text);
}

int tabletext_compare_keys(struct span a, struct span b) {
  size_t shorter = a.len < b.len ? a.len : b.len;
  int order = memcmp(a.s, b.s, shorter);
  return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_named(const void *left, const void *right) {
  const struct named *a = left, *b = right;
  int order = tabletext_compare_keys(a->key, b->key);
  return order ? order : (a->entry.line > b->entry.line) - (a->entry.line < b->entry.line);
}

/* "example.org" and ".example.org" do not contradict each other: the wider reach counts. */
static void finish_named(struct tabletext *table, struct rule_errors *errors) {
  size_t kept = 0;
  if (table->count) qsort(table->named, table->count, sizeof *table->named, compare_named);
  for (size_t i = 0; i < table->count; i++) {
    struct named *now = &table->named[i], *before = kept ? &table->named[kept - 1] : NULL;
    if (!before || !span_equal(before->key, now->key)) table->named[kept++] = *now;
    else if (span_equal(before->entry.value, now->entry.value))
      before->entry.reach |= now->entry.reach;
    else if (before->soft != now->soft) *before = before->soft ? *now : *before;
    else contradiction(errors, table->file, now->entry.line, before->entry.line);
  }
  table->duplicates += table->count - kept;
  table->count = kept;
}

static struct addr last_of_net(const struct addr *a) {
  struct addr last = *a;
  memset(last.byte + 8, 0xff, 8);
  return last;
}

static void widen(const struct tabletext *table, struct prefix *p, struct rule_errors *errors) {
  struct addr first = addr_mask(&p->first, 64), last = last_of_net(&p->last);
  bool whole = addr_compare(&first, &p->first) == 0 && addr_compare(&last, &p->last) == 0;
  if (whole || prefix_family(p) == ADDRESSES_IPV4) return;
  if (p->excluded)
    rule_error(errors, table->file, p->line, "an exclusion of a part of a /64", span_of(NULL, 0));
  p->first = first;
  p->last = last;
}

static void finish_prefixes(struct tabletext *table, struct rule_errors *errors) {
  size_t kept = 0;
  for (size_t i = 0; table->whole_nets && i < table->count; i++)
    widen(table, &table->prefixes[i], errors);
  prefix_sort(table->prefixes, table->count);
  for (size_t i = 0; i < table->count; i++) {
    struct prefix *now = &table->prefixes[i], *before = kept ? &table->prefixes[kept - 1] : NULL;
    if (!before || !prefix_same(before, now)) table->prefixes[kept++] = *now;
    else if (before->soft != now->soft) *before = before->soft ? *now : *before;
    else if (before->excluded != now->excluded || !span_equal(before->value, now->value))
      contradiction(errors, table->file, now->line, before->line);
  }
  table->duplicates += table->count - kept;
  table->count = kept;
}

void tabletext_finish(struct tabletext *table, struct rule_errors *errors) {
  if (table->shape == SHAPE_ADDRESSES) finish_prefixes(table, errors);
  else finish_named(table, errors);
}

void tabletext_free(struct tabletext *table) {
  free(table->prefixes);
  free(table->named);
  table->prefixes = NULL;
  table->named = NULL;
  table->count = table->room = table->duplicates = table->skipped = 0;
}
