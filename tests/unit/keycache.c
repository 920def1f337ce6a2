/* The cache of keys, the encoded rows and the Bloom filter, each compared with a simple model. */
#include "store/keycache.h"
#include "store/bloom.h"
#include "store/rowcodec.h"
#include "line/sessionline.h"
#include "tap.h"
#include <stdlib.h>

static uint64_t state = 7;

static uint32_t chance(uint32_t below) {
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)(state >> 33) % below;
}

/* ---- encoded rows ---- */

static int64_t some_number(void) {
  static const int64_t limits[] = {0, 1, -1, 63, 64, -64, -65, INT64_MAX, INT64_MIN, 1764000000};
  return chance(2) ? limits[chance(10)] : (int64_t)chance(1u << (1 + chance(30)));
}

static struct hourcounts some_hours(void) {
  struct hourcounts t = {.hour = 0};
  for (uint32_t n = chance(5); n > 0; n--) hourcounts_add(&t, INT64_C(1764000000) + chance(90000));
  if (chance(4) == 0) t.count[0] = UINT16_MAX, t.hour = 490000;
  return t;
}

static const struct {
  const char *name;
  struct span encoded;
  bool want;
  int64_t received;
} receipts[] = {
    {"of an earlier collector", SPAN_LITERAL("\2\4\0\0\0\0\0\0\0\0\0\0\0\0a"), true, 0},
    {"of an earlier collector, without sins", SPAN_LITERAL("\2\4\0\0\0\0\0\0\0\0\0\0\0\0"), true,
     0},
    {"a time of receipt", SPAN_LITERAL("\2\4\0\0\0\0\0\0\0\0\0\0\0\0\0\6a"), true, 3},
    {"a time of receipt, without sins", SPAN_LITERAL("\2\4\0\0\0\0\0\0\0\0\0\0\0\0\0\6"), true, 3},
    {"a time of receipt of 0", SPAN_LITERAL("\2\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0a"), false, 0},
    {"a time of receipt that is missing", SPAN_LITERAL("\2\4\0\0\0\0\0\0\0\0\0\0\0\0\0"), false, 0},
    {"two times of receipt", SPAN_LITERAL("\2\4\0\0\0\0\0\0\0\0\0\0\0\0\0\6\0\6"), false, 0},
};

static void test_receipts(void) {
  for (size_t i = 0; i < sizeof receipts / sizeof *receipts; i++) {
    struct evidence e;
    bool read = rowcodec_decode_evidence(receipts[i].encoded, &e);
    ok(read == receipts[i].want && (!read || (e.received == receipts[i].received && e.last == 2)),
       "%s", receipts[i].name);
  }
}

static void test_evidence_images(void) {
  static const char *const sins[] = {"", "a", "no-quit", "helo-bot,no-quit"};
  char image[ROWCODEC_EVIDENCE_MAX], again[ROWCODEC_EVIDENCE_MAX];
  int same = 0, cut = 0, longer = 0;
  for (int i = 0; i < 2000; i++) {
    struct evidence e = {.first = some_number(),
                         .last = some_number(),
                         .last_bot = some_number(),
                         .bots = some_number(),
                         .future = some_number(),
                         .received = i % 3 ? some_number() : 0,
                         .score = some_number(),
                         .quits = some_number(),
                         .noquits = some_number(),
                         .recent_bots = some_hours(),
                         .recent_cleans = some_hours()};
    struct evidence back;
    memset(&back, 0xa5, sizeof back);
    e.sins_len = strlen(sins[i % 4]);
    memcpy(e.sins, sins[i % 4], e.sins_len);
    size_t len = rowcodec_encode_evidence(&e, image);
    same +=
        rowcodec_decode_evidence(span_of(image, len), &back) &&
        rowcodec_encode_evidence(&back, again) == len && memcmp(image, again, len) == 0 &&
        back.first == e.first && back.noquits == e.noquits && back.score == e.score &&
        back.received == e.received && span_equal(evidence_sins(&back), evidence_sins(&e)) &&
        back.recent_bots.hour == e.recent_bots.hour &&
        memcmp(back.recent_cleans.count, e.recent_cleans.count, sizeof e.recent_cleans.count) == 0;
    if (e.sins_len == 0) {
      cut += rowcodec_decode_evidence(span_of(image, len - 1), &back);
      image[len] = '\0';
      longer += rowcodec_decode_evidence(span_of(image, len + 1), &back);
    }
  }
  ok(same == 2000, "evidence comes back as it was (%d of 2000)", same);
  ok(cut == 0 && longer == 0, "but not cut or with more after it (%d, %d)", cut, longer);
}

static const struct {
  const char *name;
  struct span encoded;
  bool want;
} listings[] = {
    {"all zero", SPAN_LITERAL("\0\0\0\0\0\0\0\0"), true},
    {"black, with a sin", SPAN_LITERAL("\3\2\4\2\6\2\0\0a"), true},
    {"no such colour", SPAN_LITERAL("\4\0\0\0\0\0\0\0"), false},
    {"a number missing", SPAN_LITERAL("\0\0\0\0\0\0\0"), false},
    {"nothing", SPAN_LITERAL(""), false},
    {"a number in two bytes", SPAN_LITERAL("\0\x80\1\0\0\0\0\0\0"), true},
    {"a second spelling of 0", SPAN_LITERAL("\0\x80\0\0\0\0\0\0\0"), false},
    {"a number that never ends",
     SPAN_LITERAL("\0\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\1\0\0\0\0\0\0"), false},
    {"64 bits", SPAN_LITERAL("\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\1\0\0\0\0\0\0"), true},
    {"65 bits", SPAN_LITERAL("\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\2\0\0\0\0\0\0"), false},
};

static void test_listing_images(void) {
  char image[ROWCODEC_LISTING_MAX];
  struct listing l;
  for (size_t i = 0; i < sizeof listings / sizeof *listings; i++) {
    bool read = rowcodec_decode_listing(listings[i].encoded, &l);
    ok(read == listings[i].want, "listing: %s", listings[i].name);
    if (read)
      ok(span_equal(span_of(image, rowcodec_encode_listing(&l, image)), listings[i].encoded),
         "and back");
  }
  l = (struct listing){.exists = true,
                       .colour = COLOUR_BLACK,
                       .since = INT64_MIN,
                       .until = INT64_MIN,
                       .times = INT64_MIN,
                       .last = INT64_MIN,
                       .detectors = INT64_MIN,
                       .quits = INT64_MIN,
                       .noquits = INT64_MIN,
                       .sins_len = LISTING_SINS_MAX};
  memset(l.sins, 'x', sizeof l.sins);
  ok(rowcodec_encode_listing(&l, image) <= ROWCODEC_LISTING_MAX, "the longest fits");
}

/* ---- the cache ---- */

#define KEYS  200
#define NAMES 4

/* What the cache must hold: bodies by key and name; 0 is none. */
static struct {
  bool there, dirty;
  uint8_t len[NAMES], fill[NAMES];
} model[KEYS];

static struct addr key_of(uint32_t n) {
  return addr_from_ipv4(n * 77);
}

static struct span name_of(uint32_t n) {
  return span_str((const char *const[]){"", "a", "ab", "b"}[n]);
}

static bool is_right(struct keycache *c, uint32_t n) {
  struct addr key = key_of(n);
  const struct keycache_entry *e = keycache_find(c, &key);
  struct keycache_record r;
  struct span last = span_of("", 0);
  if (!e) return !model[n].there;
  if (!model[n].there || e->dirty != model[n].dirty) return false;
  for (uint32_t i = 0; i < NAMES; i++) {
    bool got = keycache_entry_get(e, name_of(i), &r);
    if (got != (model[n].len[i] > 0) ||
        (got && (r.body.len != model[n].len[i] || (uint8_t)r.body.s[0] != model[n].fill[i])))
      return false;
  }
  for (size_t at = 0; keycache_entry_next(e, &at, &r); last = r.name)
    if (last.len && (r.name.len == 0 || memcmp(r.name.s, last.s, 1) < 0)) return false;
  return true;
}

/* Every key that is not there any more must have been clean. */
static bool forget_dropped(struct keycache *c) {
  bool sound = true;
  for (uint32_t n = 0; n < KEYS; n++) {
    struct addr key = key_of(n);
    if (!model[n].there || keycache_find(c, &key)) continue;
    sound = sound && !model[n].dirty;
    memset(&model[n], 0, sizeof model[n]);
  }
  return sound;
}

static bool step(struct keycache *c) {
  uint32_t n = chance(KEYS), name = chance(NAMES);
  struct addr key = key_of(n);
  struct keycache_entry *e = keycache_find(c, &key);
  if (chance(10) == 0) {
    if (e && !e->dirty) {
      keycache_drop(c, &key);
      memset(&model[n], 0, sizeof model[n]);
    }
    return true;
  }
  if (!e && keycache_is_full(c)) {
    if (keycache_add(c, &key)) return false;
    bool could = false;
    for (uint32_t i = 0; i < KEYS; i++) could = could || (model[i].there && !model[i].dirty);
    if (keycache_make_room(c) != could || !forget_dropped(c)) return false;
    if (!could) return true;
  }
  if (!e) e = keycache_add(c, &key);
  if (!e) return false;
  char body[256];
  memset(body, model[n].fill[name] = (uint8_t)chance(256), sizeof body);
  struct keycache_record r = {false, name_of(name),
                              span_of(body, model[n].len[name] = (uint8_t)(1 + chance(250)))};
  model[n].there = true;
  e->dirty = model[n].dirty = chance(2);
  return keycache_entry_put(e, &r);
}

/* Looking for several keys at once, there or not, gives the same as one after the other. */
static bool many_are_right(struct keycache *c) {
  struct addr keys[KEYCACHE_MANY];
  struct keycache_entry *found[KEYCACHE_MANY];
  uint32_t count = chance(KEYCACHE_MANY + 1);
  bool right = true;
  for (uint32_t i = 0; i < count; i++) keys[i] = key_of(chance(KEYS));
  keycache_find_many(c, keys, count, found);
  for (uint32_t i = 0; i < count; i++) right = right && found[i] == keycache_find(c, &keys[i]);
  return right;
}

static void test_cache(void) {
  struct keycache c;
  bool sound = keycache_init(&c, 150, (struct siphash_key){{1, 2}});
  int steps = 0;
  for (; sound && steps < 20000; steps++) {
    sound = step(&c) && many_are_right(&c);
    for (uint32_t n = 0; sound && n < KEYS; n += 1 + chance(20)) sound = is_right(&c, n);
  }
  for (uint32_t n = 0; sound && n < KEYS; n++) sound = is_right(&c, n);
  ok(sound, "20,000 random steps, and the cache is its model (%d)", steps);
  ok(c.count <= 150, "never more than its maximum");
  keycache_free(&c);
}

static void test_hand(void) {
  struct keycache c;
  bool made = keycache_init(&c, 100, (struct siphash_key){{3, 4}});
  struct addr key;
  for (uint32_t n = 0; made && n < 100; n++)
    made = (key = key_of(n), keycache_add(&c, &key) != NULL);
  ok(made && !keycache_add(&c, &(struct addr){{1}}), "filled");
  for (uint32_t n = 0; n < 100; n++) {
    key = key_of(n);
    keycache_find(&c, &key)->referenced = n % 2;
  }
  for (int i = 0; i < 50; i++) made = made && keycache_make_room(&c);
  int kept = 0;
  for (uint32_t n = 1; n < 100; n += 2) kept += (key = key_of(n), keycache_find(&c, &key) != NULL);
  ok(made && kept > 25, "keys that were used stay longer (%d of 50)", kept);
  keycache_free(&c);
}

/* ---- the filter ---- */

static void test_filter(void) {
  struct bloom f;
  int lost = 0, wrong = 0;
  bool made = bloom_init(&f, 10000, (struct siphash_key){{5, 6}});
  for (uint32_t n = 0; made && n < 10000; n++)
    bloom_add(&f, &(struct addr){{1, 2, (uint8_t)(n >> 8), (uint8_t)n}});
  for (uint32_t n = 0; made && n < 10000; n++) {
    lost += !bloom_may_contain(&f, &(struct addr){{1, 2, (uint8_t)(n >> 8), (uint8_t)n}});
    wrong += bloom_may_contain(&f, &(struct addr){{1, 3, (uint8_t)(n >> 8), (uint8_t)n}});
  }
  ok(made && lost == 0, "every key that was added is reported");
  ok(wrong < 100, "few keys that were not added are reported (%d of 10,000)", wrong);
  bloom_free(&f);
}

int main(void) {
  test_evidence_images();
  test_receipts();
  test_listing_images();
  test_cache();
  test_hand();
  test_filter();
  return done();
}
