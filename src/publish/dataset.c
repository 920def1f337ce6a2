#include "publish/dataset.h"
#include "publish/expiry.h"
#include "base/textbuf.h"
#include "publish/txt.h"

#define NUMBER_TEXT_MAX 24
#define ENTRY_MAX       (ADDR_TEXT_MAX + 24 + TXT_MAX)

bool dataset_exists(unsigned int partition, enum dataset_kind kind) {
  return kind != DATASET_QUIT || !partition_is_ipv4(partition);
}

void dataset_name(char out[DATASET_NAME_MAX], unsigned int partition, enum dataset_kind kind) {
  static const char *const kinds[] = {
      [DATASET_BLACK] = "black", [DATASET_OTHER] = "shade", [DATASET_QUIT] = "quit"};
  struct textbuf t;
  t = textbuf_of(out, DATASET_NAME_MAX - 1);
  textbuf_put_str(&t, kinds[kind]);
  textbuf_put_str(&t, partition_is_ipv4(partition) ? "4" : "6");
  if (partition == PARTITION_HOT4 || partition == PARTITION_HOT6) textbuf_put_str(&t, ".hot");
  else if (partition < SHARDS) {
    textbuf_put_str(&t, ".");
    textbuf_put_number(&t, partition);
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

/* The hot datasets come first. The expiry comes last, since rbldnsd takes $SOA and $NS from the
   first; it has no entries, so any type will do. */
bool dataset_arguments(stralloc *out, struct span zone, bool blacklist) {
  for (unsigned int partition = PARTITIONS; partition-- > 0;)
    for (unsigned int kind = 0; kind < DATASET_KINDS; kind++) {
      char name[DATASET_NAME_MAX];
      if (!dataset_exists(partition, (enum dataset_kind)kind)) continue;
      if (blacklist && kind != DATASET_BLACK) continue;
      dataset_name(name, partition, (enum dataset_kind)kind);
      if (!add_argument(out, zone, dataset_type(partition), name)) return false;
    }
  return add_argument(out, zone, "ip4set", EXPIRY_NAME);
}

static bool add_number(stralloc *s, uint64_t value) {
  char digits[NUMBER_TEXT_MAX];
  struct textbuf t;
  t = textbuf_of(digits, sizeof digits);
  textbuf_put_number(&t, value);
  return stralloc_catb(s, digits, t.len);
}

/* Refresh, retry and expire are for secondaries, and there are none. The last value is the TTL of a
   negative answer (RFC 2308 section 4). */
static bool add_head(stralloc *s, const struct zone_settings *zone) {
  return stralloc_cats(s, "$TTL ") && add_number(s, zone->ttl) && stralloc_cats(s, "\n$SOA ") &&
         add_number(s, zone->ttl) && stralloc_cats(s, " ") &&
         stralloc_catb(s, zone->soa.s, zone->soa.len) && stralloc_cats(s, " 0 600 300 86400 ") &&
         add_number(s, zone->ttl) && stralloc_cats(s, "\n$NS ") && add_number(s, zone->ttl) &&
         stralloc_cats(s, " ") && stralloc_catb(s, zone->ns.s, zone->ns.len) &&
         stralloc_cats(s, "\n");
}

static const char *test_entry(unsigned int partition) {
  if (partition == PARTITION_HOT4) return "127.0.0.2 :127.0.0.2:test entry\n";
  return partition == PARTITION_HOT6 ? "::ffff:7f00:2/128 :127.0.0.2:test entry\n" : "";
}

bool dataset_texts_begin(struct dataset_texts *t, unsigned int partition,
                         const struct zone_settings *zone) {
  for (int kind = 0; kind < DATASET_KINDS; kind++) {
    t->of[kind].len = 0;
    if (!add_head(&t->of[kind], zone)) return false;
  }
  return stralloc_cats(&t->of[DATASET_BLACK], test_entry(partition));
}

/* "192.0.2.1 :127.0.0.2:TXT", or "192.0.2.1 :127.0.0.2:" without a TXT. */
static bool add_entry(stralloc *s, const struct addr *ip, const char *a, struct span txt) {
  char line[ENTRY_MAX];
  struct textbuf t;
  t = textbuf_of(line, sizeof line);
  t.len = addr_format(line, ip);
  textbuf_put_str(&t, addr_is_ipv4(ip) ? " :" : "/64 :");
  textbuf_put_str(&t, a);
  textbuf_put_str(&t, ":");
  textbuf_put(&t, txt);
  textbuf_put_str(&t, "\n");
  return stralloc_catb(s, line, t.len);
}

static bool add_colour(struct dataset_texts *t, const struct listing_row *l, enum colour colour,
                       struct span url) {
  static const char *const a[] = {
      [COLOUR_BLACK] = "127.0.0.2", [COLOUR_YELLOW] = "127.0.0.3", [COLOUR_BROWN] = "127.0.0.4"};
  enum dataset_kind kind = colour == COLOUR_BLACK ? DATASET_BLACK : DATASET_OTHER;
  char txt[TXT_MAX];
  return add_entry(&t->of[kind], &l->ip, a[colour], span_of(txt, txt_format(l, url, txt)));
}

static bool add_quit_history(struct dataset_texts *t, const struct addr *ip,
                             enum quit_history history) {
  static const char *const a[] = {[QUIT_HISTORY_QUITS] = "127.0.1.1",
                                  [QUIT_HISTORY_NEVER] = "127.0.1.2",
                                  [QUIT_HISTORY_MIXED] = "127.0.1.3"};
  enum dataset_kind kind = addr_is_ipv4(ip) ? DATASET_OTHER : DATASET_QUIT;
  return history == QUIT_HISTORY_UNKNOWN || add_entry(&t->of[kind], ip, a[history], span_of("", 0));
}

bool dataset_texts_add(struct dataset_texts *t, const struct listing_row *l, uint8_t answers,
                       struct span url) {
  enum colour colour = answers_colour(answers);
  return colour == COLOUR_NONE || (add_colour(t, l, colour, url) &&
                                   add_quit_history(t, &l->ip, answers_quit_history(answers)));
}

void dataset_texts_free(struct dataset_texts *t) {
  for (int kind = 0; kind < DATASET_KINDS; kind++) stralloc_free(&t->of[kind]);
}
