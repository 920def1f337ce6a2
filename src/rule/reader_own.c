/* The readers of lines of our own files. */
#include "base/number.h"
#include "base/escape.h"
#include "rule/hostname.h"
#include "rule/ruleline.h"
#include "rule/sinnames.h"

#define WEIGHT_MAX  99
#define HELO_MAX    255
#define DIALECT_MAX 200 /* decoded; the handler cuts there */

static const struct span nothing = {"", 0};

/* Puts one space between the words of the rest, in place. */
static struct span squeeze(struct ruleline *rl, struct span rest) {
  char *out = rl->text + (rest.s - rl->text);
  struct span word;
  size_t n = 0;
  while ((word = span_word(&rest)).len) {
    if (n) out[n++] = ' ';
    memmove(out + n, word.s, word.len);
    n += word.len;
  }
  return span_of(out, n);
}

/* Reads "4", "8 sure" or "4 hint"; what follows goes to *rest. Returns a text for the operator, or
   NULL. */
static const char *read_weight(struct span *rest, int64_t min) {
  int64_t points;
  struct span number = span_word(rest), tail = *rest, mark;
  if (number.len > 1 && number.s[number.s[0] == '-'] == '0') return "the weight has leading zeros";
  if (!number_parse_signed(number, min, WEIGHT_MAX, &points))
    return min < 0 ? "the weight is not a whole number from -99 to 99"
                   : "the weight is not a whole number from 1 to 99";
  mark = span_word(&tail);
  if (!span_is(mark, "sure") && !span_is(mark, "hint")) return NULL;
  *rest = tail;
  return points > 0 ? NULL : "only a weight above 0 can be sure or a hint";
}

/* The rest of a line must be a weight and nothing else. */
static bool is_weight(struct ruleline *rl, struct span rest, int64_t min) {
  const char *reason = read_weight(&rest, min);
  if (!reason && span_trim(rest).len) reason = "trailing words after the weight";
  if (reason) ruleline_error(rl, reason, span_of(rl->text, rl->len));
  return reason == NULL;
}

/* A word and an optional weight; *value is the text of the weight. */
static bool read_weighted_word(struct ruleline *rl, struct span *word, struct span *value) {
  struct span rest = span_of(rl->text, rl->len);
  *word = span_word(&rest);
  *value = span_str(LIST_WEIGHT);
  if (rest.len == 0) return true;
  if (!is_weight(rl, rest, 1)) return false;
  *value = squeeze(rl, rest);
  return true;
}

bool reader_weight(struct ruleline *rl) {
  struct span rest = span_of(rl->text, rl->len), name = span_word(&rest);
  if (sin_index(name) < 0) return ruleline_error(rl, "unknown sin", name);
  rest = span_trim(rest);
  if (!is_weight(rl, rest, -WEIGHT_MAX)) return true;
  return ruleline_add_named(rl, name, REACH_ITSELF, squeeze(rl, rest));
}

bool reader_threshold(struct ruleline *rl) {
  uint64_t value;
  struct span rest = span_of(rl->text, rl->len), name = span_word(&rest);
  if (!span_is(name, "bot") && !span_is(name, "suspect"))
    return ruleline_error(rl, "unknown threshold", name);
  rest = span_trim(rest);
  if (!number_canonical(rest, WEIGHT_MAX, &value) || value == 0)
    return ruleline_error(rl, "the threshold is not a whole number from 1 to 99", rest);
  return ruleline_add_named(rl, name, REACH_ITSELF, rest);
}

bool reader_address(struct ruleline *rl) {
  struct span word;
  ruleline_join_line(rl);
  return !ruleline_single(rl, &word) || ruleline_add_address(rl, word, nothing);
}

/* A tab after the word: published lists have a count there. */
static bool has_tab_after(const struct ruleline *rl, struct span word) {
  const char *end = rl->text + rl->len;
  for (const char *at = word.s + word.len; at < end && (*at == ' ' || *at == '\t'); at++)
    if (*at == '\t') return true;
  return false;
}

bool reader_blacklist(struct ruleline *rl) {
  struct span rest, word, weight;
  ruleline_join_line(rl);
  rest = span_of(rl->text, rl->len);
  word = span_word(&rest);
  if (has_tab_after(rl, word))
    return ruleline_error(rl, "a weight is written after a space, not after a tab", rest);
  if (!read_weighted_word(rl, &word, &weight)) return true;
  if (word.s[0] != '!') return ruleline_add_address(rl, word, weight);
  if (word.len != rl->len) return ruleline_error(rl, "an exclusion has no weight", word);
  return ruleline_add_address(rl, word, nothing);
}

static struct span without_dot(struct span name) {
  return name.len && name.s[0] == '.' ? span_from(name, 1) : name;
}

bool reader_whitelist(struct ruleline *rl) {
  struct span word;
  ruleline_join_line(rl);
  if (!ruleline_single(rl, &word)) return true;
  if (ruleline_looks_like_address(word)) return ruleline_add_address(rl, word, nothing);
  return ruleline_add_host(rl, without_dot(word), REACH_BOTH, nothing);
}

bool reader_own(struct ruleline *rl) {
  struct span word;
  ruleline_join_line(rl);
  if (!ruleline_single(rl, &word)) return true;
  if (ruleline_looks_like_address(word)) return ruleline_add_address(rl, word, nothing);
  return ruleline_add_host(rl, word, REACH_ITSELF, nothing);
}

bool reader_domain(struct ruleline *rl) {
  struct span word;
  if (!ruleline_single(rl, &word)) return true;
  struct span name = without_dot(word);
  if (ruleline_looks_like_address(name))
    return ruleline_error(rl, "an address, not a domain", word);
  return ruleline_add_host(rl, name, name.len < word.len ? REACH_BOTH : REACH_ITSELF, nothing);
}

bool reader_mailbox(struct ruleline *rl) {
  struct span word;
  if (!ruleline_single(rl, &word)) return true;
  if (!hostname_is_mailbox(word))
    return ruleline_error(rl, "not an address of the form local@domain", word);
  ruleline_fold(rl, word);
  return ruleline_add_named(rl, word, REACH_ITSELF, nothing);
}

/* The key of a pattern includes its star. A client that gives the pattern itself as its name
   matches it. */
static bool add_pattern(struct ruleline *rl, struct span word) {
  bool ends = word.s[0] == '*', begins = word.s[word.len - 1] == '*';
  struct span fixed = ends ? span_from(word, 1) : span_head(word, word.len - 1);
  if (ends && begins) return ruleline_error(rl, "there is more than one `*`", word);
  if (fixed.len < HELO_FIXED_MIN || fixed.len > HELO_FIXED_MAX)
    return ruleline_error(rl, "a pattern needs 3 to 32 bytes besides the `*`", word);
  if (span_find(fixed, '*') < fixed.len)
    return ruleline_error(rl, "a `*` must be the first or the last byte", word);
  struct named named = {.key = word, .entry = {rl->line, REACH_ITSELF, nothing}};
  return tabletext_add_named(&rl->tables->patterns, &named);
}

bool reader_helo(struct ruleline *rl) {
  struct span word;
  char plain[HELO_MAX];
  size_t len;
  if (!ruleline_single(rl, &word)) return true;
  if (!escape_get(plain, sizeof plain, word, &len) || len == 0)
    return ruleline_error(rl, "the name is malformed", word);
  memcpy(rl->text, plain, len); /* never longer than the escaped text */
  hostname_fold(rl->text, len);
  word = span_of(rl->text, len);
  if (span_find(word, '*') < len) return add_pattern(rl, word);
  return ruleline_add_named(rl, word, REACH_ITSELF, nothing);
}

bool reader_bigco(struct ruleline *rl) {
  struct span rest = span_of(rl->text, rl->len), name = span_word(&rest), word;
  struct span suffixes = span_trim(rest);
  ruleline_fold(rl, span_of(rl->text, rl->len));
  if (!hostname_is_host(name)) return ruleline_error(rl, "the host name is malformed", name);
  if (suffixes.len == 0) return ruleline_error(rl, "there is no reverse name after", name);
  for (rest = suffixes; (word = span_word(&rest)).len;)
    if (!hostname_is_host(word)) return ruleline_error(rl, "the host name is malformed", word);
  suffixes = squeeze(rl, suffixes);
  if (suffixes.len > RECORD_VALUE_MAX) return ruleline_error(rl, "there are too many names", name);
  return ruleline_add_named(rl, name, REACH_BOTH, suffixes);
}

/* Linux uses "(none)" for a missing domain. */
bool reader_private_label(struct ruleline *rl) {
  struct span word;
  if (!ruleline_single(rl, &word)) return true;
  if (!span_is(word, "(none)")) return reader_label(rl);
  return ruleline_add_named(rl, word, REACH_ITSELF, nothing);
}

bool reader_label(struct ruleline *rl) {
  struct span word;
  if (!ruleline_single(rl, &word)) return true;
  if (!hostname_is_label(word)) return ruleline_error(rl, "not a single label", word);
  ruleline_fold(rl, word);
  return ruleline_add_named(rl, word, REACH_ITSELF, nothing);
}

static bool add_word(struct ruleline *rl, struct span word, struct span value) {
  if (!hostname_is_word(word)) return ruleline_error(rl, "not a word of 2 to 24 letters a-z", word);
  return ruleline_add_named(rl, word, REACH_ITSELF, value);
}

/* A word that may be followed by `what` or `other`. */
static bool read_marked_word(struct ruleline *rl, const char *what, const char *other,
                             const char *refusal) {
  struct span rest = span_of(rl->text, rl->len), word = span_word(&rest);
  rest = span_trim(rest);
  if (rest.len && !span_is(rest, what) && !span_is(rest, other))
    return ruleline_error(rl, refusal, rest);
  return add_word(rl, word, rest);
}

bool reader_pool_word(struct ruleline *rl) {
  return read_marked_word(rl, "strong", "strong", "only `strong` may follow the word, not");
}

bool reader_host_word(struct ruleline *rl) {
  return read_marked_word(rl, "rented", "mail", "only `rented` or `mail` may follow the word, not");
}

bool reader_dnsbl(struct ruleline *rl) {
  struct span word, weight;
  if (!read_weighted_word(rl, &word, &weight)) return true;
  if (!hostname_is_host(word)) return ruleline_error(rl, "the list's name is malformed", word);
  ruleline_fold(rl, word);
  return ruleline_add_named(rl, word, REACH_ITSELF, weight);
}

/* Keys are spelled as in session lines, so that a look-up need not decode. Decoding and encoding
   gives each dialect a single spelling. */
static bool spell_dialect(struct ruleline *rl, struct span *word) {
  char plain[DIALECT_MAX], spelt[3 * DIALECT_MAX];
  size_t len, used;
  if (!escape_get(plain, sizeof plain, *word, &len) || len == 0) return false;
  struct span encoded = {spelt,
                         escape_put(spelt, sizeof spelt, span_of(plain, len), ESCAPE_VALUE, &used)};
  if (used != len || encoded.len > word->len) return false;
  memcpy(rl->text, spelt, encoded.len);
  *word = span_of(rl->text, encoded.len);
  return true;
}

bool reader_dialect(struct ruleline *rl) {
  struct span rest = span_of(rl->text, rl->len), word = span_word(&rest);
  struct span value = span_trim(rest), name = value;
  if (!spell_dialect(rl, &word)) return ruleline_error(rl, "the dialect is malformed", word);
  const char *reason = read_weight(&name, -WEIGHT_MAX);
  if (reason) return ruleline_error(rl, reason, value);
  struct span bot = span_word(&name);
  if (!hostname_is_label(bot) || span_trim(name).len)
    return ruleline_error(rl, "exactly one name must follow the weight", value);
  return ruleline_add_named(rl, word, REACH_ITSELF, squeeze(rl, value));
}
