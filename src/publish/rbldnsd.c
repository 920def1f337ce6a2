#include "publish/rbldnsd.h"
#include "publish/expiry.h"
#include "publish/txt.h"

#define SHARDS          PARTITION_IPV6
#define OCTETS_A_SHARD  28 /* 8 x 28 = 224: beyond is no unicast */
#define ENTRY_BYTES_MAX (ADDR_TEXT_MAX + 24 + TXT_MAX)

bool zone_name_is_valid(struct span name) {
  struct span rest = name;
  if (name.len == 0 || name.len > 253) return false;
  do {
    struct span label = span_cut(&rest, '.');
    if (label.len == 0 || label.len > 63) return false;
    for (size_t i = 0; i < label.len; i++) {
      unsigned char c = (unsigned char)label.s[i];
      if (!ascii_is_letter(c) && !ascii_is_digit(c) && (c != '-' || i == 0)) return false;
    }
  } while (rest.len);
  return name.s[name.len - 1] != '.';
}

unsigned int partition_of(const struct addr *ip) {
  if (!addr_is_ipv4(ip)) return PARTITION_IPV6;
  uint32_t shard = (addr_ipv4(ip) >> 24) / OCTETS_A_SHARD;
  return shard < SHARDS ? shard : SHARDS - 1;
}

void partition_range(unsigned int base, struct addr *from, struct addr *to) {
  if (base < SHARDS) {
    uint32_t first = base * OCTETS_A_SHARD;
    *from = addr_from_ipv4(first << 24);
    *to = addr_from_ipv4(((first + OCTETS_A_SHARD) << 24) - 1);
    return;
  }
  /* IPv4 lies within ::/64, which is not publishable */
  memset(from, 0, sizeof *from);
  from->byte[7] = 1;
  memset(to, 0xff, sizeof *to);
}

unsigned int partition_hot(const struct addr *ip) {
  return addr_is_ipv4(ip) ? PARTITION_HOT4 : PARTITION_HOT6;
}

static bool partition_is_ipv4(unsigned int partition) {
  return partition < SHARDS || partition == PARTITION_HOT4;
}

bool partition_has(unsigned int partition, enum dataset_kind kind) {
  return kind != DATASET_QUIT || !partition_is_ipv4(partition);
}

void dataset_name(char out[DATASET_NAME_MAX], unsigned int partition, enum dataset_kind kind) {
  static const char *const kinds[] = {"black", "shade", "quit"};
  struct txt t;
  txt_init(&t, out, DATASET_NAME_MAX - 1);
  txt_add_str(&t, kinds[kind]);
  txt_add_str(&t, partition_is_ipv4(partition) ? "4" : "6");
  if (partition == PARTITION_HOT4 || partition == PARTITION_HOT6) txt_add_str(&t, ".hot");
  else if (partition < SHARDS) {
    txt_add_str(&t, ".");
    txt_add_number(&t, partition);
  }
  out[t.len] = '\0';
}

const char *dataset_type(unsigned int partition) {
  return partition_is_ipv4(partition) ? "ip4set" : "ip6trie";
}

static bool add_argument(stralloc *out, struct span zone, const char *type, const char *name) {
  return stralloc_catb(out, zone.s, zone.len) && stralloc_cats(out, ":") &&
         stralloc_cats(out, type) && stralloc_cats(out, ":") && stralloc_cats(out, name) &&
         stralloc_cats(out, "\n");
}

bool zone_arguments(stralloc *out, struct span zone, bool blacklist) {
  for (unsigned int partition = PARTITIONS; partition-- > 0;) /* hot first */
    for (unsigned int kind = 0; kind < DATASET_KINDS; kind++) {
      char name[DATASET_NAME_MAX];
      if (!partition_has(partition, (enum dataset_kind)kind)) continue;
      if (blacklist && kind != DATASET_BLACK) continue;
      dataset_name(name, partition, (enum dataset_kind)kind);
      if (!add_argument(out, zone, dataset_type(partition), name)) return false;
    }
  return add_argument(out, zone, "ip4set", EXPIRY_NAME); /* a type is needed, entries are not */
}

static bool add_number(stralloc *s, uint64_t value) {
  char digits[24];
  struct txt t;
  txt_init(&t, digits, sizeof digits);
  txt_add_number(&t, value);
  return stralloc_catb(s, digits, t.len);
}

/* Refresh, retry and expire are for secondaries, of which there are none; the last value is the
   TTL of a negative answer (RFC 2308 section 4). */
static bool add_head(stralloc *s, const struct zone_head *head) {
  return stralloc_cats(s, "$TTL ") && add_number(s, head->ttl) && stralloc_cats(s, "\n$SOA ") &&
         add_number(s, head->ttl) && stralloc_cats(s, " ") &&
         stralloc_catb(s, head->soa.s, head->soa.len) && stralloc_cats(s, " 0 600 300 86400 ") &&
         add_number(s, head->ttl) && stralloc_cats(s, "\n$NS ") && add_number(s, head->ttl) &&
         stralloc_cats(s, " ") && stralloc_catb(s, head->ns.s, head->ns.len) &&
         stralloc_cats(s, "\n");
}

static const char *test_entry(unsigned int partition) {
  if (partition == PARTITION_HOT4) return "127.0.0.2 :127.0.0.2:test entry\n";
  return partition == PARTITION_HOT6 ? "::ffff:7f00:2/128 :127.0.0.2:test entry\n" : "";
}

bool datasets_text_begin(struct datasets_text *s, unsigned int partition,
                         const struct zone_head *head) {
  for (int kind = 0; kind < DATASET_KINDS; kind++) {
    s->of[kind].len = 0;
    if (!add_head(&s->of[kind], head)) return false;
  }
  return stralloc_cats(&s->of[DATASET_BLACK], test_entry(partition));
}

static bool add_entry(stralloc *s, const struct addr *ip, const char *a, struct span txt) {
  char line[ENTRY_BYTES_MAX];
  struct txt t;
  txt_init(&t, line, sizeof line);
  t.len = addr_format(line, ip);
  txt_add_str(&t, addr_is_ipv4(ip) ? " :" : "/64 :");
  txt_add_str(&t, a);
  txt_add_str(&t, ":"); /* a second colon and nothing behind it: no TXT */
  txt_add(&t, txt);
  txt_add_str(&t, "\n");
  return stralloc_catb(s, line, t.len);
}

bool datasets_text_add(struct datasets_text *s, const struct listing_row *l, uint8_t answers,
                       struct span url) {
  static const char *const colours[] = {
      [COLOUR_BLACK] = "127.0.0.2", [COLOUR_YELLOW] = "127.0.0.3", [COLOUR_BROWN] = "127.0.0.4"};
  static const char *const habits[] = {[QUIT_HISTORY_QUITS] = "127.0.1.1",
                                       [QUIT_HISTORY_NEVER] = "127.0.1.2",
                                       [QUIT_HISTORY_MIXED] = "127.0.1.3"};
  enum colour colour = answers_colour(answers);
  enum quit_history quit_history = answers_quit_history(answers);
  char txt[TXT_MAX];
  if (colour == COLOUR_NONE) return true;
  stralloc *to = &s->of[colour == COLOUR_BLACK ? DATASET_BLACK : DATASET_OTHER];
  if (!add_entry(to, &l->ip, colours[colour], span_of(txt, listed_text(l, url, txt)))) return false;
  if (quit_history == QUIT_HISTORY_UNKNOWN) return true;
  to = &s->of[addr_is_ipv4(&l->ip) ? DATASET_OTHER : DATASET_QUIT];
  return add_entry(to, &l->ip, habits[quit_history], span_of("", 0));
}

void datasets_text_free(struct datasets_text *s) {
  for (int kind = 0; kind < DATASET_KINDS; kind++) stralloc_free(&s->of[kind]);
}

void dataset_padding(char *out, size_t n) {
  for (size_t i = 0; i < n; i++) out[i] = i % 64 == 63 || i + 1 == n ? '\n' : '#';
}
