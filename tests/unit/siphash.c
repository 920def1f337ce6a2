/* SipHash-1-3 of 16 bytes, against values of an independent implementation. */
#include "base/siphash.h"
#include "tap.h"

static const struct siphash_key counting = {{UINT64_C(0x0706050403020100),
                                             UINT64_C(0x0f0e0d0c0b0a0908)}},
                                zero = {{0, 0}};

static const struct {
  const char *name;
  const struct siphash_key *key;
  struct addr addr;
  uint64_t want;
} rows[] = {
    {"the bytes of the published vectors",
     &counting,
     {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}},
     UINT64_C(0xcc4fdd1a7d908b66)},
    {"only zeros", &zero, {{0}}, UINT64_C(0x76be999e3e25b2a0)},
    {"192.0.2.1",
     &counting,
     {{[10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = 1}},
     UINT64_C(0x248fbba27ae3cacc)},
    {"2001:db8::1", &counting, {{0x20, 1, 0x0d, 0xb8, [15] = 1}}, UINT64_C(0x1b55009d1f661474)},
};

int main(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    ok(siphash_addr(rows[i].key, &rows[i].addr) == rows[i].want, "%s", rows[i].name);
  return done();
}
