#include "rule/format.h"
#include "base/addr.h"
#include "base/number.h"
#include <stdio.h>

static const char *const words[FORMATS] = {"list", "zone", "csv", "rpz", "json"};
static const char told[] = "#format ";

/* IPv4 addresses end at a colon, as their value may follow at once; in IPv6 ones it is inside. */
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

/* The word of a line and what is behind it; a range with blanks around its hyphen is one word. */
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
  struct span rest, after = line;
  if (line.len == 0) return MARK_NONE;
  if (line.s[0] == '$') return directive_mark(span_from(line, 1));
  if (line.len > 1 && memchr("#;:", line.s[0], 3) && line.s[1] == '$') return FORMAT_ZONE;
  if (line.s[0] == '#' || line.s[0] == ';') return MARK_NONE;
  if (line.s[0] == ':') return line.len > 1 && line.s[1] == ':' ? MARK_NONE : FORMAT_ZONE;
  if (line.s[0] == '"') return FORMAT_CSV;
  span_word(&after);
  if (is_policy(after) || is_policy(line)) return FORMAT_RPZ;
  struct span word = entry_word(line, &rest);
  if (span_find(word, ',') < word.len || (rest.len && rest.s[0] == ',')) return FORMAT_CSV;
  return rest.len && rest.s[0] == ':' ? FORMAT_ZONE : MARK_NONE;
}

bool format_named(struct span word, enum format *out) {
  for (int i = 0; i < FORMATS; i++)
    if (span_is(word, words[i])) {
      *out = (enum format)i;
      return true;
    }
  return false;
}

static bool conflict(const char *file, struct rule_errors *c, const int mark[2],
                     const uint32_t line[2]) {
  static const char *const what[FORMATS] = {"a list", "an rbldnsd zone", "a CSV",
                                            "a response policy zone", "JSON"};
  char reason[120], digits[NUMBER_MAX];
  snprintf(reason, sizeof reason, "this is a line of %s, but an earlier one is of %s",
           what[mark[1]], what[mark[0]]);
  rule_error(c, file, line[1], reason, span_of(digits, number_format(digits, line[0])));
  return false;
}

static bool is_json(struct span text) {
  struct span trimmed = span_trim(text);
  return trimmed.len && (trimmed.s[0] == '{' || trimmed.s[0] == '[');
}

/* The marks of a text: the first, and one that does not go with it. A weak one is of a zone, unless
   the text is a response policy zone. */
struct marks {
  int mark[2];
  uint32_t line[2];
};

static bool take_mark(struct marks *m, int mark, uint32_t line) {
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

bool format_find(struct span text, const char *file, struct rule_errors *c, enum format *out) {
  struct marks m = {{MARK_NONE, MARK_NONE}, {0, 0}};
  uint32_t line = 0;
  *out = is_json(text) ? FORMAT_JSON : FORMAT_LIST;
  if (*out == FORMAT_JSON) return true;
  for (struct span rest = text; rest.len;) {
    struct span one = span_trim(span_cut(&rest, '\n'));
    if (++line == 1 && span_is(span_head(one, sizeof told - 1), told)) {
      struct span word = span_trim(span_from(one, sizeof told - 1));
      if (format_named(word, out)) return true;
      rule_error(c, file, 1, FORMAT_UNKNOWN, word);
      return false;
    }
    if (!take_mark(&m, mark_of(one), line)) return conflict(file, c, m.mark, m.line);
  }
  if (m.mark[0] != MARK_NONE) *out = m.mark[0] == MARK_WEAK ? FORMAT_ZONE : (enum format)m.mark[0];
  return true;
}

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
  struct span before = span_trim(span_head(line, tab)), behind = span_trim(span_from(line, tab));
  if (tab < mark && !memchr("#;-", behind.s[0], 3)) return before.s[before.len - 1] != '-';
  if (mark == line.len || line.s[mark] != ';' || ascii_is_blank(line.s[mark - 1])) return false;
  return format_is_heading(span_head(line, mark)) || is_range(line, mark);
}

bool format_has_columns(struct span text) {
  if (span_is(span_head(text, sizeof told - 1), told)) return false;
  while (text.len) {
    struct span line = span_trim(span_cut(&text, '\n'));
    if (line.len && line.s[0] != '#' && line.s[0] != ';') return has_columns(line);
  }
  return false;
}
