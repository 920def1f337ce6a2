#include "publish/dataset.h"
#include "tap.h"

static struct addr addr_of(const char *text) {
  struct addr a = {{0}};
  if (!addr_parse(span_str(text), &a)) printf("# malformed %s\n", text);
  return a;
}

#define HEAD "$TTL 60\n$SOA 60 ns.example p.example 0 600 300 86400 60\n$NS 60 ns.example\n"
#define SEEN "; last seen 2026-11-23 23:20 UTC; detectors 1"

static const struct zone_settings head = {
    .ns = SPAN_LITERAL("ns.example"), .soa = SPAN_LITERAL("ns.example p.example"), .ttl = 60};

static void test_names(void) {
  static const struct {
    unsigned int partition;
    enum dataset_kind kind;
    const char *want, *type;
  } rows[] = {{0, DATASET_BLACK, "black4.0", "ip4set"},
              {7, DATASET_OTHER, "shade4.7", "ip4set"},
              {PARTITION_IPV6, DATASET_BLACK, "black6", "ip6trie"},
              {PARTITION_IPV6, DATASET_QUIT, "quit6", "ip6trie"},
              {PARTITION_HOT4, DATASET_OTHER, "shade4.hot", "ip4set"},
              {PARTITION_HOT6, DATASET_QUIT, "quit6.hot", "ip6trie"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char name[DATASET_NAME_MAX];
    dataset_name(name, rows[i].partition, rows[i].kind);
    is_text(span_str(name), rows[i].want, "name %s", rows[i].want);
    is_text(span_str(dataset_type(rows[i].partition)), rows[i].type, "type of %s", rows[i].want);
    ok(dataset_exists(rows[i].partition, rows[i].kind), "%s exists", rows[i].want);
  }
  ok(!dataset_exists(0, DATASET_QUIT) && !dataset_exists(PARTITION_HOT4, DATASET_QUIT),
     "no quit for IPv4");
}

static void test_texts(void) {
  static const struct {
    const char *name, *ip;
    enum colour colour;
    uint64_t quits, noquits;
    const char *black, *other, *quit;
  } rows[] = {
      {"black", "192.0.2.1", COLOUR_BLACK, 0, 1, "192.0.2.1 :127.0.0.2:spambot: a" SEEN "\n",
       "192.0.2.1 :127.0.1.2:\n", ""},
      {"yellow", "192.0.2.1", COLOUR_YELLOW, 1, 1, "",
       "192.0.2.1 :127.0.0.3:bots and mail servers behind one address, do not block: a" SEEN
       "\n192.0.2.1 :127.0.1.3:\n",
       ""},
      {"brown", "192.0.2.1", COLOUR_BROWN, 1, 0, "",
       "192.0.2.1 :127.0.0.4:suspect, do not block: a" SEEN "\n192.0.2.1 :127.0.1.1:\n", ""},
      {"no quit history", "192.0.2.1", COLOUR_BLACK, 0, 0,
       "192.0.2.1 :127.0.0.2:spambot: a" SEEN "\n", "", ""},
      {"none", "192.0.2.1", COLOUR_NONE, 1, 1, "", "", ""},
      {"black, IPv6", "2001:db8:0:5::", COLOUR_BLACK, 0, 1,
       "2001:db8:0:5::/64 :127.0.0.2:spambot: a" SEEN "\n", "", "2001:db8:0:5::/64 :127.0.1.2:\n"},
      {"yellow, IPv6", "2001:db8::", COLOUR_YELLOW, 1, 1, "",
       "2001:db8::/64 :127.0.0.3:bots and mail servers behind one address, do not block: a" SEEN
       "\n",
       "2001:db8::/64 :127.0.1.3:\n"},
      {"the lowest, IPv6", "0:0:0:1::", COLOUR_BROWN, 1, 0, "",
       "0:0:0:1::/64 :127.0.0.4:suspect, do not block: a" SEEN "\n", "0:0:0:1::/64 :127.0.1.1:\n"},
  };
  struct dataset_texts s = {0};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const char *const want[] = {rows[i].black, rows[i].other, rows[i].quit};
    struct listing_row l = {.ip = addr_of(rows[i].ip),
                            .colour = rows[i].colour,
                            .until = 10,
                            .last = 1795476599,
                            .sins = span_str("a"),
                            .detectors = 1,
                            .quits = rows[i].quits,
                            .noquits = rows[i].noquits};
    ok(dataset_texts_begin(&s, 3, &head) &&
           dataset_texts_add(&s, &l, answers_of(&l, 9), span_of("", 0)),
       "%s", rows[i].name);
    for (int kind = 0; kind < DATASET_KINDS; kind++) {
      struct span got = span_of(s.of[kind].s, s.of[kind].len);
      ok(span_is(span_head(got, sizeof HEAD - 1), HEAD), "%s: head of %d", rows[i].name, kind);
      is_text(span_from(got, sizeof HEAD - 1), want[kind], "%s: entries of %d", rows[i].name, kind);
    }
  }
  dataset_texts_free(&s);
}

static void test_test_entries(void) {
  struct dataset_texts s = {0};
  for (unsigned int partition = 0; partition < PARTITIONS; partition++) {
    const char *want = partition == PARTITION_HOT4   ? "127.0.0.2 :127.0.0.2:test entry\n"
                       : partition == PARTITION_HOT6 ? "::ffff:7f00:2/128 :127.0.0.2:test entry\n"
                                                     : "";
    ok(dataset_texts_begin(&s, partition, &head), "partition %u", partition);
    is_text(span_from(span_of(s.of[DATASET_BLACK].s, s.of[DATASET_BLACK].len), sizeof HEAD - 1),
            want, "test entries of partition %u", partition);
    ok(s.of[DATASET_OTHER].len == sizeof HEAD - 1, "only one test entry in partition %u",
       partition);
  }
  dataset_texts_free(&s);
}

static void test_arguments(void) {
  stralloc out = {0};
  ok(dataset_arguments(&out, span_str("bl.example"), true), "arguments of bl.");
  is_text(span_of(out.s, out.len),
          "bl.example:ip6trie:black6.hot\nbl.example:ip4set:black4.hot\n"
          "bl.example:ip6trie:black6\nbl.example:ip4set:black4.7\nbl.example:ip4set:black4.6\n"
          "bl.example:ip4set:black4.5\nbl.example:ip4set:black4.4\nbl.example:ip4set:black4.3\n"
          "bl.example:ip4set:black4.2\nbl.example:ip4set:black4.1\nbl.example:ip4set:black4.0\n"
          "bl.example:ip4set:expiry\n",
          "all black datasets, and the expiry");
  out.len = 0;
  ok(dataset_arguments(&out, span_str("a"), false), "arguments of all.");
  is_text(span_head(span_of(out.s, out.len), 72),
          "a:ip6trie:black6.hot\na:ip6trie:shade6.hot\na:ip6trie:quit6.hot\na:ip4set:b",
          "all kinds of datasets");
  is_text(span_from(span_of(out.s, out.len), out.len - 34), "a:ip4set:shade4.0\na:ip4set:expiry\n",
          "and the expiry at the end");
  stralloc_free(&out);
}

int main(void) {
  test_names();
  test_texts();
  test_test_entries();
  test_arguments();
  return done();
}
