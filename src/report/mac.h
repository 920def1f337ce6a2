/* mac.h: the tag that authenticates a datagram of a known detector.

   BLAKE2b-128 keyed with 32 bytes (RFC 7693; libsodium's crypto_generichash), written as 32
   lower-case hexadecimal digits. A check takes the same time wherever the tags differ. The caller
   owns the keys (keyfile.h reads them); this module keeps no copy. Call mac_init once before
   anything else; it returns false if the library has no random numbers. */
#ifndef SINBIN_REPORT_MAC_H
#define SINBIN_REPORT_MAC_H

#include "base/span.h"
#include "report/message.h"

#define MAC_KEY_BYTES 32

struct mac_key {
  uint8_t byte[MAC_KEY_BYTES];
};

bool mac_init(void);

/* Writes TAG_HEX digits, without a NUL. */
void mac_tag(const struct mac_key *key, struct span covered, char *tag);
bool mac_check(const struct mac_key *key, struct span covered, struct span tag);

#endif
