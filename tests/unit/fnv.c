/* FNV-1a, 64 bits: the published values, and text in pieces. */
#include "base/fnv.h"
#include "tap.h"

static const struct {
  const char *text;
  uint64_t want;
} rows[] = {
    {"", UINT64_C(0xcbf29ce484222325)},
    {"a", UINT64_C(0xaf63dc4c8601ec8c)},
    {"foobar", UINT64_C(0x85944171f73967e8)},
};

int main(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    ok(fnv_bytes(FNV_START, rows[i].text, strlen(rows[i].text)) == rows[i].want, "\"%s\"",
       rows[i].text);
  uint64_t pieces = fnv_byte(fnv_bytes(FNV_START, "foo", 3), 'b');
  ok(fnv_bytes(pieces, "ar", 2) == rows[2].want, "the same in pieces");
  ok(fnv_byte(FNV_START, 0xff) == UINT64_C(0xaf64724c8602eb6e), "a byte above 127");
  return done();
}
