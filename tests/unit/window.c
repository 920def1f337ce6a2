/* The replay window, also against a plain model of it. */
#include "report/window.h"
#include "tap.h"

static const struct {
  const char *name;
  uint64_t taken[4]; /* up to the first 0 */
  uint64_t look;
  enum window_state want;
} rows[] = {
    {"1 in the empty window", {0}, 1, WINDOW_NEW},
    {"0 in the empty window", {0}, 0, WINDOW_BELOW},
    {"the highest number in the empty window", {0}, UINT64_MAX, WINDOW_NEW},
    {"the same again", {5}, 5, WINDOW_DUPLICATE},
    {"the next", {5}, 6, WINDOW_NEW},
    {"a lower one that was left out", {5}, 4, WINDOW_NEW},
    {"a lower one that came late", {5, 4}, 4, WINDOW_DUPLICATE},
    {"0 is never new", {5}, 0, WINDOW_BELOW},
    {"the lowest within", {10000}, 10000 - 8191, WINDOW_NEW},
    {"the highest below", {10000}, 10000 - 8192, WINDOW_BELOW},
    {"one that shares its bit with an old number", {5, 5 + 8192}, 5, WINDOW_BELOW},
    {"the number whose bit an old one had", {5, 6 + 8192}, 5 + 8192, WINDOW_NEW},
    {"passed over in a jump of a whole window", {5, 5 + 8192}, 8000, WINDOW_NEW},
    {"passed over in a jump of more", {5, 50000}, 49000, WINDOW_NEW},
    {"taken before a jump within the window", {5, 6, 8000}, 6, WINDOW_DUPLICATE},
    {"at the end of all numbers", {UINT64_MAX}, UINT64_MAX, WINDOW_DUPLICATE},
    {"just below the end of all numbers", {UINT64_MAX}, UINT64_MAX - 1, WINDOW_NEW},
};

static void test_rows(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct window w = {.top = 0};
    for (size_t n = 0; n < 4 && rows[i].taken[n]; n++) window_take(&w, rows[i].taken[n]);
    ok(window_look(&w, rows[i].look) == rows[i].want, "%s", rows[i].name);
  }
}

/* Numbers that wander upwards with repeats and gaps; the model remembers every number. */
static void test_model(void) {
  static uint8_t taken[60000];
  struct window w = {.top = 0};
  uint64_t top = 0, random = 1, wrong = 0, new = 0;
  for (int i = 0; i < 100000; i++) {
    random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    uint64_t seq = (uint64_t)i / 2 + 1 + (random >> 33) % 9500;
    enum window_state want = seq + WINDOW_SIZE <= top ? WINDOW_BELOW
                             : taken[seq]             ? WINDOW_DUPLICATE
                                                      : WINDOW_NEW;
    wrong += window_look(&w, seq) != want;
    if (want != WINDOW_NEW) continue;
    window_take(&w, seq);
    taken[seq] = 1;
    new ++;
    if (seq > top) top = seq;
  }
  ok(wrong == 0 && new > 10000, "as the model says (%d new)", (int)new);
}

static void test_blob(void) {
  struct window w = {.top = 0}, back;
  char blob[WINDOW_BLOB];
  window_save(&w, blob);
  ok(window_load(span_of(blob, sizeof blob), &back) && back.top == 0,
     "the empty window comes back");
  blob[100] = 1;
  ok(!window_load(span_of(blob, sizeof blob), &back), "an empty one with a bit is refused");
  window_take(&w, UINT64_C(0x0123456789abcdef));
  window_take(&w, UINT64_C(0x0123456789abcd00));
  window_save(&w, blob);
  ok(window_load(span_of(blob, sizeof blob), &back) && memcmp(&w, &back, sizeof w) == 0,
     "a full one comes back");
  ok(memcmp(blob, "\1\x01\x23\x45\x67\x89\xab\xcd\xef", 9) == 0, "version and number, big endian");
  ok(!window_load(span_of(blob, sizeof blob - 1), &back), "a byte short is refused");
  ok(!window_load(span_of(blob, 0), &back), "nothing is refused");
  blob[8] = (char)0xee;
  ok(!window_load(span_of(blob, sizeof blob), &back), "without the bit of its top it is refused");
  blob[8] = (char)0xef;
  blob[0] = 2;
  ok(!window_load(span_of(blob, sizeof blob), &back), "another version is refused");
}

int main(void) {
  test_rows();
  test_model();
  test_blob();
  return done();
}
