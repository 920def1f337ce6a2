#include "rule/format.h"
#include "base/addr.h"
#include "base/number.h"

static const char *const words[] = {"list", "zone", "csv"};
static const char told[] = "#format ";

static bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/* IPv4 addresses end at a colon, as their value may follow at once; in IPv6 ones it is inside. */
static size_t word_length(struct span line) {
  bool dotted = false;
  for (size_t i = 0; i < line.len; i++) {
    char c = line.s[i];
    if (is_blank(c) || c == '#' || c == ';' || (c == ':' && dotted)) return i;
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
  if (rest->len < 2 || rest->s[0] != '-' || !is_blank(rest->s[1])) return word;
  return format_zone_word(span_trim(span_from(*rest, 1)), rest);
}

/* What a line shows, -1 for nothing. */
static int mark_of(struct span line) {
  struct span rest;
  if (line.len == 0) return -1;
  if (line.s[0] == '$') return FORMAT_ZONE;
  if (line.len > 1 && memchr("#;:", line.s[0], 3) && line.s[1] == '$') return FORMAT_ZONE;
  if (line.s[0] == '#' || line.s[0] == ';') return -1;
  if (line.s[0] == ':') return line.len > 1 && line.s[1] == ':' ? -1 : FORMAT_ZONE;
  if (line.s[0] == '"') return FORMAT_CSV;
  struct span word = entry_word(line, &rest);
  if (span_find(word, ',') < word.len || (rest.len && rest.s[0] == ',')) return FORMAT_CSV;
  return rest.len && rest.s[0] == ':' ? FORMAT_ZONE : -1;
}

static bool read_told(struct span line, const char *file, struct complaints *c, enum format *out) {
  struct span word = span_trim(span_from(line, sizeof told - 1));
  for (int i = 0; i < 3; i++)
    if (span_is(word, words[i])) {
      *out = (enum format)i;
      return true;
    }
  complain(c, file, 1, "the format is none of list, zone and csv", word);
  return false;
}

bool format_find(struct span text, const char *file, struct complaints *c, enum format *out) {
  uint32_t line_of[3] = {0, 0, 0}, number = 0;
  *out = FORMAT_LIST;
  for (struct span rest = text; rest.len;) {
    struct span line = span_trim(span_cut(&rest, '\n'));
    if (++number == 1 && span_is(span_head(line, sizeof told - 1), told))
      return read_told(line, file, c, out);
    int mark = mark_of(line);
    if (mark < 0) continue;
    *out = (enum format)mark;
    if (!line_of[mark]) line_of[mark] = number;
    if (!line_of[FORMAT_ZONE] || !line_of[FORMAT_CSV]) continue;
    char digits[NUMBER_MAX];
    uint32_t other = line_of[mark == FORMAT_CSV ? FORMAT_ZONE : FORMAT_CSV];
    complain(c, file, number,
             mark == FORMAT_CSV
                 ? "this is a line of a CSV, but an earlier one is of an rbldnsd zone"
                 : "this is a line of an rbldnsd zone, but an earlier one is of a CSV",
             span_of(digits, number_format(digits, other)));
    return false;
  }
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
  if (mark == line.len || line.s[mark] != ';' || is_blank(line.s[mark - 1])) return false;
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
