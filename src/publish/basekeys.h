/* basekeys.h: the keys that a base partition was written with, and their answers; 24 bytes a key.

   The keys are in ascending order: the caller adds them in this order. Initialise it with {0}. */
#ifndef SINBIN_PUBLISH_BASEKEYS_H
#define SINBIN_PUBLISH_BASEKEYS_H

#include "base/addr.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct basekey {
  struct addr ip;
  uint64_t until : 56, answers : 8;
};

struct basekeys {
  struct basekey *key;
  size_t count, cap;
};

/* `until` is kept within 0 to 2^55. */
struct basekey basekeys_key(const struct addr *ip, int64_t until, uint8_t answers);

/* False: no memory, and nothing was added. */
bool basekeys_add(struct basekeys *k, struct basekey key);
/* NULL if there is no such key. */
struct basekey *basekeys_find(const struct basekeys *k, const struct addr *ip);
void basekeys_free(struct basekeys *k);

#endif
