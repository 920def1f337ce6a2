/* The replay window, also against a plain model of it. */
#include "report/replaywindow.h"
#include "tap.h"

static const struct {
  const char *name;
  uint64_t taken[4]; /* up to the first 0 */
  uint64_t look;
  enum replaywindow_state want;
  uint32_t check; /* of the number looked at; 0: that of those taken */
} rows[] = {
    {"1 in the empty window", {0}, 1, REPLAYWINDOW_NEW, 0},
    {"0 in the empty window", {0}, 0, REPLAYWINDOW_BELOW, 0},
    {"the highest first number", {0}, REPLAYWINDOW_FIRST, REPLAYWINDOW_NEW, 0},
    {"a first number that is too high", {0}, REPLAYWINDOW_FIRST + 1, REPLAYWINDOW_AHEAD, 0},
    {"the highest number of all as the first", {0}, UINT64_MAX, REPLAYWINDOW_AHEAD, 0},
    {"as far ahead as may be", {5}, 5 + REPLAYWINDOW_LEAP, REPLAYWINDOW_NEW, 0},
    {"a number further ahead", {5}, 6 + REPLAYWINDOW_LEAP, REPLAYWINDOW_AHEAD, 0},
    {"the forged number", {5}, INT64_MAX, REPLAYWINDOW_AHEAD, 0},
    {"another report under the same number", {5}, 5, REPLAYWINDOW_OTHER, 8},
    {"another report under a lower one", {5, 4, 9000}, 4, REPLAYWINDOW_BELOW, 8},
    {"another report under one within", {5, 4, 8000}, 4, REPLAYWINDOW_OTHER, 8},
    {"another report under a new one", {5}, 6, REPLAYWINDOW_NEW, 8},
    {"the same again", {5}, 5, REPLAYWINDOW_DUPLICATE, 0},
    {"the next", {5}, 6, REPLAYWINDOW_NEW, 0},
    {"a lower one that was left out", {5}, 4, REPLAYWINDOW_NEW, 0},
    {"a lower one that came late", {5, 4}, 4, REPLAYWINDOW_DUPLICATE, 0},
    {"0 is never new", {5}, 0, REPLAYWINDOW_BELOW, 0},
    {"the lowest within", {10000}, 10000 - 8191, REPLAYWINDOW_NEW, 0},
    {"the highest below", {10000}, 10000 - 8192, REPLAYWINDOW_BELOW, 0},
    {"one that shares its bit with an old number", {5, 5 + 8192}, 5, REPLAYWINDOW_BELOW, 0},
    {"the number whose bit an old one had", {5, 6 + 8192}, 5 + 8192, REPLAYWINDOW_NEW, 0},
    {"passed over in a jump of a whole window", {5, 5 + 8192}, 8000, REPLAYWINDOW_NEW, 0},
    {"passed over in a jump of more", {5, 50000}, 49000, REPLAYWINDOW_NEW, 0},
    {"taken before a jump within the window", {5, 6, 8000}, 6, REPLAYWINDOW_DUPLICATE, 0},
    {"at the end of all numbers", {UINT64_MAX}, UINT64_MAX, REPLAYWINDOW_DUPLICATE, 0},
    {"just below the end of all numbers", {UINT64_MAX}, UINT64_MAX - 1, REPLAYWINDOW_NEW, 0},
    {"above one near the end of all numbers", {UINT64_MAX - 9}, UINT64_MAX, REPLAYWINDOW_NEW, 0},
};

static void test_rows(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct replaywindow w = {.top = 0};
    for (size_t n = 0; n < 4 && rows[i].taken[n]; n++) replaywindow_add(&w, rows[i].taken[n], 7);
    ok(replaywindow_classify(&w, rows[i].look, rows[i].check ? rows[i].check : 7) == rows[i].want,
       "%s", rows[i].name);
  }
}

/* Numbers that wander upwards with repeats and gaps; the model remembers every number. */
static void test_model(void) {
  static uint8_t taken[60000];
  struct replaywindow w = {.top = 0};
  uint64_t top = 0, random = 1, wrong = 0, new = 0;
  for (int i = 0; i < 100000; i++) {
    random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    uint64_t seq = (uint64_t)i / 2 + 1 + (random >> 33) % 9500;
    enum replaywindow_state want = seq + REPLAYWINDOW_SIZE <= top ? REPLAYWINDOW_BELOW
                                   : taken[seq]                   ? REPLAYWINDOW_DUPLICATE
                                                                  : REPLAYWINDOW_NEW;
    wrong += replaywindow_classify(&w, seq, (uint32_t)seq) != want;
    if (want != REPLAYWINDOW_NEW) continue;
    replaywindow_add(&w, seq, (uint32_t)seq);
    taken[seq] = 1;
    new ++;
    if (seq > top) top = seq;
  }
  ok(wrong == 0 && new > 10000, "as the model says (%d new)", (int)new);
}

static void test_blob(void) {
  struct replaywindow w = {.top = 0}, back;
  char blob[REPLAYWINDOW_BLOB];
  replaywindow_encode(&w, blob);
  ok(replaywindow_decode(span_of(blob, sizeof blob), &back) && back.top == 0,
     "the empty window comes back");
  blob[100] = 1;
  ok(!replaywindow_decode(span_of(blob, sizeof blob), &back), "an empty one with a bit is refused");
  replaywindow_add(&w, UINT64_C(0x0123456789abcdef), 0);
  replaywindow_add(&w, UINT64_C(0x0123456789abcd00), 0);
  replaywindow_encode(&w, blob);
  ok(replaywindow_decode(span_of(blob, sizeof blob), &back) &&
         memcmp(w.bits, back.bits, sizeof w.bits) == 0 && w.top == back.top,
     "a full one comes back");
  ok(memcmp(blob, "\1\x01\x23\x45\x67\x89\xab\xcd\xef", 9) == 0, "version and number, big endian");
  ok(!replaywindow_decode(span_of(blob, sizeof blob - 1), &back), "a byte short is refused");
  ok(!replaywindow_decode(span_of(blob, 0), &back), "nothing is refused");
  blob[8] = (char)0xee;
  ok(!replaywindow_decode(span_of(blob, sizeof blob), &back),
     "without the bit of its top it is refused");
  blob[8] = (char)0xef;
  blob[0] = 2;
  ok(!replaywindow_decode(span_of(blob, sizeof blob), &back), "another version is refused");
}

/* Saves what is unsaved, as a store would: each part with the top at that time. */
struct saved {
  char blob[REPLAYWINDOW_BLOB], part[REPLAYWINDOW_PARTS][REPLAYWINDOW_PART_SIZE];
  uint64_t top[REPLAYWINDOW_PARTS];
  int parts; /* written last */
};

static void save(struct replaywindow *w, struct saved *to) {
  replaywindow_encode(w, to->blob);
  to->parts = 0;
  for (int i = 0; i < REPLAYWINDOW_PARTS; i++) {
    if (!(w->unsaved >> i & 1)) continue;
    replaywindow_encode_part(w, i, to->part[i]);
    to->top[i] = w->top;
    to->parts++;
  }
  w->unsaved = 0;
}

static bool load(const struct saved *from, struct replaywindow *w) {
  bool loaded = replaywindow_decode(span_of(from->blob, sizeof from->blob), w);
  for (int i = 0; i < REPLAYWINDOW_PARTS; i++)
    loaded = loaded && replaywindow_decode_part(
                           w, i, span_of(from->part[i], REPLAYWINDOW_PART_SIZE), from->top[i]);
  return loaded;
}

/* What is said of each number within and around the window, also by another check. */
static uint64_t differences(const struct replaywindow *a, const struct replaywindow *b) {
  uint64_t found = 0;
  for (uint64_t n = a->top > 9000 ? a->top - 9000 : 1; n < a->top + 10; n++)
    for (uint32_t off = 0; off < 2; off++)
      found += replaywindow_classify(a, n, (uint32_t)n + off) !=
               replaywindow_classify(b, n, (uint32_t)n + off);
  return found;
}

static void test_parts(void) {
  static struct saved saved;
  static struct replaywindow w, back;
  uint64_t random = 7, wrong = 0;
  ok(load(&saved, &back) == false, "nothing is no window");
  for (uint64_t i = 1; i < 40000; i++) {
    random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    uint64_t seq = i + (random >> 33) % 4000;
    if (replaywindow_classify(&w, seq, (uint32_t)seq) == REPLAYWINDOW_NEW)
      replaywindow_add(&w, seq, (uint32_t)seq);
    if (i % 997) continue;
    save(&w, &saved);
    wrong += !load(&saved, &back) + differences(&w, &back);
  }
  ok(wrong == 0, "saved now and then, it always comes back");
  save(&w, &saved);
  replaywindow_add(&w, w.top + 1, 3);
  save(&w, &saved);
  ok(saved.parts == 1, "one report is one part");
  replaywindow_add(&w, w.top + 3 * REPLAYWINDOW_SIZE, 9);
  save(&w, &saved);
  ok(load(&saved, &back) && replaywindow_classify(&back, w.top, 8) == REPLAYWINDOW_OTHER &&
         replaywindow_classify(&back, w.top - 1, 8) == REPLAYWINDOW_NEW &&
         differences(&w, &back) == 0,
     "after a leap old parts say nothing");
  replaywindow_add(&w, w.top - 128, 5);
  save(&w, &saved);
  memset(saved.top, 0, sizeof saved.top);
  ok(load(&saved, &back) && replaywindow_classify(&back, w.top, 8) == REPLAYWINDOW_DUPLICATE,
     "what is not known is the same as any other");
  ok(!replaywindow_decode_part(&back, 64, span_of(saved.part[0], REPLAYWINDOW_PART_SIZE), 1) &&
         !replaywindow_decode_part(&back, -1, span_of(saved.part[0], REPLAYWINDOW_PART_SIZE), 1) &&
         !replaywindow_decode_part(&back, 0, span_of(saved.part[0], REPLAYWINDOW_PART_SIZE - 1), 1),
     "no such part, or of another length");
}

int main(void) {
  test_rows();
  test_parts();
  test_model();
  test_blob();
  return done();
}
