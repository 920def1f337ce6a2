#include "publish/basekeys.h"
#include <stdlib.h>

_Static_assert(sizeof(struct basekey) == 24, "a million keys are 24 MB");

#define UNTIL_MAX (INT64_C(1) << 55)
#define CAP_FIRST 256

struct basekey basekeys_key(const struct addr *ip, int64_t until, uint8_t answers) {
  if (until < 0) until = 0;
  if (until > UNTIL_MAX) until = UNTIL_MAX;
  return (struct basekey){*ip, (uint64_t)until, answers};
}

bool basekeys_add(struct basekeys *k, struct basekey key) {
  if (k->count == k->cap) {
    size_t cap = k->cap ? k->cap + k->cap / 2 : CAP_FIRST;
    struct basekey *grown = realloc(k->key, cap * sizeof *grown);
    if (!grown) return false;
    k->key = grown;
    k->cap = cap;
  }
  k->key[k->count++] = key;
  return true;
}

struct basekey *basekeys_find(const struct basekeys *k, const struct addr *ip) {
  size_t low = 0, high = k->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = addr_compare(&k->key[middle].ip, ip);
    if (order == 0) return &k->key[middle];
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return NULL;
}

void basekeys_free(struct basekeys *k) {
  free(k->key);
  *k = (struct basekeys){0};
}
