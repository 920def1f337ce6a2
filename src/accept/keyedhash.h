/* keyedhash.h: SipHash-1-3 (Aumasson and Bernstein) of an address, for tables whose keys strangers
   choose.

   The key must come from the system's random source and stay inside the process: then nobody can
   choose addresses that fall into one bucket. Not for authentication. */
#ifndef SINBIN_ACCEPT_KEYEDHASH_H
#define SINBIN_ACCEPT_KEYEDHASH_H

#include "base/addr.h"

struct hash_key {
  uint64_t word[2];
};

uint64_t keyed_hash(const struct hash_key *key, const struct addr *a);

#endif
