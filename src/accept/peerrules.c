#include "accept/peerrules.h"
#include "base/number.h"
#include <errno.h>

#define PROXY_MARK "SINBIN_PROXY"

/* NAME=VALUE with a valid name for a shell variable. */
static bool is_variable(struct span item) {
  size_t name = span_find(item, '=');
  if (name == 0 || name == item.len || ascii_is_digit((unsigned char)item.s[0])) return false;
  for (size_t i = 0; i < name; i++) {
    unsigned char c = (unsigned char)item.s[i];
    if (!ascii_is_letter(c) && !ascii_is_digit(c) && c != '_') return false;
  }
  return true;
}

static bool read_item(struct span item, struct peerrule *out) {
  if (span_is(item, "D")) {
    out->deny = true;
    return true;
  }
  struct span variable = span_from(item, 1);
  if (item.len == 0 || item.s[0] != '+' || !is_variable(variable)) return false;
  struct span value = variable, name = span_cut(&value, '=');
  if (span_is(name, PROXY_MARK)) {
    out->proxy = span_is(value, "1");
    return out->proxy || span_is(value, "0");
  }
  if (out->count == PEERRULE_VARIABLES) return false;
  out->variable[out->count++] = variable.s;
  return true;
}

static bool read_rule(struct span data, struct peerrule *out) {
  *out = (struct peerrule){.deny = false};
  if (data.len && data.s[data.len - 1] != '\0') return false;
  while (data.len)
    if (!read_item(span_cut(&data, '\0'), out)) return false;
  return true;
}

static bool is_canonical(struct span key, const struct addr *a) {
  char text[ADDR_TEXT_MAX];
  return span_equal(key, span_of(text, addr_format(text, a)));
}

/* ADDRESS/BITS in the spelling that find_range looks up. */
static bool read_range(struct span key, struct addr *a, unsigned int *bits) {
  struct span rest = key, address = span_cut(&rest, '/');
  uint64_t n;
  if (!addr_parse(address, a) || !is_canonical(address, a)) return false;
  unsigned int ipv4_bits = addr_is_ipv4(a) ? 96 : 0;
  if (!number_canonical(rest, 128 - ipv4_bits, &n)) return false;
  *bits = (unsigned int)n;
  struct addr masked = addr_mask(a, *bits + ipv4_bits);
  return addr_compare(&masked, a) == 0;
}

static bool is_prefix(struct span key) {
  char last = key.s[key.len - 1];
  bool ipv4 = last == '.';
  if (!ipv4 && last != ':') return false;
  for (size_t i = 0; i < key.len; i++) {
    char c = key.s[i];
    bool digit = ascii_is_digit((unsigned char)c) || (!ipv4 && c >= 'a' && c <= 'f');
    if (!digit && c != last) return false;
  }
  return true;
}

static bool can_match(struct span key) {
  struct addr a;
  if (key.len == 0) return true;
  return (addr_parse(key, &a) && is_canonical(key, &a)) || is_prefix(key);
}

struct lengths {
  bool ipv6[129], ipv4[33];
};

static void note_key(struct peerrules *rules, struct lengths *seen, struct span key) {
  struct addr a;
  unsigned int bits;
  rules->keys++;
  if (read_range(key, &a, &bits)) {
    if (addr_is_ipv4(&a)) seen->ipv4[bits] = true;
    else seen->ipv6[bits] = true;
    return;
  }
  if (can_match(key) || rules->unmatched++) return;
  struct span shown = span_head(key, PEERRULE_KEY_MAX);
  memcpy(rules->first_unmatched, shown.s, shown.len);
  rules->first_unmatched[shown.len] = '\0';
}

static void keep_lengths(struct peerrules *rules, const struct lengths *seen) {
  for (int bits = 128; bits >= 0; bits--)
    if (seen->ipv6[bits]) rules->bits[rules->bits_ipv6++] = (uint8_t)bits;
  for (int bits = 32; bits >= 0; bits--)
    if (seen->ipv4[bits]) rules->bits[rules->bits_ipv6 + rules->bits_ipv4++] = (uint8_t)bits;
}

/* Returns as peerrules_find does. */
static int look_up(struct peerrules *rules, struct span key, struct peerrule *out) {
  int found = cdb_find(&rules->cdb, key.len ? key.s : "", (unsigned int)key.len);
  if (found <= 0) return found;
  const char *data = cdb_getdata(&rules->cdb);
  return data && read_rule(span_of(data, cdb_datalen(&rules->cdb)), out) ? 1 : -1;
}

/* Every record must be readable and found by its key. That checks the hash tables as well. */
static bool check_all(struct peerrules *rules, struct lengths *seen) {
  struct peerrule ignored;
  unsigned int at;
  int more;
  cdb_seqinit(&at, &rules->cdb);
  while ((more = cdb_seqnext(&at, &rules->cdb)) > 0) {
    const char *key = cdb_getkey(&rules->cdb), *data = cdb_getdata(&rules->cdb);
    if (!key || !data || !read_rule(span_of(data, cdb_datalen(&rules->cdb)), &ignored))
      return false;
    struct span text = span_of(key, cdb_keylen(&rules->cdb));
    if (look_up(rules, text, &ignored) != 1) return false;
    note_key(rules, seen, text);
  }
  return more == 0;
}

bool peerrules_open(struct peerrules *rules, int fd) {
  struct lengths seen = {{false}, {false}};
  memset(rules, 0, sizeof *rules);
  if (cdb_init(&rules->cdb, fd) != 0) return false;
  rules->cdb.cdb_fd = -1; /* it belongs to the caller */
  if (!check_all(rules, &seen)) {
    cdb_free(&rules->cdb);
    errno = EPROTO;
    return false;
  }
  keep_lengths(rules, &seen);
  return true;
}

void peerrules_close(struct peerrules *rules) {
  cdb_free(&rules->cdb);
}

static int find_range(struct peerrules *rules, const struct addr *peer, struct peerrule *out) {
  bool ipv4 = addr_is_ipv4(peer);
  const uint8_t *bits = rules->bits + (ipv4 ? rules->bits_ipv6 : 0);
  size_t count = ipv4 ? rules->bits_ipv4 : rules->bits_ipv6;
  for (size_t i = 0; i < count; i++) {
    char key[ADDR_TEXT_MAX + 1 + NUMBER_MAX];
    struct addr masked = addr_mask(peer, bits[i] + (ipv4 ? 96u : 0u));
    size_t len = addr_format(key, &masked);
    key[len++] = '/';
    len += number_format(key + len, bits[i]);
    int found = look_up(rules, span_of(key, len), out);
    if (found) return found;
  }
  return 0;
}

/* All proper prefixes of the text, down to the empty one. */
static int find_prefix(struct peerrules *rules, struct span text, struct peerrule *out) {
  for (size_t len = text.len; len-- > 0;) {
    if (len && text.s[len - 1] != '.' && text.s[len - 1] != ':') continue;
    int found = look_up(rules, span_head(text, len), out);
    if (found) return found;
  }
  return 0;
}

int peerrules_find(struct peerrules *rules, const struct addr *peer, struct peerrule *out) {
  char text[ADDR_TEXT_MAX];
  struct span whole = span_of(text, addr_format(text, peer));
  *out = (struct peerrule){.deny = false};
  int found = look_up(rules, whole, out);
  if (!found) found = find_range(rules, peer, out);
  if (!found) found = find_prefix(rules, whole, out);
  return found;
}
