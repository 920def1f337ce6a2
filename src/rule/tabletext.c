#include "rule/tabletext.h"
#include "base/number.h"
#include <stdlib.h>

static bool make_room(struct tabletext *rows, void **array, size_t size) {
  if (rows->count < rows->room) return true;
  size_t room = rows->room ? 2 * rows->room : 64;
  void *grown = reallocarray(*array, room, size);
  if (!grown) return false;
  *array = grown;
  rows->room = room;
  return true;
}

bool tabletext_add_prefix(struct tabletext *rows, const struct prefix *prefix) {
  void *array = rows->prefixes;
  bool ok = make_room(rows, &array, sizeof *prefix);
  rows->prefixes = array;
  if (ok) rows->prefixes[rows->count++] = *prefix;
  return ok;
}

bool tabletext_add_named(struct tabletext *rows, const struct named *named) {
  void *array = rows->named;
  bool ok = make_room(rows, &array, sizeof *named);
  rows->named = array;
  if (ok) rows->named[rows->count++] = *named;
  return ok;
}

static void contradiction(struct rule_errors *c, const char *file, uint32_t line,
                          uint32_t earlier) {
  char number[NUMBER_MAX];
  struct span text = span_of(number, number_format(number, earlier));
  rule_error(c, file, line, "contradicts an earlier line", text);
}

int named_compare(struct span a, struct span b) {
  size_t shorter = a.len < b.len ? a.len : b.len;
  int order = memcmp(a.s, b.s, shorter);
  return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_named(const void *left, const void *right) {
  const struct named *a = left, *b = right;
  int order = named_compare(a->key, b->key);
  return order ? order : (a->entry.line > b->entry.line) - (a->entry.line < b->entry.line);
}

/* "example.org" and ".example.org" do not contradict each other: the wider reach holds. */
static void settle_named(struct tabletext *rows, struct rule_errors *c) {
  size_t kept = 0;
  if (rows->count) qsort(rows->named, rows->count, sizeof *rows->named, compare_named);
  for (size_t i = 0; i < rows->count; i++) {
    struct named *now = &rows->named[i], *before = kept ? &rows->named[kept - 1] : NULL;
    if (!before || !span_equal(before->key, now->key)) rows->named[kept++] = *now;
    else if (span_equal(before->entry.value, now->entry.value))
      before->entry.reach |= now->entry.reach;
    else if (before->soft != now->soft) *before = before->soft ? *now : *before;
    else contradiction(c, rows->file, now->entry.line, before->entry.line);
  }
  rows->duplicates += rows->count - kept;
  rows->count = kept;
}

static struct addr last_of_net(const struct addr *a) {
  struct addr last = *a;
  memset(last.byte + 8, 0xff, 8);
  return last;
}

static void widen(const struct tabletext *rows, struct prefix *p, struct rule_errors *c) {
  struct addr first = addr_mask(&p->first, 64), last = last_of_net(&p->last);
  bool whole = addr_compare(&first, &p->first) == 0 && addr_compare(&last, &p->last) == 0;
  if (whole || prefix_family(p) == ADDRESSES_IPV4) return;
  if (p->excluded)
    rule_error(c, rows->file, p->line, "an exclusion of a part of a /64", span_of(NULL, 0));
  p->first = first;
  p->last = last;
}

static void settle_prefixes(struct tabletext *rows, struct rule_errors *c) {
  size_t kept = 0;
  for (size_t i = 0; rows->whole_nets && i < rows->count; i++) widen(rows, &rows->prefixes[i], c);
  prefix_sort(rows->prefixes, rows->count);
  for (size_t i = 0; i < rows->count; i++) {
    struct prefix *now = &rows->prefixes[i], *before = kept ? &rows->prefixes[kept - 1] : NULL;
    if (!before || !prefix_same(before, now)) rows->prefixes[kept++] = *now;
    else if (before->soft != now->soft) *before = before->soft ? *now : *before;
    else if (before->excluded != now->excluded || !span_equal(before->value, now->value))
      contradiction(c, rows->file, now->line, before->line);
  }
  rows->duplicates += rows->count - kept;
  rows->count = kept;
}

void tabletext_finish(struct tabletext *rows, struct rule_errors *c) {
  if (rows->shape == SHAPE_ADDRESSES) settle_prefixes(rows, c);
  else settle_named(rows, c);
}

void tabletext_free(struct tabletext *rows) {
  free(rows->prefixes);
  free(rows->named);
  rows->prefixes = NULL;
  rows->named = NULL;
  rows->count = rows->room = rows->duplicates = rows->skipped = 0;
}
