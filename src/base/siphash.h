/* siphash.h: SipHash-1-3 (Aumasson and Bernstein) of an address, for hash tables whose keys an
   attacker can choose.

   The key must come from the system's random source and stay inside the process. Then an attacker
   cannot choose addresses that fall into one bucket. Not for authentication. */
#ifndef SINBIN_BASE_SIPHASH_H
#define SINBIN_BASE_SIPHASH_H

#include "base/addr.h"

struct siphash_key {
  uint64_t word[2];
};

uint64_t siphash_addr(const struct siphash_key *key, const struct addr *a);

#endif
