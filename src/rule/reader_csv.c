/* The reader of CSV: one line per address. The first column is the address. If the names of the
   columns or the operator say so, the first two are the ends of a range:

     start,end,country
     1.0.0.0,1.0.0.255,AU

   Any other second address is an error, because its meaning is unknown. meaning.h judges what the
   other columns say of an entry. */
#include "base/number.h"
#include "rule/hostname.h"
#include "rule/ruleline.h"
#include <stdio.h>

/* ---- columns ---- */

static bool is_separator(const struct ruleline *rl, char c) {
  const char *of = rl->format->separator;
  return c == of[0] || c == of[1] || c == of[2];
}

static size_t find_separator(const struct ruleline *rl, struct span text, size_t from) {
  while (from < text.len && !is_separator(rl, text.s[from])) from++;
  return from;
}

/* The index of the quote that ends the column. Two quotes in a row are one quote of its text. */
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
static struct span after_separator(const struct ruleline *rl, struct span text, size_t at) {
  struct span rest = span_from(text, at + 1);
  if (at >= text.len || text.s[at] != '\t') return rest;
  struct span next = span_trim(rest);
  return next.len && next.s[0] != '\t' && is_separator(rl, next.s[0]) ? span_from(next, 1) : rest;
}

/* Takes the next column off *rest, without its quotes; false if they are unbalanced. */
static bool next_column(const struct ruleline *rl, struct span *rest, struct span *out) {
  struct span text = *rest;
  while (text.len && text.s[0] == ' ') text = span_from(text, 1);
  bool quoted = text.len && text.s[0] == '"';
  size_t close = quoted ? find_quote(text) : 0, end = find_separator(rl, text, close);
  *rest = after_separator(rl, text, end);
  *out = span_trim(quoted ? span_from(span_head(text, close), 1) : span_head(text, end));
  if (!quoted) return span_find(*out, '"') == out->len;
  return span_trim(span_from(span_head(text, end), close + 1)).len == 0;
}

/* With an odd number of quotes a field would continue on the next line. */
static bool is_closed(struct span line) {
  size_t quotes = 0;
  for (size_t i = 0; i < line.len; i++) quotes += line.s[i] == '"';
  return quotes % 2 == 0;
}

static bool is_address(struct span column, struct prefix *out) {
  const char *reason;
  return prefix_parse(column, out, &reason);
}

/* ---- the names of the columns ---- */

static void read_names(struct ruleline *rl, struct span rest) {
  const struct listconf *conf = rl->tables->conf;
  struct heading *heading = &rl->tables->heading;
  struct span name, before = {NULL, 0};
  for (size_t nth = 1; rest.len; nth++, before = name) {
    next_column(rl, &rest, &name);
    if (nth == 2 && meaning_is_range(before, name)) heading->range = true;
    if (nth > 1 && !heading->action && meaning_is_action(name)) heading->action = nth;
    if (nth > 1 && meaning_is_permit(name)) heading->permit = nth;
    if (nth > 1 && meaning_is_score(name)) heading->score = nth;
    if (nth > 1 && meaning_is_length(name)) heading->length = nth;
    if (conf && conf->column.len && span_equal_nocase(conf->column, name)) heading->chosen = nth;
  }
}

/* Is it a line with the names of the columns? Only in front of the first entry. */
static bool is_heading(const struct ruleline *rl, struct span word, struct span rest) {
  struct prefix ignored;
  struct span column;
  if (rl->tables->addresses.count || rl->tables->skipped || !format_is_heading(word)) return false;
  while (rest.len) {
    next_column(rl, &rest, &column);
    if (is_address(column, &ignored)) return false;
  }
  return true;
}

static bool error_with_line(struct ruleline *rl, const char *reason, uint32_t earlier) {
  char digits[NUMBER_MAX];
  return ruleline_error(rl, reason, span_of(digits, number_format(digits, earlier)));
}

/* ---- what the other columns say ---- */

static bool is_chosen(const struct ruleline *rl) {
  return rl->tables->conf && rl->tables->conf->column.len;
}

/* The number of the column with the value, or 0:
     the operator's choice,
     or the one whose name says so,
     or, if values were chosen, the first after the address. */
static size_t deciding_column(const struct ruleline *rl, size_t first) {
  const struct listconf *conf = rl->tables->conf;
  const struct heading *heading = &rl->tables->heading;
  uint64_t number;
  if (is_chosen(rl))
    return number_canonical(conf->column, UINT32_MAX, &number) ? (size_t)number : heading->chosen;
  if (heading->action) return heading->action;
  return conf && conf->values.len ? first : 0;
}

/* The columns after the address, or after the two ends of a range. */
struct columns {
  size_t first;    /* the number of the first of them */
  size_t deciding; /* the one with the value */
};

static enum meant judge_column(struct ruleline *rl, const struct columns *in, size_t nth,
                               struct span column) {
  if (nth == in->deciding) return ruleline_value(rl, column);
  if (nth == rl->tables->heading.permit && meaning_is_true(column))
    return ruleline_value(rl, span_str("whitelisted"));
  if (is_chosen(rl)) return MEANT_LISTED;
  if (nth == rl->tables->heading.score && ruleline_score(rl, column) == MEANT_UNCLEAR)
    return MEANT_UNCLEAR;
  bool unnamed = nth == in->first && !in->deciding && !rl->tables->skipped;
  return unnamed ? ruleline_unnamed_value(rl, column) : ruleline_remark(rl, column);
}

/* All columns from the nth on; a missing column is empty. */
static enum meant judge_columns(struct ruleline *rl, struct span rest, size_t nth) {
  struct columns in = {nth, deciding_column(rl, nth)};
  enum meant meant = MEANT_LISTED;
  struct span column;
  if (is_chosen(rl) && in.deciding < nth) {
    ruleline_error(rl, "there is no such column after the address", rl->tables->conf->column);
    return MEANT_UNCLEAR;
  }
  for (; meant != MEANT_UNCLEAR && (rest.len || nth <= in.deciding); nth++) {
    next_column(rl, &rest, &column);
    enum meant now = judge_column(rl, &in, nth, column);
    if (now != MEANT_LISTED) meant = now;
  }
  return meant;
}

/* Lists for ipfilter.dat: "A - B , LEVEL , NAME". A level above 127 means that the range is
   allowed. */
static bool is_permitted_level(const struct ruleline *rl, struct span rest, struct span *level) {
  uint64_t number;
  next_column(rl, &rest, level);
  bool chosen = rl->tables->conf && rl->tables->conf->values.len;
  return !chosen && number_parse(*level, 255, &number) && number > 127;
}

/* rest: the columns from the nth on. */
static bool add(struct ruleline *rl, struct prefix *prefix, struct span rest, size_t nth) {
  enum meant meant = judge_columns(rl, rest, nth);
  if (prefix->excluded && rl->tables->meaning.line &&
      meaning_refuses(span_str(rl->tables->meaning.text)))
    return ruleline_error(rl, "an exception among entries with an action",
                          span_of(rl->text, rl->len));
  return ruleline_add_valued(rl, prefix, meant);
}

static bool is_one(const struct prefix *p) {
  return !p->excluded && addr_compare(&p->first, &p->last) == 0;
}

static bool add_single(struct ruleline *rl, struct prefix *prefix, struct span rest) {
  if (rl->tables->first_pair_line)
    return error_with_line(rl, "there is one address, but an earlier row has two, for a range",
                           rl->tables->first_pair_line);
  if (rl->tables->heading.length && is_one(prefix))
    return ruleline_error(rl, "the length of the prefix is in another column: write ADDRESS/LENGTH",
                          span_of(rl->text, rl->len));
  if (!rl->tables->first_single_line) rl->tables->first_single_line = rl->line;
  return add(rl, prefix, rest, 2);
}

static bool is_range(const struct ruleline *rl) {
  return rl->tables->heading.range || (rl->tables->conf && rl->tables->conf->range);
}

/* The ends of a range: two single addresses of one family, in order. */
static bool is_pair(const struct prefix *first, const struct prefix *last) {
  return is_one(first) && is_one(last) && prefix_family(first) == prefix_family(last) &&
         addr_compare(&first->first, &last->last) <= 0;
}

/* second: the second column as text; rest: the columns after it. */
static bool add_pair(struct ruleline *rl, struct prefix pair[2], struct span second,
                     struct span rest) {
  if (!is_pair(&pair[0], &pair[1]))
    return ruleline_error(rl, "a second address, but not the end of a range: write one per line",
                          second);
  if (rl->tables->first_single_line)
    return error_with_line(rl, "there are two addresses, for a range, but an earlier row has one",
                           rl->tables->first_single_line);
  if (!rl->tables->first_pair_line) rl->tables->first_pair_line = rl->line;
  pair[0].last = pair[1].last;
  return add(rl, &pair[0], rest, 3);
}

static bool refuse_second(struct ruleline *rl, struct span second) {
  char name[LISTCONF_NAME_MAX + 1], reason[200];
  if (!rulefile_is_list(rl->file))
    return ruleline_error(rl, "a second address in the line: write one per line", second);
  listconf_name(name, rl->file->name);
  snprintf(reason, sizeof reason,
           "a second address; if the two are the ends of a range, write `range` into %s", name);
  return ruleline_error(rl, reason, second);
}

/* In blacklist a weight may be meant. False after an error. */
static bool note_number(struct ruleline *rl, struct span second) {
  struct span rest = second, number = span_word(&rest);
  uint64_t ignored;
  if (!number_parse(number, UINT32_MAX, &ignored)) return true;
  if (rl->tables->tabbed && span_is(span_trim(rest), "sure")) {
    ruleline_error(rl, "a weight is written after a space, not after a tab", second);
    return false;
  }
  if (!rl->tables->first_number_line) rl->tables->first_number_line = rl->line;
  return true;
}

/* A line of a hosts file, such as 0.0.0.0 and a name, lists the name. */
static bool is_of_hosts(const struct prefix *p, struct span second) {
  static const char *const sinks[] = {"0.0.0.0", "127.0.0.1", "::", "::1"};
  struct span rest = second, name = span_word(&rest);
  for (size_t i = 0; i < sizeof sinks / sizeof sinks[0]; i++) {
    struct addr sink;
    if (!addr_parse(span_str(sinks[i]), &sink) || addr_compare(&sink, &p->first) != 0) continue;
    bool is_name = span_find(name, '.') < name.len || span_is_nocase(name, "localhost");
    return is_name && is_one(p) && hostname_is_host(name) && !ruleline_looks_like_address(name);
  }
  return false;
}

/* The columns after the first. A column that begins with an address may hold several. */
static bool read_rest(struct ruleline *rl, struct prefix pair[2], struct span rest) {
  struct span after = rest, second, third, words;
  struct prefix ignored;
  next_column(rl, &after, &second);
  struct span others = after;
  next_column(rl, &after, &third);
  words = second;
  if (is_of_hosts(&pair[0], second))
    return ruleline_error(rl, "a line of a hosts file: list the names alone", second);
  if (!is_address(span_word(&words), &pair[1]))
    return note_number(rl, second) ? add_single(rl, &pair[0], rest) : true;
  if (words.len || is_address(third, &ignored))
    return ruleline_error(rl, "a second address in the line: write one per line", second);
  return is_range(rl) ? add_pair(rl, pair, second, others) : refuse_second(rl, second);
}

bool reader_csv(struct ruleline *rl) {
  struct span line = span_of(rl->text, rl->len), rest = line, word;
  struct prefix pair[2]; /* of the first two columns */
  const char *reason;
  if (!is_closed(line) || !next_column(rl, &rest, &word))
    return ruleline_error(rl, "unbalanced quotes", line);
  if (is_heading(rl, word, rest)) {
    read_names(rl, line);
    return ruleline_skip(rl);
  }
  struct span joined = ruleline_join_range(rl, word), level;
  if (joined.len < word.len && is_permitted_level(rl, rest, &level))
    return ruleline_error(rl, "a level above 127 lets the range through; choose with `value`",
                          level);
  word = joined;
  if (!prefix_parse(word, &pair[0], &reason))
    return ruleline_error(rl, reason, word.len ? word : line);
  return read_rest(rl, pair, rest);
}
