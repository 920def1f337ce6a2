/* CSV: what is told of an address, a row a line. The first column is the address, or where every
   row has one in the second column, too, the two are the ends of a range:

     1.0.0.0,1.0.0.255,AU

   That is so in published lists alone. Who writes by hand 192.0.2.1, 192.0.2.9 means two. */
#include "base/number.h"
#include "rule/rowtools.h"

/* ---- columns ---- */

static bool is_separator(char c) {
  return c == ',' || c == ';' || c == '\t';
}

static size_t find_separator(struct span text, size_t from) {
  while (from < text.len && !is_separator(text.s[from])) from++;
  return from;
}

/* Of the quote that ends the column, two in a row being one of its text. */
static size_t find_quote(struct span text) {
  size_t at = 1;
  while (at < text.len) {
    bool quote = text.s[at] == '"', twice = at + 1 < text.len && text.s[at + 1] == '"';
    if (quote && !twice) break;
    at += quote ? 2 : 1;
  }
  return at;
}

/* Tabs before another separator are blanks. */
static struct span behind_separator(struct span text, size_t at) {
  struct span rest = span_from(text, at + 1);
  if (at >= text.len || text.s[at] != '\t') return rest;
  struct span next = span_trim(rest);
  return next.len && next.s[0] != '\t' && is_separator(next.s[0]) ? span_from(next, 1) : rest;
}

/* Takes the next column off *rest, without its quotes; false where they do not fit. */
static bool next_column(struct span *rest, struct span *out) {
  struct span text = *rest;
  while (text.len && text.s[0] == ' ') text = span_from(text, 1);
  bool quoted = text.len && text.s[0] == '"';
  size_t close = quoted ? find_quote(text) : 0, end = find_separator(text, close);
  *rest = behind_separator(text, end);
  *out = span_trim(quoted ? span_from(span_head(text, close), 1) : span_head(text, end));
  if (!quoted) return span_find(*out, '"') == out->len;
  return span_trim(span_from(span_head(text, end), close + 1)).len == 0;
}

/* With an odd number of quotes a field would go on in the next line. */
static bool is_closed(struct span line) {
  size_t quotes = 0;
  for (size_t i = 0; i < line.len; i++) quotes += line.s[i] == '"';
  return quotes % 2 == 0;
}

/* ---- rows ---- */

static bool is_address(struct span column, struct prefix *out) {
  const char *reason;
  return prefix_parse(column, out, &reason);
}

/* The names of the columns, as long as no entry was there. */
static bool is_heading(const struct row *row, struct span word, struct span rest) {
  struct prefix ignored;
  struct span column;
  if (row->rows->addresses.count || row->rows->passed || !format_is_heading(word)) return false;
  while (rest.len) {
    next_column(&rest, &column);
    if (is_address(column, &ignored)) return false;
  }
  return true;
}

static bool refuse_beside(struct row *row, const char *reason, uint32_t earlier) {
  char digits[NUMBER_MAX];
  return row_refuse(row, reason, span_of(digits, number_format(digits, earlier)));
}

static bool add(struct row *row, struct prefix *prefix) {
  return row_add_prefix(row, prefix, span_str(prefix->excluded ? "" : row->file->value));
}

static bool add_single(struct row *row, struct prefix *prefix) {
  if (row->rows->paired)
    return refuse_beside(row, "there is one address, but an earlier row has two, for a range",
                         row->rows->paired);
  if (!row->rows->single) row->rows->single = row->line;
  return add(row, prefix);
}

static bool is_one(const struct prefix *p) {
  return !p->excluded && addr_compare(&p->first, &p->last) == 0;
}

static bool add_pair(struct row *row, struct prefix *first, const struct prefix *second,
                     struct span word) {
  if (!is_one(first) || !is_one(second) || prefix_family(first) != prefix_family(second) ||
      addr_compare(&first->first, &second->last) > 0)
    return row_refuse(row, "a second address, which ends no range: write one a line", word);
  if (row->rows->single)
    return refuse_beside(row, "there are two addresses, for a range, but an earlier row has one",
                         row->rows->single);
  if (!row->rows->paired) row->rows->paired = row->line;
  first->last = second->last;
  return add(row, first);
}

/* Behind the first column. What begins with an address may be more than one. */
static bool read_rest(struct row *row, struct prefix *prefix, struct span rest) {
  struct span second, third, words;
  struct prefix other, ignored;
  next_column(&rest, &second);
  next_column(&rest, &third);
  words = second;
  struct span word = span_word(&words);
  if (!is_address(word, &other)) return add_single(row, prefix);
  if (row->file->read != row_listed || words.len || is_address(third, &ignored))
    return row_refuse(row, "a second address in the line: write one a line", second);
  return add_pair(row, prefix, &other, second);
}

bool row_csv(struct row *row) {
  struct span line = span_of(row->text, row->len), rest = line, word;
  struct prefix prefix;
  const char *reason;
  if (line.s[0] == '#') return true;
  if (!is_closed(line) || !next_column(&rest, &word))
    return row_refuse(row, "the quotes do not fit", line);
  if (is_heading(row, word, rest)) return row_pass(row);
  word = row_join_range(row, word);
  if (!prefix_parse(word, &prefix, &reason)) return row_refuse(row, reason, word.len ? word : line);
  return read_rest(row, &prefix, rest);
}
