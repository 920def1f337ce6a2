/* OK1: one spelling, never longer than its question, and never valid as anything else. */
#include "report/answer.h"
#include "report/heartbeat.h"
#include "report/mac.h"
#include "tap.h"
#include <stdlib.h>

#define TAG_TEXT "0123456789abcdef0123456789abcdef"
#define NAME_32  "abcdefghijklmnopqrstuvwxyz-01234"

static const struct {
  const char *name, *line;
  size_t count; /* 0: refused */
  uint64_t sum;
} rows[] = {
    {"one number", "OK1 trap1 1 1764000000 4711", 1, 4711},
    {"three numbers", "OK1 trap1 1 1764000000 1 2 3", 3, 6},
    {"in any order", "OK1 trap1 1 1764000000 3 1 2", 3, 6},
    {"the same twice", "OK1 trap1 1 1764000000 7 7", 2, 14},
    {"the highest numbers", "OK1 a 4294967295 253402300799 9223372036854775807", 1, SEQ_MAX},
    {"nothing", "", 0, 0},
    {"no number", "OK1 trap1 1 1764000000", 0, 0},
    {"no number but a space", "OK1 trap1 1 1764000000 ", 0, 0},
    {"a space at the end", "OK1 trap1 1 1764000000 1 ", 0, 0},
    {"two spaces", "OK1 trap1 1 1764000000 1  2", 0, 0},
    {"number 0", "OK1 trap1 1 1764000000 1 0", 0, 0},
    {"a leading zero", "OK1 trap1 1 1764000000 01", 0, 0},
    {"a sign", "OK1 trap1 1 1764000000 +1", 0, 0},
    {"a number too high", "OK1 trap1 1 1 9223372036854775808", 0, 0},
    {"a word", "OK1 trap1 1 1764000000 1 x 2", 0, 0},
    {"LF", "OK1 trap1 1 1764000000 1\n", 0, 0},
    {"a second line", "OK1 trap1 1 2 1\nOK1 trap1 1 2 2", 0, 0},
    {"keygen 0", "OK1 trap1 0 1764000000 1", 0, 0},
    {"epoch 0", "OK1 trap1 1 0 1", 0, 0},
    {"a detector in upper case", "OK1 Trap1 1 1764000000 1", 0, 0},
    {"a report", "SB1 trap1 1 1764000000 4711", 0, 0},
    {"a heartbeat", "HB1 trap1 1 1764000000 4711", 0, 0},
    {"another version", "OK2 trap1 1 1764000000 4711", 0, 0},
};

static void test_rows(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct datagram again = {.len = 0};
    struct origin origin;
    struct span seqs;
    uint64_t seq, sum = 0;
    size_t len = strlen(rows[i].line), count = 0;
    char *copy = malloc(len + 1);
    if (!copy) abort();
    memcpy(copy, rows[i].line, len);
    if (answer_decode(span_of(copy, len), &origin, &seqs))
      while (answer_next(&seqs, &seq)) {
        count++;
        sum += seq;
        answer_add(&again, &origin, seq);
      }
    ok(count == rows[i].count && sum == rows[i].sum, "%s: %s", rows[i].count ? "taken" : "refused",
       rows[i].name);
    if (count) is_text(datagram_covered(&again), rows[i].line, "again: %s", rows[i].name);
    free(copy);
  }
}

static void test_limits(void) {
  static const struct origin good = {SPAN_LITERAL("trap1"), 1, 2};
  static const struct origin bad[] = {{SPAN_LITERAL("Trap"), 1, 2},
                                      {SPAN_LITERAL("trap1"), 0, 2},
                                      {SPAN_LITERAL("trap1"), KEYGEN_MAX + 1, 2},
                                      {SPAN_LITERAL("trap1"), 1, 0},
                                      {SPAN_LITERAL("trap1"), 1, EPOCH_MAX + 1}};
  struct datagram d = {.len = 0};
  struct span seqs;
  struct origin origin;
  uint64_t seq;
  size_t count = 0, read = 0;
  ok(!answer_add(&d, &good, 0) && d.len == 0, "number 0 is refused");
  ok(!answer_add(&d, &good, SEQ_MAX + 1) && d.len == 0, "a number too high is refused");
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    ok(!answer_add(&d, &bad[i], 1) && d.len == 0, "bad origin %zu is refused", i + 1);
  while (answer_add(&d, &good, SEQ_MAX)) count++;
  ok(count == (DATAGRAM_MAX - DATAGRAM_TAIL - 13) / 20, "as many as fit with the tag (%zu)", count);
  if (answer_decode(datagram_covered(&d), &origin, &seqs))
    while (answer_next(&seqs, &seq)) read++;
  ok(read == count, "all are read");
  ok(datagram_close(&d, TAG_TEXT).len <= DATAGRAM_MAX, "the whole fits a datagram");
}

/* A small generator of its own, so that a failure can be had again. */
static uint64_t next_random(uint64_t *state) {
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return *state >> 33;
}

static size_t random_line(uint64_t *state, const struct origin *origin, char *buf) {
  static const char *const rest[] = {"", " 1", " \x80", " 1764000014 192.0.2.7 bot 28 fin - -"};
  uint64_t bits = next_random(state) % 63;
  uint64_t seq = (next_random(state) << 31 | next_random(state)) >> (62 - bits);
  return (size_t)snprintf(buf, REPORT_LINE_MAX, "SB1 %.*s %llu %llu %llu%s",
                          (int)origin->detector.len, origin->detector.s,
                          (unsigned long long)origin->keygen, (unsigned long long)origin->epoch,
                          (unsigned long long)(seq ? seq : 1), rest[next_random(state) % 4]);
}

/* Questions of every size, also of the shortest lines that can be answered at all. */
static void test_never_longer(void) {
  static const struct origin origins[] = {
      {SPAN_LITERAL("a"), 1, 1},
      {SPAN_LITERAL("trap1"), 1, 1764000000},
      {SPAN_LITERAL(NAME_32), KEYGEN_MAX, EPOCH_MAX},
  };
  uint64_t state = 1;
  size_t longer = 0, missing = 0, numbers = 0;
  for (size_t round = 0; round < 20000; round++) {
    const struct origin *origin = &origins[round % 3];
    size_t lines = 1 + next_random(&state) % 100;
    struct datagram question = {.len = 0}, answer = {.len = 0};
    struct span rest, line;
    struct origin own;
    char buf[REPORT_LINE_MAX];
    uint64_t seq;
    for (size_t i = 0; i < lines; i++)
      if (!datagram_add(&question, span_of(buf, random_line(&state, origin, buf)))) break;
    rest = datagram_covered(&question);
    while (datagram_line(&rest, &line)) {
      numbers++;
      if (!report_identify(line, &own, &seq) || !answer_add(&answer, origin, seq)) missing++;
    }
    longer += datagram_close(&answer, TAG_TEXT).len > datagram_close(&question, TAG_TEXT).len;
  }
  ok(numbers > 100000 && missing == 0, "every line finds room in the answer (%zu)", numbers);
  ok(longer == 0, "no answer is longer than its question");
}

static enum datagram_kind kind_of(const char *text) {
  struct span covered, tag;
  struct origin origin;
  return datagram_parse(span_str(text), &covered, &tag, &origin);
}

/* What the tag covers begins with the kind: with one key, no kind's tag is another's. */
static void test_separation(void) {
  struct mac_key key = {{1}};
  struct report report;
  struct origin origin;
  struct heartbeat beat;
  struct span seqs;
  char one[TAG_HEX], other[TAG_HEX];
  ok(kind_of("SB1 a 1 2 3 " TAG_TEXT "\n") == DATAGRAM_REPORTS, "SB1 opens as reports");
  ok(kind_of("OK1 a 1 2 3 " TAG_TEXT "\n") == DATAGRAM_ANSWER, "OK1 opens as an answer");
  ok(kind_of("HB1 a 1 2 3 " TAG_TEXT "\n") == DATAGRAM_HEARTBEAT, "HB1 opens as a heartbeat");
  ok(kind_of("OK1 a 0 2 3 " TAG_TEXT "\n") == DATAGRAM_FOREIGN, "OK1 of keygen 0 does not open");
  ok(kind_of("HB1 A 1 2 3 " TAG_TEXT "\n") == DATAGRAM_FOREIGN, "HB1 of no detector does not");
  mac_tag(&key, span_str("SB1 a 1 2 3"), one);
  mac_tag(&key, span_str("OK1 a 1 2 3"), other);
  ok(memcmp(one, other, TAG_HEX) != 0, "the same words have another tag as another kind");
  ok(!report_decode(span_str("OK1 a 1 2 3 4 192.0.2.7 bot 28 fin - -"), &report),
     "no report is read from an answer");
  ok(!report_identify(span_str("OK1 a 1 2 3"), &origin, &beat.seq), "its number is not read");
  ok(!heartbeat_decode(span_str("OK1 a 1 2 3 4 version=1"), &beat), "and it is not a heartbeat");
  ok(!answer_decode(span_str("SB1 a 1 2 3"), &origin, &seqs), "no answer from a report");
}

int main(void) {
  if (!mac_init()) abort();
  test_rows();
  test_limits();
  test_never_longer();
  test_separation();
  return done();
}
