/* HB1: its keys and their limits, and the room for keys to come. */
#include "report/heartbeat.h"
#include "tap.h"
#include <stdlib.h>

#define HEAD "HB1 trap1 1 1764000000 1764000060000 1764000060 "
#define KEYS                                                                              \
  "up=60 lines=9 reports=8 acked=7 pending=1 oldest=2 sent=5 resent=3 failed=0 unread=1 " \
  "bogus=0"
#define NAME_32 "abcdefghijklmnopqrstuvwxyz-01234"

static const struct {
  const char *name, *line;
  bool want, same; /* same: encodes to the same bytes again */
} rows[] = {
    {"an ordinary heartbeat", HEAD "version=0.1 " KEYS, true, true},
    {"a version of a distribution", HEAD "version=1.0~rc1+dfsg-2 " KEYS, true, true},
    {"a key to come", HEAD "version=0.1 " KEYS " dropped=4", true, false},
    {"gaps", HEAD "version=0.1 " KEYS " gaps=2 lastgap=1764000000", true, true},
    {"gaps, and a key to come", HEAD "version=0.1 " KEYS " gaps=2 lastgap=0 a=b", true, false},
    {"gaps after a key to come", HEAD "version=0.1 " KEYS " a=b gaps=x", true, false},
    {"no gap", HEAD "version=0.1 " KEYS " gaps=0 lastgap=0", false, false},
    {"gaps without a time", HEAD "version=0.1 " KEYS " gaps=2", false, false},
    {"gaps that are no number", HEAD "version=0.1 " KEYS " gaps=x lastgap=1", false, false},
    {"a gap too late", HEAD "version=0.1 " KEYS " gaps=1 lastgap=253402300800", false, false},
    {"two keys to come", HEAD "version=0.1 " KEYS " a=b c=", true, false},
    {"nothing", "", false, false},
    {"no keys", "HB1 trap1 1 1764000000 1764000060000 1764000060", false, false},
    {"no version", HEAD KEYS, false, false},
    {"an empty version", HEAD "version= " KEYS, false, false},
    {"a version with a slash", HEAD "version=a/b " KEYS, false, false},
    {"a version too long", HEAD "version=" NAME_32 "5 " KEYS, false, false},
    {"a key missing", HEAD "version=0.1 up=60 lines=9", false, false},
    {"keys in another order", HEAD "version=0.1 lines=9 up=60", false, false},
    {"a leading zero", HEAD "version=0.1 up=060 lines=9", false, false},
    {"a sign", HEAD "version=0.1 up=-60 lines=9", false, false},
    {"a word at the end", HEAD "version=0.1 " KEYS " x", false, false},
    {"a space at the end", HEAD "version=0.1 " KEYS " ", false, false},
    {"two spaces", HEAD "version=0.1  " KEYS, false, false},
    {"LF at the end", HEAD "version=0.1 " KEYS "\n", false, false},
    {"a control character", HEAD "version=0.1 " KEYS " a=\x1b", false, false},
    {"seq 0", "HB1 trap1 1 1764000000 0 1764000060 version=0.1 " KEYS, false, false},
    {"a time too late", "HB1 trap1 1 1 1 253402300800 version=0.1 " KEYS, false, false},
    {"another kind", "SB1 trap1 1 1 1 1 version=0.1 " KEYS, false, false},
};

static void test_rows(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct heartbeat h;
    char again[REPORT_LINE_MAX];
    size_t len = strlen(rows[i].line);
    char *copy = malloc(len + 1);
    if (!copy) abort();
    memcpy(copy, rows[i].line, len);
    bool got = heartbeat_decode(span_of(copy, len), &h);
    ok(got == rows[i].want, "%s: %s", rows[i].want ? "taken" : "refused", rows[i].name);
    struct span text = span_of(again, got ? heartbeat_encode(&h, again, sizeof again) : 0);
    if (got && rows[i].same) is_text(text, rows[i].line, "again: %s", rows[i].name);
    free(copy);
  }
}

static void test_members(void) {
  struct heartbeat h = {.seq = 0};
  heartbeat_decode(span_str(rows[0].line), &h);
  is_text(h.origin.detector, "trap1", "detector");
  is_text(h.version, "0.1", "version");
  ok(h.seq == 1764000060000 && h.unixtime == 1764000060, "seq and unixtime");
  ok(h.count[BEAT_UP] == 60 && h.count[BEAT_PENDING] == 1 && h.count[BEAT_BOGUS] == 0, "counts");
  ok(strcmp(heartbeat_name(BEAT_OLDEST), "oldest") == 0 && !heartbeat_name(BEATS) &&
         !heartbeat_name(-1),
     "names");
}

static void test_limits(void) {
  struct heartbeat h = {.origin = {span_str(NAME_32), KEYGEN_MAX, EPOCH_MAX},
                        .seq = SEQ_MAX,
                        .unixtime = UNIXTIME_MAX,
                        .version = span_str(NAME_32)};
  char text[REPORT_LINE_MAX];
  for (int i = 0; i < BEATS; i++) h.count[i] = SEQ_MAX;
  size_t len = heartbeat_encode(&h, text, sizeof text);
  ok(len > 0, "the longest heartbeat fits a datagram (%zu bytes)", len);
  struct heartbeat back;
  ok(heartbeat_decode(span_of(text, len), &back) && back.count[BEAT_BOGUS] == SEQ_MAX,
     "and is taken");
  ok(heartbeat_encode(&h, text, len - 1) == 0, "and not in one byte less");
  h.count[BEAT_SENT]++;
  ok(heartbeat_encode(&h, text, sizeof text) == 0, "a count too high is not encoded");
  h.count[BEAT_SENT] = 0;
  h.version = span_str("a b");
  ok(heartbeat_encode(&h, text, sizeof text) == 0, "a version with a space is not encoded");
  h.version = span_str("1");
  h.origin.epoch = 0;
  ok(heartbeat_encode(&h, text, sizeof text) == 0, "epoch 0 is not encoded");
}

int main(void) {
  test_rows();
  test_members();
  test_limits();
  return done();
}
