#include "rule/rbldnsdaddr.h"
#include "base/number.h"

struct octets {
  uint32_t value; /* the octets, the first one highest */
  unsigned int count;
};

static uint32_t host_bits(unsigned int bits) {
  return bits >= 32 ? 0 : UINT32_MAX >> bits;
}

static bool read_octets(struct span text, struct octets *out) {
  *out = (struct octets){0, 0};
  if (text.len == 0 || text.s[text.len - 1] == '.') return false;
  while (text.len) {
    uint64_t octet;
    if (out->count == 4 || !number_canonical(span_cut(&text, '.'), 255, &octet)) return false;
    out->value |= (uint32_t)octet << (24 - 8 * out->count++);
  }
  return true;
}

static void fill_ipv4(struct prefix *out, uint32_t first, uint32_t last) {
  out->first = addr_from_ipv4(first);
  out->last = addr_from_ipv4(last);
}

static const char *read_range(struct octets a, struct span text, struct prefix *out) {
  struct octets b;
  if (!read_octets(text, &b)) return "the last address of the range is malformed";
  if (b.count == 1) { /* it replaces the last octet of the first address */
    b.value = (a.value & ~host_bits(8 * (a.count - 1))) | b.value >> 8 * (a.count - 1);
    b.count = a.count;
  }
  if (b.count != a.count) return "the ends of the range differ in their number of octets";
  b.value |= host_bits(8 * b.count);
  if (a.value > b.value) return "the range ends before it begins";
  fill_ipv4(out, a.value, b.value);
  return NULL;
}

static const char *read_ipv4(struct span word, struct prefix *out) {
  size_t dash = span_find(word, '-'), slash = span_find(word, '/');
  size_t mark = dash < slash ? dash : slash;
  struct octets a;
  uint64_t bits;
  if (!read_octets(span_head(word, mark), &a)) return "the address is malformed";
  if (mark < word.len && word.s[mark] == '-') return read_range(a, span_from(word, mark + 1), out);
  bits = 8 * a.count;
  if (mark < word.len) {
    if (!number_canonical(span_from(word, mark + 1), 32, &bits))
      return "the prefix length is not 0 to 32";
  } else if (a.count == 1) {
    return "one octet alone is not a prefix: write it with /8";
  }
  uint32_t host = host_bits((unsigned int)bits);
  if (a.value & host) return "host bits are set";
  fill_ipv4(out, a.value, a.value | host);
  return NULL;
}

static bool is_whole(struct span text, unsigned int *groups) {
  *groups = 1;
  for (size_t i = 0; i < text.len; i++) {
    if (text.s[i] == '.') return true;
    if (text.s[i] != ':') continue;
    if (i + 1 < text.len && text.s[i + 1] == ':') return true;
    ++*groups;
  }
  return *groups == 8;
}

/* Completes an abbreviated address with zeros. */
static const char *read_ipv6(struct span word, struct prefix *out) {
  size_t slash = span_find(word, '/');
  struct span address = span_head(word, slash);
  char whole[ADDR_TEXT_MAX + 2];
  unsigned int groups;
  uint64_t bits = 128;
  if (address.len == 0 || address.len > ADDR_TEXT_MAX) return "the address is malformed";
  if (slash == word.len && rbldnsdaddr_is_group(word)) return RBLDNSDADDR_GROUP;
  memcpy(whole, address.s, address.len);
  if (!is_whole(address, &groups)) {
    memcpy(whole + address.len, "::", 2);
    address.len += 2;
    bits = 16 * groups;
  }
  if (!addr_parse(span_of(whole, address.len), &out->first)) return "the address is malformed";
  if (slash < word.len && !number_canonical(span_from(word, slash + 1), 128, &bits))
    return "the prefix length is not 0 to 128";
  struct addr masked = addr_mask(&out->first, (unsigned int)bits);
  if (addr_compare(&masked, &out->first) != 0) return "host bits are set";
  out->last = prefix_last(&out->first, (unsigned int)bits);
  return NULL;
}

bool rbldnsdaddr_is_group(struct span word) {
  size_t digits = 0;
  for (size_t i = 0; i < word.len; i++) {
    unsigned char c = ascii_lower((unsigned char)word.s[i]);
    if (!ascii_is_digit(c) && (c < 'a' || c > 'f')) return false;
    digits += ascii_is_digit(c);
  }
  return word.len == 4 || (word.len < 4 && digits < word.len);
}

bool rbldnsdaddr_parse(struct span word, struct prefix *out, const char **reason) {
  bool ipv6 = span_find(word, ':') < word.len ||
              rbldnsdaddr_is_group(span_head(word, span_find(word, '/')));
  *reason = ipv6 ? read_ipv6(word, out) : read_ipv4(word, out);
  return *reason == NULL;
}
