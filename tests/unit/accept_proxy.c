/* The PROXY decoder: tables, and that no split of the bytes changes an answer. */
#include "accept/proxy.h"
#include "tap.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define FOUR      "\xc0\0\2\7\xc6\x33\x64\5\x9c\xb0\0\x19"
#define SIX       "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\7\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\x19\0\7\0\x19"
#define BYTES(t)  t, sizeof(t) - 1

static const struct row {
  const char *name, *bytes;
  size_t len;
  enum proxy_result want;
  size_t header;
  const char *text; /* peer pport local lport */
} rows[] = {
    {"v1", BYTES("PROXY TCP4 192.0.2.7 198.51.100.5 40112 25\r\nEHLO"), PROXY_ADDRESS, 44,
     "192.0.2.7 40112 198.51.100.5 25"},
    {"v1 IPv6", BYTES("PROXY TCP6 2001:DB8::7 ::1 0 65535\r\n"), PROXY_ADDRESS, 36,
     "2001:db8::7 0 ::1 65535"},
    {"v1 IPv4-mapped", BYTES("PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2\r\n"), PROXY_ADDRESS, 37,
     "192.0.2.7 1 ::1 2"},
    {"v1 UNKNOWN alone", BYTES("PROXY UNKNOWN\r\n"), PROXY_LOCAL, 15, NULL},
    {"v1 UNKNOWN with words", BYTES("PROXY UNKNOWN ffff::1 x y z\r\nQ"), PROXY_LOCAL, 29, NULL},
    {"v1 longest",
     BYTES("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
           "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"),
     PROXY_LOCAL, 107, NULL},
    {"v1 too long",
     BYTES("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff  "
           "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"),
     PROXY_MALFORMED, 0, NULL},
    {"v1 without end", BYTES("PROXY TCP4 192.0.2.7 198.51.100.5 40112 25"), PROXY_MORE, 0, NULL},
    {"v1 bare LF", BYTES("PROXY TCP4 192.0.2.7 198.51.100.5 40112 25\n"), PROXY_MALFORMED, 0, NULL},
    {"v1 two spaces", BYTES("PROXY TCP4  192.0.2.7 198.51.100.5 40112 25\r\n"), PROXY_MALFORMED, 0,
     NULL},
    {"v1 trailing space", BYTES("PROXY TCP4 192.0.2.7 198.51.100.5 40112 25 \r\n"), PROXY_MALFORMED,
     0, NULL},
    {"v1 word missing", BYTES("PROXY TCP4 192.0.2.7 198.51.100.5 25\r\n"), PROXY_MALFORMED, 0,
     NULL},
    {"v1 family and address differ", BYTES("PROXY TCP4 ::1 ::1 1 25\r\n"), PROXY_MALFORMED, 0,
     NULL},
    {"v1 address in the other family", BYTES("PROXY TCP6 192.0.2.7 ::1 1 25\r\n"), PROXY_MALFORMED,
     0, NULL},
    {"v1 octet 256", BYTES("PROXY TCP4 192.0.2.256 198.51.100.5 1 25\r\n"), PROXY_MALFORMED, 0,
     NULL},
    {"v1 port 65536", BYTES("PROXY TCP4 192.0.2.7 198.51.100.5 65536 25\r\n"), PROXY_MALFORMED, 0,
     NULL},
    {"v1 port 025", BYTES("PROXY TCP4 192.0.2.7 198.51.100.5 1 025\r\n"), PROXY_MALFORMED, 0, NULL},
    {"v1 lower case", BYTES("PROXY tcp4 192.0.2.7 198.51.100.5 1 25\r\n"), PROXY_MALFORMED, 0,
     NULL},
    {"v1 UDP", BYTES("PROXY UDP4 192.0.2.7 198.51.100.5 1 25\r\n"), PROXY_MALFORMED, 0, NULL},
    {"v1 nothing but the word", BYTES("PROXY \r\n"), PROXY_MALFORMED, 0, NULL},
    {"v1 CR within", BYTES("PROXY TCP4 192.0.2.7\r 198.51.100.5 1 25\r\n"), PROXY_MALFORMED, 0,
     NULL},
    {"no header", BYTES("EHLO x\r\n"), PROXY_MALFORMED, 0, NULL},
    {"nearly a header", BYTES("PROXY"), PROXY_MORE, 0, NULL},
    {"PROXIES", BYTES("PROXI"), PROXY_MALFORMED, 0, NULL},
    {"nothing", BYTES(""), PROXY_MORE, 0, NULL},
    {"v2 IPv4", BYTES(SIGNATURE "\x21\x11\0\x0c" FOUR "EHLO"), PROXY_ADDRESS, 28,
     "192.0.2.7 40112 198.51.100.5 25"},
    {"v2 IPv6", BYTES(SIGNATURE "\x21\x21\0\x24" SIX), PROXY_ADDRESS, 52,
     "2001:db8::7 7 2001:db8::19 25"},
    {"v2 with extensions", BYTES(SIGNATURE "\x21\x11\0\x10" FOUR "\4\0\1x"), PROXY_ADDRESS, 32,
     "192.0.2.7 40112 198.51.100.5 25"},
    {"v2 extensions missing", BYTES(SIGNATURE "\x21\x11\0\x10" FOUR "\4\0\1"), PROXY_MORE, 0, NULL},
    {"v2 LOCAL", BYTES(SIGNATURE "\x20\0\0\0"), PROXY_LOCAL, 16, NULL},
    {"v2 LOCAL with addresses", BYTES(SIGNATURE "\x20\x11\0\x0c" FOUR), PROXY_LOCAL, 28, NULL},
    {"v2 unspecified", BYTES(SIGNATURE "\x21\0\0\0"), PROXY_LOCAL, 16, NULL},
    {"v2 too short for IPv4", BYTES(SIGNATURE "\x21\x11\0\x0b" FOUR), PROXY_MALFORMED, 0, NULL},
    {"v2 too short for IPv6", BYTES(SIGNATURE "\x21\x21\0\x23" SIX), PROXY_MALFORMED, 0, NULL},
    {"v2 UDP", BYTES(SIGNATURE "\x21\x12\0\x0c" FOUR), PROXY_MALFORMED, 0, NULL},
    {"v2 UNIX", BYTES(SIGNATURE "\x21\x31\0\xd8"), PROXY_MALFORMED, 0, NULL},
    {"v2 version 3", BYTES(SIGNATURE "\x31\x11\0\x0c" FOUR), PROXY_MALFORMED, 0, NULL},
    {"v2 command 2", BYTES(SIGNATURE "\x22\x11\0\x0c" FOUR), PROXY_MALFORMED, 0, NULL},
    {"v2 too long", BYTES(SIGNATURE "\x21\x11\x07\xf1" FOUR), PROXY_MALFORMED, 0, NULL},
    {"v2 longest, not yet whole", BYTES(SIGNATURE "\x21\x11\x07\xf0" FOUR), PROXY_MORE, 0, NULL},
    {"v2 signature only", BYTES(SIGNATURE), PROXY_MORE, 0, NULL},
    {"v2 bad signature", BYTES("\r\n\r\n\0\r\nQUIT\r"), PROXY_MALFORMED, 0, NULL},
};

static size_t put(char *out, const struct addr *a, uint16_t port) {
  size_t n = addr_format(out, a);
  return n + (size_t)sprintf(out + n, " %u", port);
}

static void check(const struct row *r) {
  struct proxy_header h = {.len = 0};
  enum proxy_result got = proxy_decode(span_of(r->bytes, r->len), &h);
  ok(got == r->want, "%s", r->name);
  if (r->header) ok(h.len == r->header, "%s: %zu bytes", r->name, h.len);
  if (r->text) {
    char text[128];
    size_t n = put(text, &h.peer, h.pport);
    text[n++] = ' ';
    n += put(text + n, &h.local, h.lport);
    is_text(span_of(text, n), r->text, "%s: addresses", r->name);
  }
}

/* Every beginning says MORE until the answer, and then the same answer for ever. */
static bool is_monotonic(const struct row *r) {
  enum proxy_result before = PROXY_MORE;
  for (size_t len = 0; len <= r->len; len++) {
    struct proxy_header h;
    enum proxy_result got = proxy_decode(span_of(r->bytes, len), &h);
    if (before != PROXY_MORE && got != before) return false;
    before = got;
  }
  return true;
}

int main(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    check(&rows[i]);
    ok(is_monotonic(&rows[i]), "%s: byte for byte", rows[i].name);
  }
  return done();
}
