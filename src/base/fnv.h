/* fnv.h: FNV-1a, 64 bits: a hash for checks and small sets.

   Anyone can find two texts with the same hash. For tables whose keys a peer chooses use siphash.h.
   Start with FNV_START, then add bytes in one or more calls. */
#ifndef SINBIN_BASE_FNV_H
#define SINBIN_BASE_FNV_H

#include <stddef.h>
#include <stdint.h>

#define FNV_START UINT64_C(0xcbf29ce484222325)

static inline uint64_t fnv_byte(uint64_t hash, unsigned char c) {
  return (hash ^ c) * UINT64_C(0x100000001b3);
}

static inline uint64_t fnv_bytes(uint64_t hash, const void *bytes, size_t len) {
  const unsigned char *at = bytes;
  for (size_t i = 0; i < len; i++) hash = fnv_byte(hash, at[i]);
  return hash;
}

#endif
