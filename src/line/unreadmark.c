#include "line/unreadmark.h"
#include "base/escape.h"

static const char field[] = " unread=";
#define FIELD_BYTES (sizeof field - 1)

size_t unreadmark_format(const char *program, struct span piece, char *out) {
  size_t used, len = FIELD_BYTES;
  struct span name = span_head(span_str(program), UNREADMARK_PROGRAM_MAX);
  memcpy(out, field, len);
  if (name.len) memcpy(out + len, name.s, name.len);
  len += name.len;
  out[len++] = ':';
  piece = span_head(piece, UNREADMARK_PIECE_MAX);
  return len + escape_put(out + len, 3 * UNREADMARK_PIECE_MAX, piece, ESCAPE_VALUE, &used);
}

bool unreadmark_is_set(struct span line) {
  return line.len && memmem(line.s, line.len, field, FIELD_BYTES);
}

struct span unreadmark_strip(struct span line, const char *program) {
  size_t space = span_find_last(line, ' ');
  struct span mark = span_from(line, space), name = span_str(program);
  if (mark.len <= FIELD_BYTES || memcmp(mark.s, field, FIELD_BYTES) != 0) return line;
  struct span by = span_from(mark, FIELD_BYTES);
  bool ours = span_equal(span_head(by, span_find(by, ':')), name) && name.len < by.len;
  return ours ? span_head(line, space) : line;
}
