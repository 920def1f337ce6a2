#include "line/unread.h"
#include "line/field.h"

size_t unread_format(struct span line, uint64_t length, const char *why, char *out) {
  struct span label, kind, fields;
  struct fieldwriter fresh;
  char encoded[3 * UNREAD_HEAD_MAX];
  size_t used, len = 0;
  field_line_open(line, &label, &kind, &fields);
  if (label.len && label.len < line.len) { /* a space follows the label */
    len = label.len + 1;
    memcpy(out, line.s, len);
  }
  struct span text = span_head(span_from(line, len), UNREAD_HEAD_MAX);
  fieldwriter_init(&fresh, out + len, UNREAD_TEXT_MAX - len);
  fieldwriter_kind(&fresh, "unread1");
  fieldwriter_text(&fresh, "why", span_str(why));
  fieldwriter_number(&fresh, "bytes", length - len);
  size_t text_len = escape_put(encoded, sizeof encoded, text, ESCAPE_VALUE, &used);
  fieldwriter_text(&fresh, "text", span_of(encoded, text_len));
  return len + fresh.len;
}
