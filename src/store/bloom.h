/* bloom.h: a Bloom filter of addresses: which keys are certainly not in the tables. Pure.

   16 bits a key, of which each key sets four, all within 64 bytes. Of the keys that were never
   added, about 1 in 400 is reported as added, as long as the filter has at most `keys` keys. Keys
   cannot be removed. The hash is keyed, because clients choose their addresses. */
#ifndef SINBIN_STORE_BLOOM_H
#define SINBIN_STORE_BLOOM_H

#include "base/siphash.h"

struct bloom {
  uint64_t *words;
  size_t blocks; /* of 8 words; a power of two */
  struct siphash_key hash;
};

/* False if there is no memory. */
bool bloom_init(struct bloom *b, size_t keys, struct siphash_key hash);
void bloom_free(struct bloom *b);
void bloom_add(struct bloom *b, const struct addr *key);
bool bloom_may_contain(const struct bloom *b, const struct addr *key);

#endif
