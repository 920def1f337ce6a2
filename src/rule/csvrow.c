/* CSV: what is told of an address, a row a line, the address in the first column. */
#include "rule/rowtools.h"

/* The first column without its quotes; false where they do not fit. */
static bool first_column(struct span line, struct span *out) {
  size_t quotes = 0;
  for (size_t i = 0; i < line.len; i++) quotes += line.s[i] == '"';
  if (quotes % 2) return false; /* the field would go on in the next line */
  if (line.s[0] != '"') {
    *out = span_trim(span_head(line, span_find(line, ',')));
    return span_find(*out, '"') == out->len;
  }
  struct span inner = span_from(line, 1);
  size_t end = span_find(inner, '"');
  struct span behind = span_trim(span_from(inner, end + 1));
  *out = span_trim(span_head(inner, end));
  return behind.len == 0 || behind.s[0] == ',';
}

/* The names of the columns, as long as no entry was there. */
static bool is_heading(const struct row *row, struct span word) {
  return row->rows->addresses.count == 0 && row->rows->passed == 0 && word.len &&
         !row_looks_like_address(word);
}

bool row_csv(struct row *row) {
  struct span line = span_of(row->text, row->len), word;
  if (line.s[0] == '#') return true;
  if (!first_column(line, &word)) return row_refuse(row, "the quotes do not fit", line);
  if (is_heading(row, word)) return row_pass(row);
  return row_add_address(row, word, span_str(row->file->value));
}
