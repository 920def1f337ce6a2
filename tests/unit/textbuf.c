/* Text in a bounded buffer: whole pieces or nothing, and cut to fit. */
#include "base/textbuf.h"
#include "tap.h"

enum mode { PUT, CUT };

static const struct {
  const char *name;
  enum mode mode;
  size_t cap;
  const char *pieces[4];
  const char *want;
  bool full;
} rows[] = {
    {"put: all pieces fit", PUT, 6, {"ab", "", "cdef"}, "abcdef", false},
    {"put: the last does not fit", PUT, 5, {"ab", "cdef"}, "ab", true},
    {"put: a later one fits", PUT, 5, {"ab", "cdef", "ghi"}, "abghi", true},
    {"put: nothing fits", PUT, 0, {"a"}, "", true},
    {"put: nothing into nothing", PUT, 0, {""}, "", false},
    {"cut: all pieces fit", CUT, 6, {"ab", "cdef"}, "abcdef", false},
    {"cut: the last is cut", CUT, 5, {"ab", "cdef"}, "abcde", true},
    {"cut: what follows is left out", CUT, 5, {"ab", "cdef", "g"}, "abcde", true},
    {"cut: nothing fits", CUT, 0, {"a"}, "", true},
};

static void each_mode(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char room[8] = "#######";
    struct textbuf t = textbuf_of(room, rows[i].cap);
    for (const char *const *piece = rows[i].pieces; *piece; piece++)
      if (rows[i].mode == PUT) textbuf_put_str(&t, *piece);
      else textbuf_cut_str(&t, *piece);
    is_text(textbuf_span(&t), rows[i].want, "%s", rows[i].name);
    ok(t.full == rows[i].full, "full or not");
    ok(room[rows[i].cap] == '#', "nothing is written after the buffer");
  }
}

static void numbers(void) {
  char room[5];
  struct textbuf t = textbuf_of(room, sizeof room);
  textbuf_put_number(&t, 407);
  textbuf_put_byte(&t, '/');
  textbuf_put_number(&t, 10);
  is_text(textbuf_span(&t), "407/", "a number is whole or left out");
  textbuf_put_number(&t, 0);
  is_text(textbuf_span(&t), "407/0", "a shorter one fits");
  ok(t.full, "and it is known that one was left out");
}

int main(void) {
  each_mode();
  numbers();
  return done();
}
