#include "rule/format.h"
#include "base/addr.h"
#include "base/number.h"
#include "rule/jsonlist.h"
#include "rule/readers.h"
#include <stdio.h>

static const char format_line_start[] = "#format ";

/* An IPv4 address ends at a colon, because its value may follow at once. In an IPv6 address a colon
   is a part of it. */
static size_t word_length(struct span line) {
  bool dotted = false;
  for (size_t i = 0; i < line.len; i++) {
    char c = line.s[i];
    if (ascii_is_blank(c) || c == '#' || c == ';' || (c == ':' && dotted)) return i;
    if (c == '.' || c == '/') dotted = dotted || span_find(span_head(line, i), ':') == i;
  }
  return line.len;
}

struct span format_zone_word(struct span line, struct span *rest) {
  size_t len = word_length(line);
  *rest = span_trim(span_from(line, len));
  return span_head(line, len);
}

/* The word of a line, and what follows it; a range with blanks around its hyphen is one word. */
static struct span entry_word(struct span line, struct span *rest) {
  struct span word = format_zone_word(line, rest);
  if (rest->len < 2 || rest->s[0] != '-' || !ascii_is_blank(rest->s[1])) return word;
  return format_zone_word(span_trim(span_from(*rest, 1)), rest);
}

/* ---- records of DNS zone files ---- */

static bool is_ttl(struct span word) {
  size_t digits = 0;
  while (digits < word.len && ascii_is_digit((unsigned char)word.s[digits])) digits++;
  if (digits == 0 || digits > 9) return false;
  return digits == word.len || (digits + 1 == word.len && memchr("sSmMhHdDwW", word.s[digits], 10));
}

/* Takes TTL and class off, in either order. */
static bool skip_ttl_and_class(struct span *rest) {
  bool in = false;
  for (int i = 0; i < 2; i++) {
    struct span after = *rest, word = span_word(&after);
    bool class = span_is_nocase(word, "IN");
    if (!class && !is_ttl(word)) break;
    in = in || class;
    *rest = after;
  }
  return in;
}

static bool is_single(struct span data) {
  return span_word(&data).len && (span_trim(data).len == 0 || span_trim(data).s[0] == ';');
}

/* Is this a policy, [TTL] [IN] CNAME TARGET? */
static bool is_policy(struct span rest) {
  skip_ttl_and_class(&rest);
  return span_is_nocase(span_word(&rest), "CNAME") && is_single(rest);
}

static bool is_data_of(struct span type, struct span data) {
  static const char *const others[] = {"TXT", "MX", "SOA", "SRV", "DNAME", "HINFO"};
  struct span rest = data;
  struct addr a;
  if (span_is(type, "A") || span_is(type, "AAAA")) return addr_parse(span_word(&rest), &a);
  if (span_is(type, "CNAME") || span_is(type, "NS") || span_is(type, "PTR")) return is_single(data);
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    if (span_is(type, others[i])) return data.len > 0;
  return false;
}

bool format_is_record(struct span rest) {
  static const char *const types[] = {"A",   "AAAA", "CNAME", "NS",  "PTR",
                                      "TXT", "MX",   "SOA",   "SRV", "DNAME"};
  bool in = skip_ttl_and_class(&rest);
  struct span type = span_word(&rest);
  if (is_data_of(type, span_trim(rest))) return true;
  for (size_t i = 0; in && i < sizeof types / sizeof types[0]; i++)
    if (span_is_nocase(type, types[i])) return true;
  return false;
}

/* ---- the formats ---- */

static bool shows_rpz(const struct format_line *in) {
  struct span after = in->line;
  if (in->line.s[0] == '"') return false;
  span_word(&after);
  if (!after.len) return false; /* one word, as most lines have */
  return is_policy(after) || is_policy(in->line);
}

static bool shows_csv(const struct format_line *in) {
  if (in->line.s[0] == '"' || (in->rest.len && in->rest.s[0] == ',')) return true;
  return span_find(in->word, ',') < in->word.len;
}

static bool shows_zone(const struct format_line *in) {
  return in->rest.len && in->rest.s[0] == ':';
}

static bool begins_json(struct span text) {
  struct span trimmed = span_trim(text);
  return trimmed.len && (trimmed.s[0] == '{' || trimmed.s[0] == '[');
}

const struct format format_own = {
    .name = "", .title = "a rule file", .comment = "#", .trailing = "#"};

const struct format formats[FORMATS] = {
    [FORMAT_LIST] =
        {.name = "list", .title = "a list", .comment = "#;", .trailing = "#;", .glued = ";"},
    [FORMAT_RPZ] = {.name = "rpz",
                    .title = "a response policy zone",
                    .comment = "#;",
                    .shows = shows_rpz,
                    .read_line = reader_rpz},
    [FORMAT_CSV] = {.name = "csv",
                    .title = "a CSV",
                    .comment = "#",
                    .separator = ",;\t",
                    .shows = shows_csv,
                    .read_line = reader_csv},
    [FORMAT_ZONE] = {.name = "zone",
                     .title = "an rbldnsd zone",
                     .comment = "#;",
                     .directives = true,
                     .shows = shows_zone,
                     .read_line = reader_zone},
    [FORMAT_JSON] = {.name = "json",
                     .title = "JSON",
                     .begins = begins_json,
                     .read_text = jsonlist_read},
};

const struct format *format_find(struct span name) {
  for (int i = 0; i < FORMATS; i++)
    if (span_is(name, formats[i].name)) return &formats[i];
  return NULL;
}

/* ---- what a text shows ---- */

#define MARK_NONE (-1)
#define MARK_WEAK FORMATS /* a directive that zone files of the DNS have, too */

static int directive_mark(struct span text) {
  static const char *const shared[] = {"TTL", "ORIGIN", "INCLUDE", "GENERATE"};
  struct span word = span_word(&text);
  for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++)
    if (span_is_nocase(word, shared[i])) return MARK_WEAK;
  return FORMAT_ZONE;
}

/* What a line shows: a format, MARK_NONE or MARK_WEAK. */
static int mark_of(struct span line) {
  if (line.len == 0) return MARK_NONE;
  if (line.s[0] == '$') return directive_mark(span_from(line, 1));
  if (line.len > 1 && memchr("#;:", line.s[0], 3) && line.s[1] == '$') return FORMAT_ZONE;
  if (line.s[0] == '#' || line.s[0] == ';') return MARK_NONE;
  if (line.s[0] == ':') return line.len > 1 && line.s[1] == ':' ? MARK_NONE : FORMAT_ZONE;
  struct format_line in = {.line = line};
  in.word = entry_word(line, &in.rest);
  for (int i = 0; i < FORMATS; i++)
    if (formats[i].shows && formats[i].shows(&in)) return i;
  return MARK_NONE;
}

/* The marks of a text: the first one, and one that contradicts it. A weak mark counts as that of a
   zone, unless the text is a response policy zone. */
struct marks {
  int mark[2];
  uint32_t line[2];
};

static bool conflict(const char *file, struct rule_errors *errors, const struct marks *m) {
  char reason[120], digits[NUMBER_MAX];
  snprintf(reason, sizeof reason, "this is a line of %s, but an earlier one is of %s",
           formats[m->mark[1]].title, formats[m->mark[0]].title);
  rule_error(errors, file, m->line[1], reason, span_of(digits, number_format(digits, m->line[0])));
  return false;
}

/* False if the mark contradicts an earlier one. */
static bool add_mark(struct marks *m, int mark, uint32_t line) {
  bool first = m->mark[0] == MARK_NONE;
  bool weak_first = m->mark[0] == MARK_WEAK, rpz = mark == FORMAT_RPZ || m->mark[0] == FORMAT_RPZ;
  if (mark == MARK_NONE || mark == m->mark[0]) return true;
  if (mark == MARK_WEAK && (rpz || m->mark[0] == FORMAT_ZONE)) return true;
  if (first || (weak_first && (rpz || mark == FORMAT_ZONE))) {
    m->mark[0] = mark;
    m->line[0] = line;
    return true;
  }
  m->mark[0] = weak_first ? FORMAT_ZONE : m->mark[0];
  m->mark[1] = mark == MARK_WEAK ? FORMAT_ZONE : mark;
  m->line[1] = line;
  return false;
}

static const struct format *marked_format(const struct marks *m) {
  if (m->mark[0] == MARK_NONE) return &formats[FORMAT_LIST];
  return &formats[m->mark[0] == MARK_WEAK ? FORMAT_ZONE : m->mark[0]];
}

/* ---- columns with tabs or semicolons ---- */

bool format_is_heading(struct span column) {
  if (column.len == 0) return true;
  return ascii_is_letter((unsigned char)column.s[0]) && span_find(column, '.') == column.len &&
         span_find(column, ':') == column.len;
}

static bool is_range(struct span line, size_t semicolon) {
  struct span rest = span_from(line, semicolon + 1);
  struct addr first, last;
  return addr_parse(span_head(line, semicolon), &first) && addr_parse(span_cut(&rest, ';'), &last);
}

static bool has_columns(struct span line) {
  size_t mark = 0, tab = span_find(line, '\t');
  while (mark < line.len && line.s[mark] != '#' && line.s[mark] != ';') mark++;
  struct span before = span_trim(span_head(line, tab)), after = span_trim(span_from(line, tab));
  if (tab < mark && !memchr("#;-", after.s[0], 3)) return before.s[before.len - 1] != '-';
  if (mark == line.len || line.s[mark] != ';' || ascii_is_blank(line.s[mark - 1])) return false;
  return format_is_heading(span_head(line, mark)) || is_range(line, mark);
}

/* ---- detection ---- */

/* Is it a line `#format WORD`? */
static bool names_format(struct span line, struct span *word) {
  size_t len = sizeof format_line_start - 1;
  *word = span_trim(span_from(line, len));
  return span_is(span_head(line, len), format_line_start);
}

static const struct format *begun_format(struct span text) {
  for (int i = 0; i < FORMATS; i++)
    if (formats[i].begins && formats[i].begins(text)) return &formats[i];
  return NULL;
}

static bool is_comment(struct span line) {
  return line.len == 0 || line.s[0] == '#' || line.s[0] == ';';
}

bool format_detect(struct span text, const char *file, struct rule_errors *errors,
                   struct format_found *out) {
  struct marks marks = {{MARK_NONE, MARK_NONE}, {0, 0}};
  struct span first = {NULL, 0}, name;
  uint32_t number = 0;
  *out = (struct format_found){begun_format(text), false};
  if (out->format) return true;
  for (struct span rest = text; rest.len;) {
    struct span line = span_trim(span_cut(&rest, '\n'));
    if (++number == 1 && names_format(line, &name)) {
      out->format = format_find(name);
      if (!out->format) rule_error(errors, file, 1, FORMAT_UNKNOWN, name);
      return out->format != NULL;
    }
    if (!first.len && !is_comment(line)) first = line;
    if (!add_mark(&marks, mark_of(line), number)) return conflict(file, errors, &marks);
  }
  out->format = marked_format(&marks);
  out->has_columns = out->format == &formats[FORMAT_LIST] && first.len && has_columns(first);
  return true;
}
