#include "store/bloom.h"
#include <stdlib.h>

#define BLOCK_WORDS 8
#define BLOCK_BITS  (64 * BLOCK_WORDS)
#define KEY_BITS    16
#define PROBES      4

bool bloom_init(struct bloom *f, size_t keys, struct siphash_key hash) {
  *f = (struct bloom){.blocks = 1, .hash = hash};
  while (f->blocks * BLOCK_BITS / KEY_BITS < keys) f->blocks *= 2;
  f->words = calloc(f->blocks * BLOCK_WORDS, sizeof *f->words);
  return f->words != NULL;
}

void bloom_free(struct bloom *f) {
  free(f->words);
  f->words = NULL;
}

/* The lowest bits of the hash choose the block. Of the highest 36 bits, each nine choose a bit in
   it. */
static uint64_t *block_of(const struct bloom *f, uint64_t hash) {
  return f->words + (hash & (f->blocks - 1)) * BLOCK_WORDS;
}

static unsigned int bit_of(uint64_t hash, int probe) {
  return (unsigned int)(hash >> (28 + 9 * probe)) % BLOCK_BITS;
}

void bloom_add(struct bloom *f, const struct addr *key) {
  uint64_t hash = siphash_addr(&f->hash, key), *block = block_of(f, hash);
  for (int i = 0; i < PROBES; i++)
    block[bit_of(hash, i) / 64] |= UINT64_C(1) << bit_of(hash, i) % 64;
}

bool bloom_may_contain(const struct bloom *f, const struct addr *key) {
  uint64_t hash = siphash_addr(&f->hash, key);
  const uint64_t *block = block_of(f, hash);
  for (int i = 0; i < PROBES; i++)
    if (!(block[bit_of(hash, i) / 64] & UINT64_C(1) << bit_of(hash, i) % 64)) return false;
  return true;
}
