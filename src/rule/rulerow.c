/* The readers of single lines. Each consumes its line whole or complains. */
#include "base/number.h"
#include "base/escape.h"
#include "rule/name.h"
#include "rule/rulefile.h"
#include "rule/sinnames.h"

#define WEIGHT_MAX  99
#define HELO_MAX    255
#define LIST_WEIGHT "4" /* of a list that names none */
#define DIALECT_MAX 200 /* decoded; the handler cuts there */

static const struct span nothing = {"", 0};

static bool refuse(struct row *row, const char *reason, struct span word) {
  complain(row->complaints, row->file->name, row->line, reason, word);
  return true;
}

/* Words of a line are changed where they stand. */
static void fold(struct row *row, struct span word) {
  name_fold(row->text + (word.s - row->text), word.len);
}

/* Puts one space between the words of the rest, in place. */
static struct span squeeze(struct row *row, struct span rest) {
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

static bool add_named(struct row *row, struct span key, enum reach reach, struct span value) {
  struct named named = {key, {row->line, reach, value}};
  return rows_add_named(&row->rows->named, &named);
}

static bool add_address(struct row *row, struct span word, struct span value) {
  struct prefix prefix = {.line = row->line, .value = value};
  const char *reason;
  if (!prefix_parse(word, &prefix, &reason)) return refuse(row, reason, word);
  return rows_add_prefix(&row->rows->addresses, &prefix);
}

/* "4", "8 sure", and what follows them in *rest. The reason why not, or NULL. */
static const char *read_weight(struct span *rest, int64_t min) {
  int64_t points;
  struct span number = span_word(rest), tail = *rest;
  if (number.len > 1 && number.s[number.s[0] == '-'] == '0') return "the weight has leading zeros";
  if (!number_parse_signed(number, min, WEIGHT_MAX, &points))
    return min < 0 ? "the weight is no whole number from -99 to 99"
                   : "the weight is no whole number from 1 to 99";
  if (!span_is(span_word(&tail), "sure")) return NULL;
  *rest = tail;
  return points > 0 ? NULL : "only a weight above 0 can be sure";
}

/* The rest of a line must be a weight and nothing else. */
static bool is_weight(struct row *row, struct span rest, int64_t min) {
  const char *reason = read_weight(&rest, min);
  if (!reason && span_trim(rest).len) reason = "there is more than a weight and `sure`";
  if (reason) refuse(row, reason, span_of(row->text, row->len));
  return reason == NULL;
}

/* One word and nothing else. */
static bool single(struct row *row, struct span *word) {
  struct span rest = span_of(row->text, row->len);
  *word = span_word(&rest);
  rest = span_trim(rest);
  if (rest.len) refuse(row, "there is more than one word", rest);
  return rest.len == 0;
}

/* A word and a weight that may be left out: *value is the weight's text. */
static bool with_weight(struct row *row, struct span *word, struct span *value) {
  struct span rest = span_of(row->text, row->len);
  *word = span_word(&rest);
  rest = span_trim(rest);
  *value = span_str(LIST_WEIGHT);
  if (rest.len == 0) return true;
  if (!is_weight(row, rest, 1)) return false;
  *value = squeeze(row, rest);
  return true;
}

bool row_weight(struct row *row) {
  struct span rest = span_of(row->text, row->len), name = span_word(&rest);
  if (sin_index(name) < 0) return refuse(row, "there is no such sin", name);
  rest = span_trim(rest);
  if (!is_weight(row, rest, -WEIGHT_MAX)) return true;
  return add_named(row, name, REACH_ITSELF, squeeze(row, rest));
}

bool row_threshold(struct row *row) {
  uint64_t value;
  struct span rest = span_of(row->text, row->len), name = span_word(&rest);
  if (!span_is(name, "bot") && !span_is(name, "suspect"))
    return refuse(row, "there is no such threshold", name);
  rest = span_trim(rest);
  if (!number_canonical(rest, WEIGHT_MAX, &value) || value == 0)
    return refuse(row, "the threshold is no whole number from 1 to 99", rest);
  return add_named(row, name, REACH_ITSELF, rest);
}

bool row_address(struct row *row) {
  struct span word;
  return !single(row, &word) || add_address(row, word, nothing);
}

/* Also a zone file of rbldnsd: its directives ($SOA), default values and comments are passed over,
   and so is the value behind an address, which begins with a colon. */
bool row_zone(struct row *row) {
  if (memchr("$:;", row->text[0], 3)) return true;
  struct span rest = span_of(row->text, row->len), word = span_word(&rest);
  rest = span_trim(rest);
  if (rest.len && rest.s[0] != ':') return refuse(row, "there is more than one word", rest);
  return add_address(row, word, nothing);
}

bool row_blacklist(struct row *row) {
  struct span word, weight;
  if (!with_weight(row, &word, &weight)) return true;
  if (word.s[0] != '!') return add_address(row, word, weight);
  if (word.len != row->len) return refuse(row, "an exclusion has no weight", word);
  return add_address(row, word, nothing);
}

/* What is made of digits and the marks of addresses alone is no name: 192.0.2.300 is a slip. */
static bool looks_like_address(struct span word) {
  size_t plain = 0;
  for (size_t i = 0; i < word.len; i++) {
    unsigned char c = (unsigned char)word.s[i];
    if (c == ':' || c == '/' || c == '!') return true;
    if (ascii_is_digit(c) || c == '.' || c == '-') plain++;
  }
  return plain == word.len;
}

static bool add_host(struct row *row, struct span name, enum reach reach) {
  if (!name_is_host(name)) return refuse(row, "the host name is malformed", name);
  fold(row, name);
  return add_named(row, name, reach, nothing);
}

static struct span without_dot(struct span name) {
  return name.len && name.s[0] == '.' ? span_from(name, 1) : name;
}

bool row_whitelist(struct row *row) {
  struct span word;
  if (!single(row, &word)) return true;
  if (looks_like_address(word)) return add_address(row, word, nothing);
  return add_host(row, without_dot(word), REACH_BOTH);
}

bool row_own(struct row *row) {
  struct span word;
  if (!single(row, &word)) return true;
  if (looks_like_address(word)) return add_address(row, word, nothing);
  return add_host(row, word, REACH_ITSELF);
}

bool row_domain(struct row *row) {
  struct span word;
  if (!single(row, &word)) return true;
  struct span name = without_dot(word);
  return add_host(row, name, name.len < word.len ? REACH_BOTH : REACH_ITSELF);
}

bool row_mailbox(struct row *row) {
  struct span word;
  if (!single(row, &word)) return true;
  if (!name_is_mailbox(word))
    return refuse(row, "this is no address of the form local@domain", word);
  fold(row, word);
  return add_named(row, word, REACH_ITSELF, nothing);
}

bool row_helo(struct row *row) {
  struct span word;
  char plain[HELO_MAX];
  size_t len;
  if (!single(row, &word)) return true;
  if (!escape_get(plain, sizeof plain, word, &len) || len == 0)
    return refuse(row, "the name is malformed", word);
  memcpy(row->text, plain, len); /* never longer than it was written */
  name_fold(row->text, len);
  return add_named(row, span_of(row->text, len), REACH_ITSELF, nothing);
}

bool row_bigco(struct row *row) {
  struct span rest = span_of(row->text, row->len), name = span_word(&rest), word;
  struct span suffixes = span_trim(rest);
  fold(row, span_of(row->text, row->len));
  if (!name_is_host(name)) return refuse(row, "the host name is malformed", name);
  if (suffixes.len == 0) return refuse(row, "there is no reverse name behind", name);
  for (rest = suffixes; (word = span_word(&rest)).len;)
    if (!name_is_host(word)) return refuse(row, "the host name is malformed", word);
  suffixes = squeeze(row, suffixes);
  if (suffixes.len > RECORD_VALUE_MAX) return refuse(row, "there are too many names", name);
  return add_named(row, name, REACH_BOTH, suffixes);
}

bool row_label(struct row *row) {
  struct span word;
  if (!single(row, &word)) return true;
  if (!name_is_label(word)) return refuse(row, "this is no single label", word);
  fold(row, word);
  return add_named(row, word, REACH_ITSELF, nothing);
}

static bool add_word(struct row *row, struct span word, struct span value) {
  if (!name_is_word(word)) return refuse(row, "this is no word of 2 to 24 letters a-z", word);
  return add_named(row, word, REACH_ITSELF, value);
}

bool row_word(struct row *row) {
  struct span word;
  if (!single(row, &word)) return true;
  return add_word(row, word, nothing);
}

bool row_pool_word(struct row *row) {
  struct span rest = span_of(row->text, row->len), word = span_word(&rest);
  rest = span_trim(rest);
  if (rest.len && !span_is(rest, "strong"))
    return refuse(row, "after the word only `strong` can stand, not", rest);
  return add_word(row, word, rest);
}

bool row_dnsbl(struct row *row) {
  struct span word, weight;
  if (!with_weight(row, &word, &weight)) return true;
  if (!name_is_host(word)) return refuse(row, "the list's name is malformed", word);
  fold(row, word);
  return add_named(row, word, REACH_ITSELF, weight);
}

/* Keys are kept in the spelling of session lines, so that a look-up need not decode: decoding and
   encoding again leaves one spelling of each. */
static bool spell_dialect(struct row *row, struct span *word) {
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

bool row_dialect(struct row *row) {
  struct span rest = span_of(row->text, row->len), word = span_word(&rest);
  struct span value = span_trim(rest), name = value;
  if (!spell_dialect(row, &word)) return refuse(row, "the dialect is malformed", word);
  const char *reason = read_weight(&name, -WEIGHT_MAX);
  if (reason) return refuse(row, reason, value);
  struct span bot = span_word(&name);
  if (!name_is_label(bot) || span_trim(name).len)
    return refuse(row, "there is not exactly one name behind the weight", value);
  return add_named(row, word, REACH_ITSELF, squeeze(row, value));
}
