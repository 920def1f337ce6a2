#include "publish/hotrows.h"
#include <stdlib.h>
#include <string.h>

#define CAP_FIRST 64

/* The index of the key, or the index at which it belongs. */
static size_t find(const struct hotrows *h, const struct addr *ip, bool *found) {
  size_t low = 0, high = h->count;
  *found = false;
  while (low < high && !*found) {
    size_t middle = low + (high - low) / 2;
    int order = addr_compare(&h->row[middle]->row.ip, ip);
    if (order == 0) {
      *found = true;
      return middle;
    }
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

static struct hotrow *new_row(const struct listing_row *l, uint8_t answers) {
  struct hotrow *r = malloc(sizeof *r + l->sins.len);
  if (!r) return NULL;
  r->row = *l;
  r->answers = answers;
  r->row.sins.s = (const char *)(r + 1);
  if (l->sins.len) memcpy(r + 1, l->sins.s, l->sins.len);
  return r;
}

static bool make_space(struct hotrows *h) {
  if (h->count < h->cap) return true;
  size_t cap = h->cap ? 2 * h->cap : CAP_FIRST;
  struct hotrow **grown = realloc(h->row, cap * sizeof *grown);
  if (!grown) return false;
  h->row = grown;
  h->cap = cap;
  return true;
}

bool hotrows_add(struct hotrows *h, const struct listing_row *l, uint8_t answers) {
  bool found;
  if (!make_space(h)) return false;
  struct hotrow *r = new_row(l, answers);
  if (!r) return false;
  size_t at = find(h, &l->ip, &found);
  memmove(h->row + at + 1, h->row + at, (h->count - at) * sizeof *h->row);
  h->row[at] = r;
  h->count++;
  h->of[partition_of(&r->row.ip)]++;
  return true;
}

void hotrows_remove(struct hotrows *h, const struct addr *ip) {
  bool found;
  size_t at = find(h, ip, &found);
  if (!found) return;
  free(h->row[at]);
  memmove(h->row + at, h->row + at + 1, (h->count - at - 1) * sizeof *h->row);
  h->count--;
  h->of[partition_of(ip)]--;
}

static void remove_if(struct hotrows *h, bool (*test)(const struct listing_row *l, int64_t value),
                      int64_t value) {
  size_t kept = 0;
  for (size_t i = 0; i < h->count; i++) {
    struct hotrow *r = h->row[i];
    if (!test(&r->row, value)) {
      h->row[kept++] = r;
      continue;
    }
    h->of[partition_of(&r->row.ip)]--;
    free(r);
  }
  h->count = kept;
}

static bool is_of_base(const struct listing_row *l, int64_t base) {
  return partition_of(&l->ip) == base;
}

void hotrows_remove_base(struct hotrows *h, unsigned int base) {
  remove_if(h, is_of_base, base);
}

static bool has_ended(const struct listing_row *l, int64_t now) {
  return l->until <= now;
}

void hotrows_remove_ended(struct hotrows *h, int64_t now) {
  remove_if(h, has_ended, now);
}

void hotrows_free(struct hotrows *h) {
  for (size_t i = 0; i < h->count; i++) free(h->row[i]);
  free(h->row);
  *h = (struct hotrows){0};
}
