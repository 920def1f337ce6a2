#include "rule/ruletext.h"
#include "rule/coverage.h"
#include "rule/rulecheck.h"
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
  return ruleline_is_whole_address(span_from(text, from));
}

/* The index at which a comment begins, or line.len: a byte of `trailing` at the beginning or after
   a blank, or one of `glued` after an address. */
static size_t find_comment(const struct format *format, struct span line) {
  const char first = format->trailing[0], second = format->trailing[1];
  if (!first) return line.len;
  for (size_t i = 0; i < line.len; i++) {
    char c = line.s[i];
    if (c != first && (c != second || !second)) continue;
    if (i == 0 || ascii_is_blank(line.s[i - 1])) return i;
    if (c == format->glued[0] && ends_in_address(span_head(line, i))) return i;
  }
  return line.len;
}

/* Is the whole line a comment? A comment byte with `$` after it may begin a directive. */
static bool is_comment(const struct format *format, struct span line) {
  if (line.s[0] != format->comment[0] && line.s[0] != format->comment[1]) return false;
  return !format->directives || line.len == 1 || line.s[1] != '$';
}

/* Is there an address after the mark, as in 192.0.2.1;192.0.2.9? Then it is not a comment. */
static bool has_second_address(struct span line, size_t comment) {
  struct span rest = span_from(line, comment + 1), word;
  struct prefix ignored;
  const char *reason;
  if (comment == 0 || comment == line.len || ascii_is_blank(line.s[comment - 1])) return false;
  word = span_word(&rest);
  word = span_head(word, span_find(word, ';'));
  return prefix_parse(span_head(word, span_find(word, ',')), &ignored, &reason);
}

/* The reason why a line cannot be read at all, or NULL. */
static const char *line_fault(struct span line, bool ended) {
  if (line.len > RULE_LINE_MAX) return "the line is longer than 4096 bytes";
  if (find_control(line) < line.len) return "there is a control character in the line";
  if (!ended) return "the last line has no line end: was the file cut short?";
  return NULL;
}

static bool read_line(struct ruleline *rl, bool ended) {
  struct span line = span_of(rl->text, rl->len);
  if (line.len && line.s[line.len - 1] == '\r') line.len--;
  const char *reason = line_fault(line, ended);
  if (reason) return ruleline_error(rl, reason, span_of(NULL, 0));
  size_t comment = find_comment(rl->format, line);
  if (has_second_address(line, comment))
    return ruleline_error(rl, "a second address in the line: write one per line", span_of(NULL, 0));
  rl->indented = line.len && ascii_is_blank(line.s[0]);
  line = span_trim(span_head(line, comment));
  if (line.len == 0 || is_comment(rl->format, line)) return true;
  rl->text += line.s - rl->text;
  rl->len = line.len;
  return rl->format->read_line ? rl->format->read_line(rl) : rl->file->read(rl);
}

static bool read_lines(const struct ruleline *common, struct span text, uint32_t *number) {
  char *at = (char *)(uintptr_t)text.s;
  for (size_t left = text.len; left;) {
    const char *end = memchr(at, '\n', left);
    size_t size = end ? (size_t)(end - at) : left;
    struct ruleline rl = *common;
    rl.text = at;
    rl.len = size;
    rl.line = ++*number;
    if (!read_line(&rl, end != NULL)) return false;
    at += size + (end != NULL);
    left -= size + (end != NULL);
  }
  return true;
}

/* ---- the format ---- */

/* Tabs make columns in files that are not written by hand. In blacklist a tab may also be in front
   of a weight. */
static bool may_have_columns(const struct rulefile *file) {
  return rulefile_is_list(file) || file->read == reader_blacklist;
}

/* The entries of a plain list have no values. If the operator chose some, it is not the list that
   was meant. */
static bool check_choice(const struct rulefile *file, const struct listconf *conf,
                         struct rule_errors *errors) {
  bool chosen = conf && !span_is(conf->values, "*") && (conf->values.len || conf->column.len);
  if (chosen)
    rule_error(errors, file->name, 1, "a value was chosen, but the entries of this list have none",
               conf->values.len ? conf->values : conf->column);
  return !chosen;
}

/* The format that the operator names, or that the text shows; NULL after an error. */
static const struct format *find_format(const struct rulefile *file, struct span text,
                                        struct rulefile_tables *tables,
                                        struct rule_errors *errors) {
  const struct listconf *conf = tables->conf;
  struct format_found found = {.format = conf ? conf->format : NULL};
  if (!file->value) return &format_own;
  if (!found.format && !format_detect(text, file->name, errors, &found)) return NULL;
  if (found.has_columns && may_have_columns(file)) {
    tables->tabbed = file->read == reader_blacklist;
    return &formats[FORMAT_CSV];
  }
  if (found.format == &formats[FORMAT_LIST] && !check_choice(file, conf, errors)) return NULL;
  return found.format;
}

/* ---- the whole text ---- */

/* A failed download may leave a file without entries, or the names of columns may be entries. */
static void check_empty(const struct rulefile *file, const struct rulefile_tables *tables,
                        struct rule_errors *errors) {
  bool expected = rulefile_is_list(file) || tables->skipped;
  if (file->value && expected && tables->addresses.count == 0 && tables->named.count == 0)
    rule_warning(errors, file->name, 0, "there is no entry in this list", span_of(NULL, 0));
}

static size_t byte_order_mark(const char *text, size_t len) {
  return len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

static void finish_tables(struct rulefile_tables *tables, struct rule_errors *errors) {
  tabletext_finish(&tables->addresses, errors);
  tabletext_finish(&tables->named, errors);
  tabletext_finish(&tables->patterns, errors);
}

static bool check_whole(const struct rulefile *file, const struct rulefile_tables *tables,
                        uint32_t last, struct rule_errors *errors) {
  if (file->check) file->check(tables, errors, last);
  rulecheck_ranges(tables, errors);
  rulecheck_list(file, tables, errors);
  check_empty(file, tables, errors);
  return coverage_check(file, tables, last, errors);
}

bool ruletext_read(const struct rulefile *file, char *text, size_t len,
                   struct rulefile_tables *tables, struct rule_errors *errors) {
  uint32_t number = 0;
  size_t earlier = errors->count, begin = byte_order_mark(text, len);
  struct span body = span_of(text + begin, len - begin);
  const struct format *format = find_format(file, body, tables, errors);
  struct ruleline common = {.file = file, .format = format, .tables = tables, .errors = errors};
  if (!format) return true;
  bool ok = format->read_text ? format->read_text(file, body, tables, errors)
                              : read_lines(&common, body, &number);
  if (!ok) return false;
  finish_tables(tables, errors);
  /* An entry that could not be read must not be reported as missing, too. */
  if (errors->count > earlier) return true;
  return check_whole(file, tables, number ? number : 1, errors);
}
