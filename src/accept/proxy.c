#include "accept/proxy.h"
#include "base/number.h"

#define V1_BYTES_MAX 107
#define V1_PREFIX    "PROXY "
#define V2_FIXED     16
#define V2_SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define V2_LOCAL     0x20
#define V2_PROXY     0x21
#define V2_UNSPEC    0x00
#define V2_TCP4      0x11
#define V2_TCP6      0x21

static bool agrees(struct span bytes, const char *start, size_t len) {
  return memcmp(bytes.s, start, bytes.len < len ? bytes.len : len) == 0;
}

/* An address of the family that the header names. TCP6 may have an IPv4-mapped address. */
static bool v1_address(struct span text, bool v6, struct addr *out) {
  bool colon = span_find(text, ':') < text.len;
  return colon == v6 && addr_parse(text, out);
}

static bool v1_port(struct span text, uint16_t *out) {
  uint64_t value;
  if (!number_canonical(text, UINT16_MAX, &value)) return false;
  *out = (uint16_t)value;
  return true;
}

/* `rest` is what follows "PROXY ", without CRLF. */
static enum proxy_result v1_words(struct span rest, struct proxy_header *out) {
  struct span family = span_cut(&rest, ' ');
  bool v6 = span_is(family, "TCP6");
  if (span_is(family, "UNKNOWN")) return PROXY_LOCAL;
  if (!v6 && !span_is(family, "TCP4")) return PROXY_MALFORMED;
  struct span peer = span_cut(&rest, ' '), local = span_cut(&rest, ' ');
  struct span pport = span_cut(&rest, ' ');
  if (!v1_address(peer, v6, &out->peer) || !v1_address(local, v6, &out->local) ||
      !v1_port(pport, &out->pport) || !v1_port(rest, &out->lport))
    return PROXY_MALFORMED;
  return PROXY_ADDRESS;
}

static enum proxy_result v1_decode(struct span bytes, struct proxy_header *out) {
  struct span head = span_head(bytes, V1_BYTES_MAX);
  size_t lf = span_find(head, '\n'), prefix = sizeof V1_PREFIX - 1;
  if (lf == head.len) return head.len < V1_BYTES_MAX ? PROXY_MORE : PROXY_MALFORMED;
  if (lf <= prefix || head.s[lf - 1] != '\r') return PROXY_MALFORMED;
  out->len = lf + 1;
  return v1_words(span_of(head.s + prefix, lf - 1 - prefix), out);
}

static uint16_t get16(const char *at) {
  return (uint16_t)((unsigned char)at[0] << 8 | (unsigned char)at[1]);
}

static void v2_ipv4(const char *at, struct proxy_header *out) {
  const unsigned char *b = (const unsigned char *)at;
  out->peer =
      addr_from_ipv4((uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]);
  out->local =
      addr_from_ipv4((uint32_t)b[4] << 24 | (uint32_t)b[5] << 16 | (uint32_t)b[6] << 8 | b[7]);
  out->pport = get16(at + 8);
  out->lport = get16(at + 10);
}

static void v2_ipv6(const char *at, struct proxy_header *out) {
  memcpy(out->peer.byte, at, 16);
  memcpy(out->local.byte, at + 16, 16);
  out->pport = get16(at + 32);
  out->lport = get16(at + 34);
}

/* The length of the addresses of family `f`; 0 for a family that is not supported. */
static size_t v2_needs(unsigned char f) {
  return f == V2_TCP4 ? 12 : f == V2_TCP6 ? 36 : 0;
}

static enum proxy_result v2_decode(struct span bytes, struct proxy_header *out) {
  if (bytes.len < V2_FIXED) return PROXY_MORE;
  unsigned char command = (unsigned char)bytes.s[12], family = (unsigned char)bytes.s[13];
  size_t rest = get16(bytes.s + 14), needs = v2_needs(family);
  bool names = command == V2_PROXY && family != V2_UNSPEC;
  if (command != V2_LOCAL && command != V2_PROXY) return PROXY_MALFORMED;
  if (names && (needs == 0 || rest < needs)) return PROXY_MALFORMED;
  if (V2_FIXED + rest > PROXY_BYTES_MAX) return PROXY_MALFORMED;
  if (bytes.len < V2_FIXED + rest) return PROXY_MORE;
  out->len = V2_FIXED + rest;
  if (!names) return PROXY_LOCAL;
  if (family == V2_TCP4) v2_ipv4(bytes.s + V2_FIXED, out);
  else v2_ipv6(bytes.s + V2_FIXED, out);
  return PROXY_ADDRESS;
}

enum proxy_result proxy_decode(struct span bytes, struct proxy_header *out) {
  if (bytes.len == 0) return PROXY_MORE;
  if (agrees(bytes, V2_SIGNATURE, sizeof V2_SIGNATURE - 1)) return v2_decode(bytes, out);
  if (!agrees(bytes, V1_PREFIX, sizeof V1_PREFIX - 1)) return PROXY_MALFORMED;
  return bytes.len < sizeof V1_PREFIX - 1 ? PROXY_MORE : v1_decode(bytes, out);
}
