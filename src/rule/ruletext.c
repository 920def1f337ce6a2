#include "rule/ruletext.h"

static bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/* Index of the first control character, or line.len. */
static size_t find_control(struct span line) {
  for (size_t i = 0; i < line.len; i++) {
    unsigned char c = (unsigned char)line.s[i];
    if ((c < ' ' && c != '\t') || c == 0x7f) return i;
  }
  return line.len;
}

/* `#`, and in lists as they are published `;`, at the beginning or behind a blank. */
static struct span without_comment(struct span line, bool foreign) {
  for (size_t i = 0; i < line.len; i++) {
    bool mark = line.s[i] == '#' || (foreign && line.s[i] == ';');
    if (mark && (i == 0 || is_blank(line.s[i - 1]))) return span_head(line, i);
  }
  return line;
}

/* The reason why a line cannot be read at all, or NULL. */
static const char *refuse_line(struct span line, bool ended) {
  if (line.len > RULE_LINE_MAX) return "the line is longer than 4096 bytes";
  if (find_control(line) < line.len) return "there is a control character in the line";
  if (!ended) return "the last line has no end: was the file cut short?";
  return NULL;
}

static bool read_line(struct row *row, enum format format, bool ended) {
  static row_reader *const readers[] = {NULL, row_zone, row_csv};
  struct span line = span_of(row->text, row->len);
  if (line.len && line.s[line.len - 1] == '\r') line.len--;
  const char *reason = refuse_line(line, ended);
  if (reason) {
    complain(row->complaints, row->file->name, row->line, reason, span_of(NULL, 0));
    return true;
  }
  if (format == FORMAT_LIST) line = without_comment(line, row->file->value != NULL);
  line = span_trim(line);
  if (line.len == 0) return true;
  row->text += line.s - row->text;
  row->len = line.len;
  return format == FORMAT_LIST ? row->file->read(row) : readers[format](row);
}

/* A fetch that failed may leave that, and a name of columns may be meant otherwise. */
static void look_for_entries(const struct rulefile *file, const struct rule_rows *rows,
                             struct complaints *c) {
  bool expected = file->read == row_listed || rows->passed;
  if (file->value && expected && rows->addresses.count == 0 && rows->named.count == 0)
    warn_of(c, file->name, 0, "there is no entry in this list", span_of(NULL, 0));
}

bool ruletext_read(const struct rulefile *file, char *text, size_t len, struct rule_rows *rows,
                   struct complaints *c) {
  uint32_t number = 0;
  size_t complaints = c->count;
  enum format format = FORMAT_LIST;
  if (file->value && !format_find(span_of(text, len), file->name, c, &format)) return true;
  for (size_t at = 0; at < len;) {
    const char *end = memchr(text + at, '\n', len - at);
    size_t size = end ? (size_t)(end - (text + at)) : len - at;
    struct row row = {text + at, size, ++number, file, rows, c};
    if (!read_line(&row, format, end != NULL)) return false;
    at += size + 1;
  }
  rows_settle(&rows->addresses, c);
  rows_settle(&rows->named, c);
  rows_settle(&rows->patterns, c);
  /* A line that could not be read is not missing as well. */
  if (c->count > complaints) return true;
  if (file->check) file->check(rows, c, number ? number : 1);
  look_for_entries(file, rows, c);
  return true;
}
