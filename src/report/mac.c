#include "report/mac.h"
#include "base/number.h"
#include <sodium.h>

#define TAG_BYTES (TAG_HEX / 2)

bool mac_init(void) {
  return sodium_init() >= 0;
}

void mac_tag(const struct mac_key *key, struct span covered, char *tag) {
  unsigned char raw[TAG_BYTES];
  crypto_generichash(raw, sizeof raw, (const unsigned char *)covered.s, covered.len, key->byte,
                     sizeof key->byte);
  for (size_t i = 0; i < sizeof raw; i++) number_format_hex(tag + 2 * i, raw[i], 2);
}

bool mac_check(const struct mac_key *key, struct span covered, struct span tag) {
  char want[TAG_HEX];
  mac_tag(key, covered, want);
  return tag.len == sizeof want && sodium_memcmp(want, tag.s, sizeof want) == 0;
}
