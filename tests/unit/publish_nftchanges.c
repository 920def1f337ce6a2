/* nftchanges.h */
#include "publish/nftchanges.h"
#include "tap.h"

#define NOW INT64_C(1795980000)

static struct nftchanges n;
static stralloc text;
static const struct siphash_key key = {0};

static struct addr addr_of(const char *ip) {
  struct addr a = {{0}};
  if (!addr_parse(span_str(ip), &a)) printf("# malformed %s\n", ip);
  return a;
}

static void note(const char *ip, enum colour colour, int64_t left) {
  const struct listing_row l = {.ip = addr_of(ip),
                                .colour = colour,
                                .until = n.now + left,
                                .sins = span_str("a\n}; flush ruleset")};
  nftchanges_note(&n, &l);
}

static struct span made(void) {
  ok(nftchanges_format(&n, &text), "formatted");
  nftchanges_clear(&n);
  return span_of(text.s ? text.s : "", text.len);
}

/* A list that holds 192.0.2.1 and 2001:db8::/64. */
static void begin(void) {
  struct addr ip4 = addr_of("192.0.2.1"), ip6 = addr_of("2001:db8::");
  ok(nftchanges_begin(&n, 0, key, NOW) && !n.reload, "begun");
  nftchanges_add(&n, &ip4);
  nftchanges_add(&n, &ip6);
}

static const struct {
  const char *name, *ip;
  enum colour colour;
  int64_t left;
  const char *want;
} rows[] = {
    {"a new listing", "192.0.2.2", COLOUR_BLACK, 60,
     "add element inet sinbin bots4 { 192.0.2.2 }\ndelete element inet sinbin bots4 { 192.0.2.2 }\n"
     "add element inet sinbin bots4 { 192.0.2.2 timeout 60s }\n"},
    {"a renewal, IPv6", "2001:db8::", COLOUR_BLACK, 61,
     "add element inet sinbin bots6 { 2001:db8:: }\n"
     "delete element inet sinbin bots6 { 2001:db8:: }\n"
     "add element inet sinbin bots6 { 2001:db8:: timeout 61s }\n"},
    {"a listing that is now yellow", "192.0.2.1", COLOUR_YELLOW, 60,
     "add element inet sinbin bots4 { 192.0.2.1 }\n"
     "delete element inet sinbin bots4 { 192.0.2.1 }\n"},
    {"a listing that was ended", "192.0.2.1", COLOUR_BLACK, 0,
     "add element inet sinbin bots4 { 192.0.2.1 }\n"
     "delete element inet sinbin bots4 { 192.0.2.1 }\n"},
    {"a listing that now ends too far ahead", "192.0.2.1", COLOUR_BLACK, 9 * 86400,
     "add element inet sinbin bots4 { 192.0.2.1 }\n"
     "delete element inet sinbin bots4 { 192.0.2.1 }\n"},
    {"a brown address that never was listed", "192.0.2.3", COLOUR_BROWN, 60, ""},
    {"an ended listing that never was in the sets", "192.0.2.3", COLOUR_BLACK, 0, ""},
    {"an address that is never published", "127.0.0.1", COLOUR_BLACK, 60, ""},
    {"a network that is never published", "::", COLOUR_BLACK, 60, ""},
};

static void test_reload(void) {
  begin();
  note("192.0.2.9", COLOUR_BLACK, LISTING_LONGEST + 100);
  ok(!n.reload && n.count == 0, "a listing that is too far ahead is left out");
  nftchanges_set_time(&n, NOW + 99);
  ok(!n.reload, "before it begins to count");
  nftchanges_set_time(&n, NOW + 100);
  ok(n.reload, "it begins to count: load all again");
  begin();
  nftchanges_set_time(&n, NOW - 60);
  ok(!n.reload, "the clock goes back by a minute");
  nftchanges_set_time(&n, NOW - 121);
  ok(n.reload, "and by more: load all again");

  begin();
  for (uint32_t i = 0; i < NFT_CHANGES_MAX; i++) {
    struct listing_row l = {
        .ip = addr_from_ipv4(0x0a000000 + i), .colour = COLOUR_BLACK, .until = NOW + 60};
    nftchanges_note(&n, &l);
  }
  ok(!n.reload && n.count == NFT_CHANGES_MAX, "as many changes as are possible");
  note("192.0.2.2", COLOUR_BLACK, 60);
  ok(n.reload && n.count == NFT_CHANGES_MAX, "one more: load all again");

  begin();
  n.room = 1;
  note("192.0.2.1", COLOUR_BLACK, 60);
  ok(!n.reload && n.room == 1, "a known address takes no room in the filter");
  note("192.0.2.2", COLOUR_BLACK, 60);
  ok(!n.reload && n.room == 0, "a new one does");
  note("192.0.2.3", COLOUR_BLACK, 60);
  ok(n.reload, "the filter is full: load all again");
}

int main(void) {
  ok(nftchanges_init(&n) && n.reload, "at first all must be loaded");
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    begin();
    note(rows[i].ip, rows[i].colour, rows[i].left);
    is_text(made(), rows[i].want, "%s", rows[i].name);
  }
  begin();
  note("192.0.2.5", COLOUR_BLACK, 5);
  note("2001:db8:1::", COLOUR_BLACK, 6);
  note("192.0.2.1", COLOUR_NONE, 7);
  note("192.0.2.6", COLOUR_BLACK, 8);
  is_text(made(),
          "add element inet sinbin bots4 { 192.0.2.5,\n192.0.2.1,\n192.0.2.6 }\n"
          "delete element inet sinbin bots4 { 192.0.2.5,\n192.0.2.1,\n192.0.2.6 }\n"
          "add element inet sinbin bots4 { 192.0.2.5 timeout 5s,\n192.0.2.6 timeout 8s }\n"
          "add element inet sinbin bots6 { 2001:db8:1:: }\n"
          "delete element inet sinbin bots6 { 2001:db8:1:: }\n"
          "add element inet sinbin bots6 { 2001:db8:1:: timeout 6s }\n",
          "several changes");
  is_text(made(), "", "no change: no text");
  note("192.0.2.5", COLOUR_YELLOW, 5);
  is_text(made(),
          "add element inet sinbin bots4 { 192.0.2.5 }\n"
          "delete element inet sinbin bots4 { 192.0.2.5 }\n",
          "what was added by a change can be removed by the next");
  test_reload();
  nftchanges_free(&n);
  stralloc_free(&text);
  return done();
}
