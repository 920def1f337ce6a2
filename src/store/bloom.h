/* bloom.h: which keys are surely not in the tables, so that nobody looks for them there. Pure.

   A Bloom filter over addresses, 16 bits a key and four bits set for each, all within 64 bytes: of
   the keys that were never added, 1 in some 400 is taken for one that was, until more than `keys`
   are in. Nothing is ever taken out. The hash is keyed, since strangers choose the addresses. */
#ifndef SINBIN_STORE_BLOOM_H
#define SINBIN_STORE_BLOOM_H

#include "base/siphash.h"

struct bloom {
  uint64_t *words;
  size_t blocks; /* of 8 words; a power of two */
  struct siphash_key hash;
};

/* False without memory. */
bool bloom_init(struct bloom *f, size_t keys, struct siphash_key hash);
void bloom_free(struct bloom *f);
void bloom_add(struct bloom *f, const struct addr *key);
bool bloom_may_contain(const struct bloom *f, const struct addr *key);

#endif
