#include "line/dialecthash.h"
#include "base/number.h"
#include <sodium.h>

void dialecthash_format(struct span decoded, char *out) {
  unsigned char raw[crypto_generichash_BYTES_MAX];
  crypto_generichash(raw, sizeof raw, (const unsigned char *)decoded.s, decoded.len, NULL, 0);
  for (size_t i = 0; i < DIALECT_HEX / 2; i++) number_format_hex(out + 2 * i, raw[i], 2);
}
