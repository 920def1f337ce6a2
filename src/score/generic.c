#include "score/generic.h"
#include "base/number.h"

#define NUMBERS_MAX 32
#define HEX_MAX     128
#define NO_OCTET    1000 /* a number that is none */

/* Second-level labels below a country under which names are registered, as in isp.co.uk. */
static const char *const categories[] = {
    "ac", "ad",  "co", "com", "ed", "edu", "go",  "gob", "gouv", "gov", "gr",  "gv",
    "id", "k12", "lg", "mil", "ne", "net", "nom", "or",  "org",  "sch", "web", NULL,
};

static bool is_category(struct span label) {
  for (size_t i = 0; categories[i]; i++)
    if (span_is(label, categories[i])) return true;
  return false;
}

/* Takes the last label off and returns it. */
static struct span last_label(struct span *name) {
  size_t dot = span_find_last(*name, '.');
  struct span label = dot < name->len ? span_from(*name, dot + 1) : *name;
  *name = dot < name->len ? span_head(*name, dot) : span_head(*name, 0);
  return label;
}

struct span host_part(struct span name) {
  struct span tld = last_label(&name);
  struct span second = last_label(&name);
  if (tld.len == 2 && is_category(second)) last_label(&name);
  return name;
}

/* The numbers of a name, and which of them follow the one before them with one separator between.
 */
struct numbers {
  unsigned int value[NUMBERS_MAX];
  bool joined[NUMBERS_MAX];
  size_t count;
};

static bool is_separator(char c) {
  return c == '.' || c == '-' || c == '_' || c == 'x';
}

static size_t digits_at(struct span s, size_t from) {
  size_t n = 0;
  while (from + n < s.len && ascii_is_digit((unsigned char)s.s[from + n])) n++;
  return n;
}

static unsigned int octet_of(struct span digits) {
  uint64_t value;
  return digits.len <= 3 && number_parse(digits, 255, &value) ? (unsigned int)value : NO_OCTET;
}

static void read_numbers(struct span host, struct numbers *out) {
  size_t end = 0; /* of the number before */
  out->count = 0;
  for (size_t i = 0; i < host.len && out->count < NUMBERS_MAX;) {
    size_t n = digits_at(host, i);
    if (n == 0) {
      i++;
      continue;
    }
    out->value[out->count] = octet_of(span_of(host.s + i, n));
    out->joined[out->count] = out->count && i == end + 1 && is_separator(host.s[end]);
    out->count++;
    end = i += n;
  }
}

/* How many of the octets the name holds, each number standing for one octet. */
static int octets_held(const struct numbers *in, const uint8_t octet[4]) {
  bool used[NUMBERS_MAX] = {false};
  int held = 0;
  for (int o = 0; o < 4; o++)
    for (size_t i = 0; i < in->count; i++)
      if (!used[i] && in->value[i] == octet[o]) {
        used[i] = true;
        held++;
        break;
      }
  return held;
}

/* The last `want` octets, joined, forwards or backwards. */
static bool holds_last(const struct numbers *in, const uint8_t octet[4], size_t want) {
  for (size_t i = 0; i + want <= in->count; i++) {
    bool forwards = true, backwards = true;
    for (size_t k = 0; k < want; k++) {
      bool joined = k == 0 || in->joined[i + k];
      forwards = forwards && joined && in->value[i + k] == octet[4 - want + k];
      backwards = backwards && joined && in->value[i + k] == octet[3 - k];
    }
    if (forwards || backwards) return true;
  }
  return false;
}

static bool contains(struct span in, struct span what) {
  if (what.len == 0) return false;
  return in.len >= what.len && memmem(in.s, in.len, what.s, what.len) != NULL;
}

/* The four octets as one run of digits in the order first, first + step, ... (modulo 4). */
static struct span run_of_digits(char *out, const uint8_t octet[4], int first, int step, int pad) {
  size_t n = 0;
  for (int k = 0; k < 4; k++) {
    unsigned int value = octet[(first + step * k + 8) & 3];
    if (pad || value > 99) out[n++] = (char)('0' + value / 100);
    if (pad || value > 9) out[n++] = (char)('0' + value / 10 % 10);
    out[n++] = (char)('0' + value % 10);
  }
  return span_of(out, n);
}

#define RUN_MIN 7 /* shorter runs of digits occur by chance */

/* A whole run of digits of the name, not a part of one: 1234567 is not in 12345678. */
static bool has_run(struct span host, struct span run) {
  if (run.len < RUN_MIN) return false;
  for (size_t i = 0; i < host.len;) {
    size_t n = digits_at(host, i);
    if (n == run.len && memcmp(host.s + i, run.s, n) == 0) return true;
    i += n ? n : 1;
  }
  return false;
}

static bool has_digits(struct span host, const struct addr *peer, const uint8_t octet[4]) {
  char text[NUMBER_MAX];
  uint32_t ip = addr_ipv4(peer);
  for (int first = 0; first < 4; first++)
    for (int step = -1; step <= 1; step += 2) {
      if (contains(host, run_of_digits(text, octet, first, step, 1))) return true;
      if (has_run(host, run_of_digits(text, octet, first, step, 0))) return true;
    }
  if (has_run(host, span_of(text, number_format(text, ip)))) return true;
  return has_run(host, span_of(text, number_format(text, __builtin_bswap32(ip))));
}

static bool is_hex(char c) {
  return ascii_is_digit((unsigned char)c) || (c >= 'a' && c <= 'f');
}

/* Octets in hexadecimal with one separator between: 5a-2b-3c-4d. */
static bool has_hex_octets(struct span host, const uint8_t octet[4]) {
  char text[2][11];
  for (int k = 0; k < 4; k++) {
    number_format_hex(text[0] + 3 * k, octet[k], 2);
    number_format_hex(text[1] + 3 * k, octet[3 - k], 2);
  }
  for (size_t i = 0; i + 11 <= host.len; i++) {
    bool same[2] = {true, true};
    for (int k = 0; k < 11; k++) {
      char c = host.s[i + (size_t)k];
      for (int way = 0; way < 2; way++)
        same[way] = same[way] && (k % 3 == 2 ? is_separator(c) : c == text[way][k]);
    }
    if (same[0] || same[1]) return true;
  }
  return false;
}

static bool has_hex(struct span host, const struct addr *peer, const uint8_t octet[4]) {
  char text[8];
  uint32_t ip = addr_ipv4(peer);
  if (contains(host, span_of(text, number_format_hex(text, ip, 8)))) return true;
  if (contains(host, span_of(text, number_format_hex(text, __builtin_bswap32(ip), 8)))) return true;
  return has_hex_octets(host, octet);
}

struct found {
  bool whole; /* enough without a pool word */
  bool part;  /* enough beside one */
};

static struct found find_ipv4(struct span host, const struct addr *peer) {
  const uint8_t *octet = peer->byte + 12;
  struct numbers numbers;
  struct found f = {false, false};
  read_numbers(host, &numbers);
  int held = octets_held(&numbers, octet);
  f.whole = held == 4 || holds_last(&numbers, octet, 3) || has_digits(host, peer, octet) ||
            has_hex(host, peer, octet);
  f.part = f.whole || held == 3 || holds_last(&numbers, octet, 2);
  return f;
}

/* The hexadecimal digits of an IPv6 address in the ways in which names spell them. */
struct hexforms {
  char whole[32], backwards[32], shortened[32], groups[32];
  size_t shortened_len, groups_len;
};

static size_t put_group(char *out, unsigned int group) {
  size_t digits = group > 0xfff ? 4 : group > 0xff ? 3 : group > 0xf ? 2 : 1;
  return number_format_hex(out, group, digits);
}

static void spell_ipv6(struct hexforms *f, const struct addr *a) {
  f->shortened_len = f->groups_len = 0;
  for (int i = 0; i < 16; i++) number_format_hex(f->whole + 2 * i, a->byte[i], 2);
  for (int i = 0; i < 32; i++) f->backwards[i] = f->whole[31 - i];
  for (int i = 0; i < 16; i += 2) {
    unsigned int group = (unsigned int)a->byte[i] << 8 | a->byte[i + 1];
    f->groups_len += put_group(f->groups + f->groups_len, group);
    if (group) f->shortened_len += put_group(f->shortened + f->shortened_len, group);
  }
}

/* The name without its separators: 2001-db8--1 and 2001.db8.1 are the same digits. */
static struct span without_separators(struct span host, char *out) {
  size_t n = 0;
  for (size_t i = 0; i < host.len && n < HEX_MAX; i++)
    if (host.s[i] != '-' && host.s[i] != '.' && host.s[i] != '_') out[n++] = host.s[i];
  return span_of(out, n);
}

#define HEX_WHOLE_MIN 10 /* significant digits of an address that are no chance */
#define INTERFACE_MIN 8

static struct found find_ipv6(struct span host, const struct addr *peer) {
  struct hexforms f;
  char text[HEX_MAX];
  struct found found;
  struct span digits = without_separators(host, text);
  struct span interface = span_of(f.whole + 16, 16);
  spell_ipv6(&f, peer);
  found.whole =
      contains(digits, span_of(f.whole, 32)) || contains(digits, span_of(f.backwards, 32)) ||
      (f.groups_len >= HEX_WHOLE_MIN && contains(digits, span_of(f.groups, f.groups_len))) ||
      (f.shortened_len >= HEX_WHOLE_MIN && contains(digits, span_of(f.shortened, f.shortened_len)));
  while (interface.len && interface.s[0] == '0') interface = span_from(interface, 1);
  found.part = found.whole || (interface.len >= INTERFACE_MIN && contains(digits, interface));
  return found;
}

#define WORD_MAX 24
#define STEM_MIN \
  4 /* a word of so many letters counts also as the beginning or end of a longer one */
#define STEM_MAX 9

static bool has_stem(struct hits *h, const char *table, struct span word) {
  struct span ignored;
  for (size_t n = STEM_MIN; n < word.len && n <= STEM_MAX; n++) {
    if (find_name(h, table, span_head(word, n), &ignored)) return true;
    if (find_name(h, table, span_from(word, word.len - n), &ignored)) return true;
  }
  return false;
}

/* A word is a run of letters: dsl of "dsl-84-112-3-5", mx of "mx12". */
static bool has_word(struct hits *h, const char *table, struct span host) {
  struct span ignored;
  for (size_t i = 0; i < host.len;) {
    size_t n = 0;
    while (i + n < host.len && ascii_is_letter((unsigned char)host.s[i + n])) n++;
    struct span word = span_of(host.s + i, n);
    if (n > 1 && n <= WORD_MAX && (find_name(h, table, word, &ignored) || has_stem(h, table, word)))
      return true;
    i += n ? n : 1;
  }
  return false;
}

/* Most names end here, before anything is looked up. */
static bool may_hold_address(struct span host) {
  size_t hex = 0;
  bool digit = false;
  for (size_t i = 0; i < host.len; i++) {
    if (is_hex(host.s[i])) hex++;
    if (ascii_is_digit((unsigned char)host.s[i])) digit = true;
  }
  return hex >= 2 && (digit || hex >= 8);
}

enum generic generic_classify(struct hits *h, struct span name, const struct addr *peer) {
  struct span host = host_part(name);
  if (!may_hold_address(host)) return GENERIC_NOT;
  struct found f = addr_is_ipv4(peer) ? find_ipv4(host, peer) : find_ipv6(host, peer);
  if (!f.part) return GENERIC_NOT;
  if (has_word(h, "host-words", host)) return GENERIC_NOT;
  if (has_word(h, "pool-words", host)) return GENERIC_POOL;
  return f.whole ? GENERIC_ADDRESS : GENERIC_NOT;
}
