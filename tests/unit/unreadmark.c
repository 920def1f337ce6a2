/* The mark of a line that could not be read: written, found, removed; it cannot be forged. */
#include "line/unreadmark.h"
#include "line/field.h"
#include "tap.h"

static void formatted(void) {
  static const struct {
    const char *name, *piece, *want;
  } rows[] = {
      {"a key", "at", " unread=score:at"},
      {"a piece", "helo", " unread=score:helo"},
      {"nothing", "", " unread=score:"},
      {"spaces and what controls terminals", "a b\x1b[31m%,", " unread=score:a%20b%1B[31m%25,"},
      {"more than is shown",
       "0123456789012345678901234567890123456789012345678901234567890123456789",
       " unread=score:012345678901234567890123456789012345678901234567"},
  };
  char out[UNREADMARK_TEXT_MAX];
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    is_text(span_of(out, unreadmark_format("score", span_str(rows[i].piece), out)), rows[i].want,
            "%s", rows[i].name);
  char worst[UNREADMARK_PIECE_MAX];
  memset(worst, 0xff, sizeof worst);
  size_t len =
      unreadmark_format("a-very-long-name-of-a-program", span_of(worst, sizeof worst), out);
  ok(len == UNREADMARK_TEXT_MAX, "the longest fits just so");
}

static void found(void) {
  static const struct {
    const char *name, *line;
    bool marked;
    const char *unmarked;
  } rows[] = {
      {"a mark", "session1 at=x unread=score:at", true, "session1 at=x"},
      {"a mark of another program", "session1 at=x unread=resolve:at", true,
       "session1 at=x unread=resolve:at"},
      {"a mark with a field after it", "session1 at=x unread=score:at a=b", true,
       "session1 at=x unread=score:at a=b"},
      {"two marks, the last one is removed", "session1 unread=score:a unread=score:b", true,
       "session1 unread=score:a"},
      {"a mark of a program with a longer name", "session1 unread=scorer:a", true,
       "session1 unread=scorer:a"},
      {"a mark without its piece", "session1 at=x unread=score", true,
       "session1 at=x unread=score"},
      {"in a value", "session1 helo=unread=score:at", false, "session1 helo=unread=score:at"},
      {"in a word", "session1 xunread=score:at", false, "session1 xunread=score:at"},
      {"at the front", "unread=score:at", false, "unread=score:at"},
      {"an empty line", "", false, ""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct span line = span_str(rows[i].line);
    ok(unreadmark_is_set(line) == rows[i].marked, "%s", rows[i].name);
    is_text(unreadmark_strip(line, "score"), rows[i].unmarked, "%s, removed", rows[i].name);
    if (rows[i].marked)
      ok(field_line_is_passthrough(line, "session1"), "%s, passed on", rows[i].name);
  }
}

int main(void) {
  formatted();
  found();
  return done();
}
