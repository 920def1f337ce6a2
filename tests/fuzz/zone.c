/* A list of any bytes, as somebody may drop it into tables.d: it is refused with a line, or every
   line of it is an entry, a repetition of one, or counted as passed over: none is lost (in JSON a
   line may hold any number). With `z` as its first byte the input is first unpacked, as gzip data,
   and is never longer than was asked. With `c` what comes before an empty line is what the operator
   says of the list. */
#include "rule/gunzip.h"
#include "rule/listname.h"
#include "rule/ruletext.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define UNPACKED_MAX 100000

static bool is_comment(struct span line, enum format format) {
  if (format == FORMAT_RPZ) return line.s[0] == '#' || line.s[0] == ';';
  if (line.s[0] == '#') return format != FORMAT_ZONE || line.len < 2 || line.s[1] != '$';
  return line.s[0] == ';' && format != FORMAT_CSV &&
         (format == FORMAT_LIST || line.len < 2 || line.s[1] != '$');
}

static struct span without_mark(struct span text) {
  bool marked = text.len >= 3 && memcmp(text.s, "\xef\xbb\xbf", 3) == 0;
  return span_from(text, marked ? 3 : 0);
}

static size_t count_lines(struct span text, enum format format) {
  size_t count = 0;
  while (text.len) {
    struct span line = span_trim(span_cut(&text, '\n'));
    count += line.len && !is_comment(line, format);
  }
  return count;
}

static size_t count_rows(const struct rulefile_tables *rows) {
  return rows->addresses.count + rows->addresses.duplicates + rows->named.count +
         rows->named.duplicates + rows->skipped;
}

static void check_addresses(const struct tabletext *rows) {
  for (size_t i = 0; i < rows->count; i++) {
    const struct prefix *p = &rows->prefixes[i];
    if (addr_compare(&p->first, &p->last) > 0) abort();
    if (p->excluded != (p->value.len == 0) || p->line == 0) abort();
  }
}

static void read_list(const char *name, char *text, size_t len, struct span conf_text) {
  static struct rule_errors rule_errors;
  struct rulefile_tables rows;
  struct listname list;
  const char *reason;
  enum format format = FORMAT_LIST;
  struct listconf conf;
  if (!listname_init(&list, name, &reason)) abort();
  rule_errors.count = rule_errors.warnings = 0;
  listconf_read(&conf, conf_text, "x.conf", &rule_errors);
  if (rule_errors.count) return;
  struct span body = without_mark(span_of(text, len));
  bool known = format_find(body, list.file, &rule_errors, &format);
  if (known != (rule_errors.count == 0)) abort();
  if (conf.formatted) known = true, format = conf.format;
  else if (format == FORMAT_LIST && format_has_columns(body)) format = FORMAT_CSV;
  size_t lines = count_lines(body, format);
  rule_errors.count = 0;
  rulefile_tables_init(&rows, &list.rule);
  rows.conf = &conf;
  if (!ruletext_read(&list.rule, text, len, &rows, &rule_errors)) abort();
  for (size_t i = 0; i < rule_errors.count && i < RULE_ERRORS_MAX; i++)
    if (rule_errors.kept[i].line == 0) abort();
  bool counted = format == FORMAT_JSON || count_rows(&rows) == lines;
  if (rule_errors.count == 0 && (!known || !counted)) abort();
  if (rows.addresses.count && rows.named.count && rule_errors.count == 0) abort();
  if (rule_errors.count == 0) check_addresses(&rows.addresses);
  if (count_rows(&rows) == rows.skipped && rule_errors.count == 0 && rule_errors.warnings == 0)
    abort();
  rulefile_tables_free(&rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct gunzipped out;
  if (size == 0) return 0;
  struct span input = span_of((const char *)data + 1, size - 1);
  if (data[0] == 'z') {
    if (!gunzip(input, UNPACKED_MAX, &out)) return 0;
    if (out.len > UNPACKED_MAX) abort();
    read_list("x.4", out.text, out.len, span_of("", 0));
    free(out.text);
    return 0;
  }
  struct span conf = {"", 0};
  if (data[0] == 'c') {
    const char *end = memmem(input.s, input.len, "\n\n", 2);
    conf = span_head(input, end ? (size_t)(end - input.s) + 1 : 0);
    input = span_from(input, end ? conf.len + 1 : 0);
  }
  char *text = malloc(size);
  if (input.len) memcpy(text, input.s, input.len);
  read_list("x.4", text, input.len, conf);
  free(text);
  return 0;
}
