#include "rule/ruletext.h"
#include "rule/coverage.h"
#include "rule/jsonlist.h"
#include "rule/ruleline.h"

#define ADDRESSES_LONGEST 96 /* a range of two IPv6 addresses has fewer bytes */

/* Index of the first control character, or line.len. */
static size_t find_control(struct span line) {
  for (size_t i = 0; i < line.len; i++) {
    unsigned char c = (unsigned char)line.s[i];
    if ((c < ' ' && c != '\t') || c == 0x7f) return i;
  }
  return line.len;
}

static bool ends_in_address(struct span text) {
  size_t from = text.len;
  while (from && !ascii_is_blank(text.s[from - 1]))
    if (text.len - --from > ADDRESSES_LONGEST) return false;
  return ruleline_has_address(span_from(text, from));
}

/* Where the comment begins, or line.len: at `#`, and in lists as they are published `;`, at the
   beginning or behind a blank; `;` also behind an address. */
static size_t find_comment(struct span line, bool foreign) {
  for (size_t i = 0; i < line.len; i++) {
    bool semicolon = foreign && line.s[i] == ';';
    if (line.s[i] != '#' && !semicolon) continue;
    if (i == 0 || ascii_is_blank(line.s[i - 1])) return i;
    if (semicolon && ends_in_address(span_head(line, i))) return i;
  }
  return line.len;
}

/* 192.0.2.1;192.0.2.9: that is no comment. */
static bool hides_address(struct span line, size_t comment) {
  struct span rest = span_from(line, comment + 1), word;
  struct prefix ignored;
  const char *reason;
  if (comment == 0 || comment == line.len || ascii_is_blank(line.s[comment - 1])) return false;
  word = span_word(&rest);
  word = span_head(word, span_find(word, ';'));
  return prefix_parse(span_head(word, span_find(word, ',')), &ignored, &reason);
}

/* The reason why a line cannot be read at all, or NULL. */
static const char *refuse_line(struct span line, bool ended) {
  if (line.len > RULE_LINE_MAX) return "the line is longer than 4096 bytes";
  if (find_control(line) < line.len) return "there is a control character in the line";
  if (!ended) return "the last line has no end: was the file cut short?";
  return NULL;
}

static bool read_line(struct rule_line *row, enum format format, bool ended) {
  static ruleline_reader *const readers[] = {
      [FORMAT_ZONE] = read_zone_line, [FORMAT_CSV] = read_csv_line, [FORMAT_RPZ] = ruleline_rpz};
  struct span line = span_of(row->text, row->len);
  if (line.len && line.s[line.len - 1] == '\r') line.len--;
  const char *reason = refuse_line(line, ended);
  if (reason) return ruleline_error(row, reason, span_of(NULL, 0));
  size_t comment = format == FORMAT_LIST ? find_comment(line, row->file->value != NULL) : line.len;
  if (hides_address(line, comment))
    return ruleline_error(row, "a second address in the line: write one a line", span_of(NULL, 0));
  row->indented = line.len && ascii_is_blank(line.s[0]);
  line = span_trim(span_head(line, comment));
  if (line.len == 0) return true;
  row->text += line.s - row->text;
  row->len = line.len;
  return format == FORMAT_LIST ? row->file->read(row) : readers[format](row);
}

/* Tabs make columns in files that are not written by hand; in blacklist they may also be before a
 * weight. */
static bool may_have_columns(const struct rulefile *file) {
  return file->read == read_list_line || file->read == ruleline_blacklist;
}

/* The entries of a plain list have no values: it is another list than the operator spoke of. */
static bool has_choice(const struct rulefile *file, const struct listconf *conf,
                       struct rule_errors *c) {
  bool chosen = conf && !span_is(conf->values, "*") && (conf->values.len || conf->column.len);
  if (chosen)
    rule_error(c, file->name, 1, "a value was chosen, but the entries of this list have none",
               conf->values.len ? conf->values : conf->column);
  return !chosen;
}

static bool find_format(const struct rulefile *file, struct span text, struct rulefile_tables *rows,
                        struct rule_errors *c, enum format *out) {
  *out = FORMAT_LIST;
  if (!file->value) return true;
  if (rows->conf && rows->conf->formatted) {
    *out = rows->conf->format;
    return *out != FORMAT_LIST || has_choice(file, rows->conf, c);
  }
  if (!format_find(text, file->name, c, out)) return false;
  if (*out != FORMAT_LIST) return true;
  if (!may_have_columns(file) || !format_has_columns(text)) return has_choice(file, rows->conf, c);
  *out = FORMAT_CSV;
  rows->tabbed = file->read == ruleline_blacklist;
  return true;
}

/* A fetch that failed may leave that, and a name of columns may be meant otherwise. */
static void look_for_entries(const struct rulefile *file, const struct rulefile_tables *rows,
                             struct rule_errors *c) {
  bool expected = file->read == read_list_line || rows->skipped;
  if (file->value && expected && rows->addresses.count == 0 && rows->named.count == 0)
    rule_warning(c, file->name, 0, "there is no entry in this list", span_of(NULL, 0));
}

static size_t byte_order_mark(const char *text, size_t len) {
  return len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

static bool read_lines(const struct rulefile *file, enum format format, struct span text,
                       struct rulefile_tables *rows, struct rule_errors *c, uint32_t *number) {
  char *at = (char *)(uintptr_t)text.s;
  for (size_t left = text.len; left;) {
    const char *end = memchr(at, '\n', left);
    size_t size = end ? (size_t)(end - at) : left;
    struct rule_line row = {
        .text = at, .len = size, .line = ++*number, .file = file, .rows = rows, .rule_errors = c};
    if (!read_line(&row, format, end != NULL)) return false;
    at += size + (end != NULL);
    left -= size + (end != NULL);
  }
  return true;
}

static void settle(struct rulefile_tables *rows, struct rule_errors *c) {
  tabletext_finish(&rows->addresses, c);
  tabletext_finish(&rows->named, c);
  tabletext_finish(&rows->patterns, c);
}

bool ruletext_read(const struct rulefile *file, char *text, size_t len,
                   struct rulefile_tables *rows, struct rule_errors *c) {
  uint32_t number = 0;
  size_t rule_errors = c->count, begin = byte_order_mark(text, len);
  struct span body = span_of(text + begin, len - begin);
  enum format format;
  if (!find_format(file, body, rows, c, &format)) return true;
  if (!(format == FORMAT_JSON ? jsonlist_read(file, body, rows, c)
                              : read_lines(file, format, body, rows, c, &number)))
    return false;
  settle(rows, c);
  /* A line that could not be read is not missing as well. */
  if (c->count > rule_errors) return true;
  if (number == 0) number = 1;
  if (file->check) file->check(rows, c, number);
  check_pairs(rows, c);
  check_list(file, rows, c);
  look_for_entries(file, rows, c);
  return coverage_check(file, rows, number, c);
}
