#include "store/bloom.h"
#include <stdlib.h>

#define BLOCK_WORDS 8
#define BLOCK_BITS  (64 * BLOCK_WORDS)
#define KEY_BITS    16
#define PROBES      4

bool bloom_init(struct bloom *b, size_t keys, struct siphash_key hash) {
  *b = (struct bloom){.blocks = 1, .hash = hash};
  while (b->blocks * BLOCK_BITS / KEY_BITS < keys) b->blocks *= 2;
  b->words = calloc(b->blocks * BLOCK_WORDS, sizeof *b->words);
  return b->words != NULL;
}

void bloom_free(struct bloom *b) {
  free(b->words);
  b->words = NULL;
}

/* The lowest bits of the hash choose the block. Of the highest 36 bits, each nine choose a bit in
   it. */
static uint64_t *block_of(const struct bloom *b, uint64_t hash) {
  return b->words + (hash & (b->blocks - 1)) * BLOCK_WORDS;
}

static unsigned int bit_of(uint64_t hash, int probe) {
  return (unsigned int)(hash >> (28 + 9 * probe)) % BLOCK_BITS;
}

void bloom_add(struct bloom *b, const struct addr *key) {
  uint64_t hash = siphash_addr(&b->hash, key), *block = block_of(b, hash);
  for (int i = 0; i < PROBES; i++)
    block[bit_of(hash, i) / 64] |= UINT64_C(1) << bit_of(hash, i) % 64;
}

bool bloom_may_contain(const struct bloom *b, const struct addr *key) {
  uint64_t hash = siphash_addr(&b->hash, key);
  const uint64_t *block = block_of(b, hash);
  for (int i = 0; i < PROBES; i++)
    if (!(block[bit_of(hash, i) / 64] & UINT64_C(1) << bit_of(hash, i) % 64)) return false;
  return true;
}
