/* Where a file's whole lines end, and whether a checkpoint still fits a file. */
#include "follow/position.h"
#include "line/field.h"
#include "tap.h"
#include <stdlib.h>
#include <unistd.h>

#define A "@400000006b04de0c0cc3c80f"
#define B "@400000006b04de0d0cc3c80f"

static int file;

static void put(const char *text, size_t len) {
  if (ftruncate(file, 0) != 0 || pwrite(file, text, len, 0) != (ssize_t)len) abort();
}

static const struct {
  const char *name, *text;
  uint64_t offset;
  const char *label, *want; /* want NULL: it fits */
} rows[] = {
    {"the beginning", "", 0, "", NULL},
    {"the beginning, with a label", "", 0, A, NULL},
    {"behind a line", A " one\n" B " two\n", 30, A, NULL},
    {"behind the second", A " one\n" B " two\n", 60, B, NULL},
    {"no label to compare", A " one\n" B " two\n", 30, "", NULL},
    {"behind an empty line", "a\n\nb\n", 3, "", NULL},
    {"behind a last line without LF", A " one\n" B " tw", 58, B, NULL},
    {"another label", A " one\n" B " two\n", 30, B, "another line ends there"},
    {"a line without a label", "one\n", 4, A, "another line ends there"},
    {"the middle of a line", A " one\n" B " two\n", 29, A, "no line ends there"},
    {"the middle of the last", A " one\n" B " tw", 57, B, "no line ends there"},
    {"behind the end", A " one\n", 31, A, "its file is shorter"},
    {"far behind the end", A " one\n", UINT64_C(9223372036854775807), A, "its file is shorter"},
};

static void test_check(void) {
  int error = 77;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct checkpoint c = {.epoch = 1, .seq = 1, .offset = rows[i].offset};
    memcpy(c.label, rows[i].label, strlen(rows[i].label) + 1);
    put(rows[i].text, strlen(rows[i].text));
    const char *wrong = position_check(file, &c, &error);
    ok(error == 0 && (wrong == NULL) == (rows[i].want == NULL), "%s", rows[i].name);
    if (wrong && rows[i].want) is_text(span_str(wrong), rows[i].want, "so it says");
  }
  struct checkpoint c = {.epoch = 1, .seq = 1, .offset = 1};
  ok(position_check(-1, &c, &error) && error, "a file that cannot be read");
}

/* A first line of len bytes and a whole second one, then something that is none. */
static void test_end(size_t len) {
  static char text[4 * LINE_BYTES_MAX];
  struct checkpoint c = {.epoch = 1, .seq = 1};
  int error;
  memset(text, 'x', sizeof text);
  text[len] = '\n';
  memcpy(text + len + 1, B " two\nxx", 32);
  put(text, len + 33);
  ok(position_at_end(file, &c) && c.offset == len + 31, "the end behind %zu bytes", len);
  is_text(span_str(c.label), B, "and its label");
  ok(!position_check(file, &c, &error), "which fits");
  put(text, len);
  ok(position_at_end(file, &c) && c.offset == 0 && !*c.label, "%zu bytes without a line", len);
  put(text, len + 1);
  ok(position_at_end(file, &c) && c.offset == len + 1 && !*c.label, "one line without a label");
  memcpy(text, A " ", 26);
  put(text, len + 1);
  ok(position_at_end(file, &c) && (*c.label != 0) == (len < LINE_BYTES_MAX),
     "or with one, where it is not too far away");
  memcpy(c.label, A, sizeof c.label);
  ok(!position_check(file, &c, &error), "a line too long is taken on trust");
  memcpy(c.label, B, sizeof c.label);
  ok((position_check(file, &c, &error) != NULL) == (len < LINE_BYTES_MAX), "but no shorter one");
}

int main(void) {
  char path[] = "/tmp/sinbin-position-XXXXXX";
  const size_t lengths[] = {30,
                            LINE_BYTES_MAX - 32,
                            LINE_BYTES_MAX - 2,
                            LINE_BYTES_MAX - 1,
                            LINE_BYTES_MAX,
                            2 * LINE_BYTES_MAX,
                            3 * LINE_BYTES_MAX + 5};
  file = mkstemp(path);
  ok(file >= 0, "a file");
  unlink(path);
  test_check();
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) test_end(lengths[i]);
  put("", 0);
  struct checkpoint c = {.epoch = 1, .seq = 1};
  ok(position_at_end(file, &c) && c.offset == 0, "an empty file ends at its beginning");
  ok(!position_at_end(-1, &c), "a file that cannot be read");
  return done();
}
