#include "follow/position.h"
#include "line/field.h"
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads the bytes that end at `end`, as many as buf holds. None if the file is shorter. */
static bool read_back(int fd, uint64_t end, char buf[LINE_BYTES_MAX], struct span *out) {
  size_t len = end < LINE_BYTES_MAX ? (size_t)end : LINE_BYTES_MAX;
  ssize_t got = pread(fd, buf, len, (off_t)(end - len));
  *out = span_of(buf, got == (ssize_t)len ? len : 0);
  return got >= 0;
}

/* The last line of the text, without its LF. The text ends at the offset `end` of the file. Returns
   false if the beginning of the line is not in the text. */
static bool last_line(struct span text, uint64_t end, struct span *line) {
  if (text.len && text.s[text.len - 1] == '\n') text.len--;
  size_t before = span_find_last(text, '\n');
  *line = before < text.len ? span_from(text, before + 1) : text;
  return before < text.len || end <= LINE_BYTES_MAX;
}

const char *position_check(int fd, const struct checkpoint *c, int *error) {
  char buf[LINE_BYTES_MAX];
  struct span text, line;
  struct stat st;
  *error = 0;
  if (c->offset == 0) return NULL;
  if (fstat(fd, &st) != 0 || !read_back(fd, c->offset, buf, &text)) {
    *error = errno;
    return "it cannot be read";
  }
  if (text.len == 0) return "its file is shorter";
  /* The last line of a file has no LF if its logger was killed. */
  if (text.s[text.len - 1] != '\n' && c->offset != (uint64_t)st.st_size)
    return "no line ends there";
  if (!last_line(text, c->offset, &line) || !*c->label) return NULL;
  bool same = span_is(span_head(line, CHECKPOINT_LABEL_LEN), c->label);
  return same ? NULL : "another line ends there";
}

bool position_at_end(int fd, struct checkpoint *c) {
  char buf[LINE_BYTES_MAX];
  struct span text, line, label, kind, fields;
  struct stat st;
  if (fstat(fd, &st) != 0) return false;
  c->offset = (uint64_t)st.st_size;
  c->label[0] = '\0';
  for (bool found = false; !found && c->offset > 0;) {
    if (!read_back(fd, c->offset, buf, &text)) return false;
    if (text.len == 0) break; /* it has become shorter meanwhile: the next start will see that */
    size_t at = span_find_last(text, '\n');
    found = at < text.len;
    c->offset -= found ? text.len - at - 1 : text.len;
  }
  if (c->offset == 0) return true;
  if (!read_back(fd, c->offset, buf, &text)) return false;
  if (!last_line(text, c->offset, &line)) return true;
  field_line_open(line, &label, &kind, &fields);
  if (label.len) memcpy(c->label, label.s, label.len);
  c->label[label.len] = '\0';
  return true;
}
