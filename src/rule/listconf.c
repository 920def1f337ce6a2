#include "rule/listconf.h"
#include "base/number.h"
#include "rule/hostname.h"
#include <stdio.h>

#define LINE_MAX_BYTES 4096

/* One line of the file, after its first word. */
struct line {
  struct listconf *conf;
  struct span rest;
  bool given; /* an earlier line had the same first word */
  const char *reason;
};

void listconf_name(char out[LISTCONF_NAME_MAX + 1], const char *file) {
  const char *slash = strrchr(file, '/');
  const char *base = slash ? slash + 1 : file;
  size_t name = (size_t)(base - file) + span_find(span_str(base), '.');
  if (name > LISTCONF_NAME_MAX - 5) name = LISTCONF_NAME_MAX - 5;
  snprintf(out, LISTCONF_NAME_MAX + 1, "%.*s.conf", (int)name, file);
}

static void read_format(struct line *line) {
  line->given = line->conf->formatted;
  line->conf->formatted = format_named(line->rest, &line->conf->format);
  if (!line->conf->formatted) line->reason = FORMAT_UNKNOWN;
}

static void read_column(struct line *line) {
  line->given = line->conf->column.len > 0;
  line->conf->column = line->rest;
  if (!line->rest.len) line->reason = "no number or name of a column is given";
}

static void read_value(struct line *line) {
  line->given = line->conf->values.len > 0;
  line->conf->values = line->rest;
  if (!line->rest.len) line->reason = "no value is given";
}

static void read_range(struct line *line) {
  line->given = line->conf->range;
  line->conf->range = true;
  if (line->rest.len) line->reason = "`range` takes no argument";
}

static void read_trigger(struct line *line) {
  static const char *const names[] = {
      [TRIGGER_QNAME] = "qname", [TRIGGER_IP] = "ip", [TRIGGER_CLIENT_IP] = "client-ip"};
  line->given = line->conf->trigger != TRIGGER_ANY;
  for (int i = TRIGGER_QNAME; i <= TRIGGER_CLIENT_IP; i++)
    if (span_is(line->rest, names[i])) line->conf->trigger = (enum trigger)i;
  if (line->conf->trigger == TRIGGER_ANY)
    line->reason = "the trigger is not qname, ip or client-ip";
}

/* Of a top-level domain, written as in a list: .example or *.example. */
static struct span label_of(struct span word) {
  size_t star = word.len && word.s[0] == '*';
  return span_from(word, word.len > star && word.s[star] == '.' ? star + 1 : word.len);
}

static void read_wide(struct line *line) {
  struct span rest = line->rest, word;
  struct prefix ignored;
  const char *reason;
  line->given = line->conf->wide.len > 0;
  line->conf->wide = line->rest;
  if (!rest.len) line->reason = "neither entries nor `all` are given";
  if (span_is(rest, "all")) return;
  while ((word = span_word(&rest)).len)
    if (!hostname_is_label(label_of(word)) && !prefix_parse(word, &ignored, &reason))
      line->reason = reason;
}

static const struct {
  const char *word;
  void (*read)(struct line *line);
} words[] = {{"format", read_format}, {"column", read_column},   {"value", read_value},
             {"range", read_range},   {"trigger", read_trigger}, {"wide", read_wide}};

static const char *read_line(struct listconf *conf, struct span text) {
  struct span rest = text, word = span_word(&rest);
  struct line line = {.conf = conf, .rest = span_trim(rest)};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    if (!span_is(word, words[i].word)) continue;
    words[i].read(&line);
    return line.given ? "this was said in an earlier line" : line.reason;
  }
  return "not one of format, column, value, range, trigger and wide";
}

static struct span without_comment(struct span line) {
  for (size_t i = 0; i < line.len; i++)
    if (line.s[i] == '#' && (i == 0 || ascii_is_blank(line.s[i - 1])))
      return span_trim(span_head(line, i));
  return span_trim(line);
}

void listconf_read(struct listconf *out, struct span text, const char *file,
                   struct rule_errors *c) {
  *out = (struct listconf){.formatted = false};
  for (uint32_t number = 1; text.len; number++) {
    bool ended = span_find(text, '\n') < text.len;
    struct span line = span_cut(&text, '\n');
    const char *reason = NULL;
    if (line.len > LINE_MAX_BYTES) reason = "the line is longer than 4096 bytes";
    else if (!ended) reason = "the last line has no end: was the file cut short?";
    line = without_comment(line);
    if (!reason && line.len) reason = read_line(out, line);
    if (reason) rule_error(c, file, number, reason, line);
  }
}

static bool is_in_range(struct span word, struct span value) {
  size_t dash = span_find(word, '-');
  uint64_t first, last, number;
  return dash < word.len && number_parse(span_head(word, dash), UINT32_MAX, &first) &&
         number_parse(span_from(word, dash + 1), UINT32_MAX, &last) &&
         number_parse(value, UINT32_MAX, &number) && first <= number && number <= last;
}

bool listconf_chooses(const struct listconf *conf, struct span value) {
  struct span rest = conf->values, head = value, word;
  head = span_word(&head);
  while (rest.len && (word = span_word(&rest)).len)
    if (span_is(word, "*") || span_equal_nocase(word, value) || span_equal_nocase(word, head) ||
        is_in_range(word, value))
      return true;
  return false;
}

bool listconf_allows_all(const struct listconf *conf) {
  return conf && span_is(conf->wide, "all");
}

bool listconf_allows_domain(const struct listconf *conf, struct span label) {
  struct span rest = conf ? conf->wide : span_of("", 0), word;
  if (listconf_allows_all(conf)) return true;
  while (rest.len && (word = span_word(&rest)).len)
    if (span_equal_nocase(label_of(word), label)) return true;
  return false;
}

bool listconf_allows(const struct listconf *conf, const struct prefix *entry) {
  struct span rest = conf ? conf->wide : span_of("", 0), word;
  struct prefix allowed;
  const char *reason;
  if (listconf_allows_all(conf)) return true;
  while (rest.len && (word = span_word(&rest)).len)
    if (prefix_parse(word, &allowed, &reason) && prefix_same(&allowed, entry)) return true;
  return false;
}
