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

static bool is_comment(struct span line, const struct format *format) {
  bool directive = line.len > 1 && line.s[1] == '$';
  if (format == &formats[FORMAT_RPZ]) return line.s[0] == '#' || line.s[0] == ';';
  if (line.s[0] == '#') return format != &formats[FORMAT_ZONE] || !directive;
  return line.s[0] == ';' && format != &formats[FORMAT_CSV] &&
         (format == &formats[FORMAT_LIST] || !directive);
}

static struct span without_mark(struct span text) {
  bool marked = text.len >= 3 && memcmp(text.s, "\xef\xbb\xbf", 3) == 0;
  return span_from(text, marked ? 3 : 0);
}

static size_t count_lines(struct span text, const struct format *format) {
  size_t count = 0;
  while (text.len) {
    struct span line = span_trim(span_cut(&text, '\n'));
    count += line.len && !is_comment(line, format);
  }
  return count;
}

static size_t count_rows(const struct rulefile_tables *tables) {
  return tables->addresses.count + tables->addresses.duplicates + tables->named.count +
         tables->named.duplicates + tables->skipped;
}

static void check_addresses(const struct tabletext *table) {
  for (size_t i = 0; i < table->count; i++) {
    const struct prefix *p = &table->prefixes[i];
    if (addr_compare(&p->first, &p->last) > 0) abort();
    if (p->excluded != (p->value.len == 0) || p->line == 0) abort();
  }
}

static void read_list(const char *name, char *text, size_t len, struct span conf_text) {
  static struct rule_errors errors;
  struct rulefile_tables read;
  struct listname list;
  const char *reason;
  struct format_found found = {.format = &formats[FORMAT_LIST]};
  struct listconf conf;
  if (!listname_init(&list, name, &reason)) abort();
  errors.count = errors.warnings = 0;
  listconf_read(&conf, conf_text, "x.conf", &errors);
  if (errors.count) return;
  struct span body = without_mark(span_of(text, len));
  bool known = format_detect(body, list.file, &errors, &found);
  if (known != (errors.count == 0)) abort();
  if (conf.format) known = true, found.format = conf.format;
  else if (known && found.has_columns) found.format = &formats[FORMAT_CSV];
  size_t lines = count_lines(body, found.format);
  errors.count = 0;
  rulefile_tables_init(&read, &list.rule);
  read.conf = &conf;
  if (!ruletext_read(&list.rule, text, len, &read, &errors)) abort();
  for (size_t i = 0; i < errors.count && i < RULE_ERRORS_MAX; i++)
    if (errors.kept[i].line == 0) abort();
  bool counted = found.format == &formats[FORMAT_JSON] || count_rows(&read) == lines;
  if (errors.count == 0 && (!known || !counted)) abort();
  if (read.addresses.count && read.named.count && errors.count == 0) abort();
  if (errors.count == 0) check_addresses(&read.addresses);
  if (count_rows(&read) == read.skipped && errors.count == 0 && errors.warnings == 0) abort();
  rulefile_tables_free(&read);
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
