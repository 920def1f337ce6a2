/* An IPv6 address in a host name. */
#include "base/number.h"
#include "score/addrname_internal.h"

#define DIGITS_MAX    253
#define WHOLE_MIN     10 /* fewer digits of an address occur by chance */
#define INTERFACE_MIN 8
#define NETWORK_MIN   9
#define NETWORK_BYTES 6 /* a customer's network, /48 */

static bool contains(struct span in, struct span what) {
  return what.len && in.len >= what.len && memmem(in.s, in.len, what.s, what.len) != NULL;
}

/* The hexadecimal digits of an address, in the forms that names have. */
struct hexforms {
  char whole[32], backwards[32], shortened[32], groups[32];
  size_t shortened_len, groups_len;
  size_t network_len; /* of groups: its first half */
};

static size_t put_group(char *out, unsigned int group) {
  size_t digits = group > 0xfff ? 4 : group > 0xff ? 3 : group > 0xf ? 2 : 1;
  return number_format_hex(out, group, digits);
}

static void write_forms(struct hexforms *f, const struct addr *a) {
  f->shortened_len = f->groups_len = f->network_len = 0;
  for (int i = 0; i < 16; i++) number_format_hex(f->whole + 2 * i, a->byte[i], 2);
  for (int i = 0; i < 32; i++) f->backwards[i] = f->whole[31 - i];
  for (int i = 0; i < 16; i += 2) {
    unsigned int group = (unsigned int)a->byte[i] << 8 | a->byte[i + 1];
    f->groups_len += put_group(f->groups + f->groups_len, group);
    if (group) f->shortened_len += put_group(f->shortened + f->shortened_len, group);
    if (i == 6) f->network_len = f->groups_len;
  }
}

/* The name without separators: 2001-db8--1 and 2001.db8.1 have the same digits. */
static struct span without_separators(struct span host, char *out) {
  size_t n = 0;
  for (size_t i = 0; i < host.len && n < DIGITS_MAX; i++)
    if (host.s[i] != '-' && host.s[i] != '.' && host.s[i] != '_') out[n++] = host.s[i];
  return span_of(out, n);
}

static bool holds_whole(struct span digits, const struct hexforms *f) {
  struct span groups = span_of(f->groups, f->groups_len);
  struct span shortened = span_of(f->shortened, f->shortened_len);
  return contains(digits, span_of(f->whole, 32)) || contains(digits, span_of(f->backwards, 32)) ||
         (groups.len >= WHOLE_MIN && contains(digits, groups)) ||
         (shortened.len >= WHOLE_MIN && contains(digits, shortened));
}

static bool holds_half(struct span digits, const struct hexforms *f) {
  struct span network = span_of(f->groups, f->network_len);
  struct span interface = span_of(f->whole + 16, 16);
  while (interface.len && interface.s[0] == '0') interface = span_from(interface, 1);
  return (interface.len >= INTERFACE_MIN && contains(digits, interface)) ||
         (network.len >= NETWORK_MIN && contains(digits, network)) ||
         contains(digits, span_of(f->whole, 2 * NETWORK_BYTES));
}

enum addrname addrname_find_ipv6(struct span host, const struct addr *peer) {
  struct hexforms f;
  char text[DIGITS_MAX];
  struct span digits = without_separators(host, text);
  write_forms(&f, peer);
  if (holds_whole(digits, &f)) return ADDRNAME_WHOLE;
  return holds_half(digits, &f) ? ADDRNAME_PART : ADDRNAME_NOT;
}
