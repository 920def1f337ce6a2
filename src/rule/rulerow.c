/* The readers of single lines. Each consumes its line whole or complains. */
#include "base/number.h"
#include "base/escape.h"
#include "rule/hostname.h"
#include "rule/ruleline.h"
#include "rule/sinnames.h"

#define WEIGHT_MAX  99
#define HELO_MAX    255
#define DIALECT_MAX 200 /* decoded; the handler cuts there */

static const struct span nothing = {"", 0};

bool ruleline_error(struct rule_line *row, const char *reason, struct span word) {
  rule_error(row->rule_errors, row->file->name, row->line, reason, word);
  return true;
}

/* Words of a line are changed where they stand. */
static void fold(struct rule_line *row, struct span word) {
  hostname_fold(row->text + (word.s - row->text), word.len);
}

/* Puts one space between the words of the rest, in place. */
static struct span squeeze(struct rule_line *row, struct span rest) {
  char *out = row->text + (rest.s - row->text);
  struct span word;
  size_t n = 0;
  while ((word = span_word(&rest)).len) {
    if (n) out[n++] = ' ';
    memmove(out + n, word.s, word.len);
    n += word.len;
  }
  return span_of(out, n);
}

static bool add_named(struct rule_line *row, struct span key, enum reach reach, struct span value) {
  struct named named = {.key = key, .entry = {row->line, reach, value}};
  return tabletext_add_named(&row->rows->named, &named);
}

bool ruleline_add_prefix(struct rule_line *row, struct prefix *prefix, struct span value) {
  prefix->line = row->line;
  prefix->value = value;
  return tabletext_add_prefix(&row->rows->addresses, prefix);
}

bool ruleline_add_address(struct rule_line *row, struct span word, struct span value) {
  struct prefix prefix;
  const char *reason;
  if (!prefix_parse(word, &prefix, &reason)) return ruleline_error(row, reason, word);
  return ruleline_add_prefix(row, &prefix, value);
}

/* "4", "8 sure", "4 hint", and what follows them in *rest. The reason why not, or NULL. */
static const char *read_weight(struct span *rest, int64_t min) {
  int64_t points;
  struct span number = span_word(rest), tail = *rest, mark;
  if (number.len > 1 && number.s[number.s[0] == '-'] == '0') return "the weight has leading zeros";
  if (!number_parse_signed(number, min, WEIGHT_MAX, &points))
    return min < 0 ? "the weight is no whole number from -99 to 99"
                   : "the weight is no whole number from 1 to 99";
  mark = span_word(&tail);
  if (!span_is(mark, "sure") && !span_is(mark, "hint")) return NULL;
  *rest = tail;
  return points > 0 ? NULL : "only a weight above 0 can be sure or a hint";
}

/* The rest of a line must be a weight and nothing else. */
static bool is_weight(struct rule_line *row, struct span rest, int64_t min) {
  const char *reason = read_weight(&rest, min);
  if (!reason && span_trim(rest).len) reason = "there is more than a weight and `sure` or `hint`";
  if (reason) ruleline_error(row, reason, span_of(row->text, row->len));
  return reason == NULL;
}

/* One word and nothing else. */
bool ruleline_single(struct rule_line *row, struct span *word) {
  struct span rest = span_of(row->text, row->len);
  *word = span_word(&rest);
  rest = span_trim(rest);
  if (rest.len) ruleline_error(row, "there is more than one word", rest);
  return rest.len == 0;
}

/* A word and a weight that may be left out: *value is the weight's text. */
static bool with_weight(struct rule_line *row, struct span *word, struct span *value) {
  struct span rest = span_of(row->text, row->len);
  *word = span_word(&rest);
  rest = span_trim(rest);
  *value = span_str(LIST_WEIGHT);
  if (rest.len == 0) return true;
  if (!is_weight(row, rest, 1)) return false;
  *value = squeeze(row, rest);
  return true;
}

bool ruleline_weight(struct rule_line *row) {
  struct span rest = span_of(row->text, row->len), name = span_word(&rest);
  if (sin_index(name) < 0) return ruleline_error(row, "there is no such sin", name);
  rest = span_trim(rest);
  if (!is_weight(row, rest, -WEIGHT_MAX)) return true;
  return add_named(row, name, REACH_ITSELF, squeeze(row, rest));
}

bool ruleline_threshold(struct rule_line *row) {
  uint64_t value;
  struct span rest = span_of(row->text, row->len), name = span_word(&rest);
  if (!span_is(name, "bot") && !span_is(name, "suspect"))
    return ruleline_error(row, "there is no such threshold", name);
  rest = span_trim(rest);
  if (!number_canonical(rest, WEIGHT_MAX, &value) || value == 0)
    return ruleline_error(row, "the threshold is no whole number from 1 to 99", rest);
  return add_named(row, name, REACH_ITSELF, rest);
}

struct span ruleline_join_range(struct rule_line *row, struct span text) {
  if (span_find(text, '-') == text.len) return text; /* most lines, and soon known */
  struct span rest = text, first = span_word(&rest);
  struct span dash = span_word(&rest), last = span_word(&rest);
  if (!span_is(dash, "-") || !ruleline_has_address(first) || !ruleline_has_address(last))
    return text;
  char *to = row->text + (first.s + first.len - row->text);
  size_t len = (size_t)(text.s + text.len - last.s);
  *to++ = '-';
  memmove(to, last.s, len);
  return span_of(first.s, first.len + 1 + len);
}

void ruleline_join_line(struct rule_line *row) {
  row->len = ruleline_join_range(row, span_of(row->text, row->len)).len;
}

bool ruleline_address(struct rule_line *row) {
  struct span word;
  ruleline_join_line(row);
  return !ruleline_single(row, &word) || ruleline_add_address(row, word, nothing);
}

/* There a published list has a count. */
static bool has_tab_after(const struct rule_line *row, struct span word) {
  const char *end = row->text + row->len;
  for (const char *at = word.s + word.len; at < end && ascii_is_blank(*at); at++)
    if (*at == '\t') return true;
  return false;
}

bool ruleline_blacklist(struct rule_line *row) {
  struct span rest, word, weight;
  ruleline_join_line(row);
  rest = span_of(row->text, row->len);
  word = span_word(&rest);
  if (has_tab_after(row, word))
    return ruleline_error(row, "a weight is written after a space, not after a tab", rest);
  if (!with_weight(row, &word, &weight)) return true;
  if (word.s[0] != '!') return ruleline_add_address(row, word, weight);
  if (word.len != row->len) return ruleline_error(row, "an exclusion has no weight", word);
  return ruleline_add_address(row, word, nothing);
}

bool ruleline_looks_like_address(struct span word) {
  size_t plain = 0;
  for (size_t i = 0; i < word.len; i++) {
    unsigned char c = (unsigned char)word.s[i];
    if (c == ':' || c == '/' || c == '!') return true;
    if (ascii_is_digit(c) || c == '.' || c == '-') plain++;
  }
  return plain == word.len;
}

bool ruleline_has_address(struct span word) {
  bool parted = span_find(word, '.') < word.len || span_find(word, ':') < word.len;
  return parted && ruleline_looks_like_address(word);
}

bool ruleline_add_host(struct rule_line *row, struct span name, enum reach reach,
                       struct span value) {
  if (!hostname_is_host(name)) return ruleline_error(row, "the host name is malformed", name);
  fold(row, name);
  return add_named(row, name, reach, value);
}

static struct span without_dot(struct span name) {
  return name.len && name.s[0] == '.' ? span_from(name, 1) : name;
}

bool ruleline_whitelist(struct rule_line *row) {
  struct span word;
  ruleline_join_line(row);
  if (!ruleline_single(row, &word)) return true;
  if (ruleline_looks_like_address(word)) return ruleline_add_address(row, word, nothing);
  return ruleline_add_host(row, without_dot(word), REACH_BOTH, nothing);
}

bool ruleline_own(struct rule_line *row) {
  struct span word;
  ruleline_join_line(row);
  if (!ruleline_single(row, &word)) return true;
  if (ruleline_looks_like_address(word)) return ruleline_add_address(row, word, nothing);
  return ruleline_add_host(row, word, REACH_ITSELF, nothing);
}

bool ruleline_domain(struct rule_line *row) {
  struct span word;
  if (!ruleline_single(row, &word)) return true;
  struct span name = without_dot(word);
  if (ruleline_looks_like_address(name))
    return ruleline_error(row, "an address is no domain", word);
  return ruleline_add_host(row, name, name.len < word.len ? REACH_BOTH : REACH_ITSELF, nothing);
}

bool ruleline_mailbox(struct rule_line *row) {
  struct span word;
  if (!ruleline_single(row, &word)) return true;
  if (!hostname_is_mailbox(word))
    return ruleline_error(row, "this is no address of the form local@domain", word);
  fold(row, word);
  return add_named(row, word, REACH_ITSELF, nothing);
}

/* A pattern is kept with its star. One that a client can give is told from it by nothing, and
   matches itself. */
static bool add_pattern(struct rule_line *row, struct span word) {
  bool ends = word.s[0] == '*', begins = word.s[word.len - 1] == '*';
  struct span fixed = ends ? span_from(word, 1) : span_head(word, word.len - 1);
  if (ends && begins) return ruleline_error(row, "there is more than one `*`", word);
  if (fixed.len < HELO_FIXED_MIN || fixed.len > HELO_FIXED_MAX)
    return ruleline_error(row, "beside the `*` there are not 3 to 32 bytes", word);
  if (span_find(fixed, '*') < fixed.len)
    return ruleline_error(row, "a `*` stands neither first nor last", word);
  struct named named = {.key = word, .entry = {row->line, REACH_ITSELF, nothing}};
  return tabletext_add_named(&row->rows->patterns, &named);
}

bool ruleline_helo(struct rule_line *row) {
  struct span word;
  char plain[HELO_MAX];
  size_t len;
  if (!ruleline_single(row, &word)) return true;
  if (!escape_get(plain, sizeof plain, word, &len) || len == 0)
    return ruleline_error(row, "the name is malformed", word);
  memcpy(row->text, plain, len); /* never longer than it was written */
  hostname_fold(row->text, len);
  word = span_of(row->text, len);
  if (span_find(word, '*') < len) return add_pattern(row, word);
  return add_named(row, word, REACH_ITSELF, nothing);
}

bool ruleline_bigco(struct rule_line *row) {
  struct span rest = span_of(row->text, row->len), name = span_word(&rest), word;
  struct span suffixes = span_trim(rest);
  fold(row, span_of(row->text, row->len));
  if (!hostname_is_host(name)) return ruleline_error(row, "the host name is malformed", name);
  if (suffixes.len == 0) return ruleline_error(row, "there is no reverse name behind", name);
  for (rest = suffixes; (word = span_word(&rest)).len;)
    if (!hostname_is_host(word)) return ruleline_error(row, "the host name is malformed", word);
  suffixes = squeeze(row, suffixes);
  if (suffixes.len > RECORD_VALUE_MAX) return ruleline_error(row, "there are too many names", name);
  return add_named(row, name, REACH_BOTH, suffixes);
}

/* "(none)" is what a Linux host without a domain has in its place. */
bool ruleline_private_label(struct rule_line *row) {
  struct span word;
  if (!ruleline_single(row, &word)) return true;
  if (!span_is(word, "(none)")) return ruleline_label(row);
  return add_named(row, word, REACH_ITSELF, nothing);
}

bool ruleline_label(struct rule_line *row) {
  struct span word;
  if (!ruleline_single(row, &word)) return true;
  if (!hostname_is_label(word)) return ruleline_error(row, "this is no single label", word);
  fold(row, word);
  return add_named(row, word, REACH_ITSELF, nothing);
}

static bool add_word(struct rule_line *row, struct span word, struct span value) {
  if (!hostname_is_word(word))
    return ruleline_error(row, "this is no word of 2 to 24 letters a-z", word);
  return add_named(row, word, REACH_ITSELF, value);
}

/* A word, and after it nothing, `what` or `other`. */
static bool called(struct rule_line *row, const char *what, const char *other,
                   const char *refusal) {
  struct span rest = span_of(row->text, row->len), word = span_word(&rest);
  rest = span_trim(rest);
  if (rest.len && !span_is(rest, what) && !span_is(rest, other))
    return ruleline_error(row, refusal, rest);
  return add_word(row, word, rest);
}

bool ruleline_pool_word(struct rule_line *row) {
  return called(row, "strong", "strong", "after the word only `strong` can stand, not");
}

bool ruleline_host_word(struct rule_line *row) {
  return called(row, "rented", "mail", "after the word only `rented` or `mail` can stand, not");
}

bool ruleline_dnsbl(struct rule_line *row) {
  struct span word, weight;
  if (!with_weight(row, &word, &weight)) return true;
  if (!hostname_is_host(word)) return ruleline_error(row, "the list's name is malformed", word);
  fold(row, word);
  return add_named(row, word, REACH_ITSELF, weight);
}

/* Keys are kept in the spelling of session lines, so that a look-up need not decode: decoding and
   encoding again leaves one spelling of each. */
static bool spell_dialect(struct rule_line *row, struct span *word) {
  char plain[DIALECT_MAX], spelt[3 * DIALECT_MAX];
  size_t len, used;
  if (!escape_get(plain, sizeof plain, *word, &len) || len == 0) return false;
  struct span encoded = {spelt,
                         escape_put(spelt, sizeof spelt, span_of(plain, len), ESCAPE_VALUE, &used)};
  if (used != len || encoded.len > word->len) return false;
  memcpy(row->text, spelt, encoded.len);
  *word = span_of(row->text, encoded.len);
  return true;
}

bool ruleline_dialect(struct rule_line *row) {
  struct span rest = span_of(row->text, row->len), word = span_word(&rest);
  struct span value = span_trim(rest), name = value;
  if (!spell_dialect(row, &word)) return ruleline_error(row, "the dialect is malformed", word);
  const char *reason = read_weight(&name, -WEIGHT_MAX);
  if (reason) return ruleline_error(row, reason, value);
  struct span bot = span_word(&name);
  if (!hostname_is_label(bot) || span_trim(name).len)
    return ruleline_error(row, "there is not exactly one name behind the weight", value);
  return add_named(row, word, REACH_ITSELF, squeeze(row, value));
}
