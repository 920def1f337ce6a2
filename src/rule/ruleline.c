#include "rule/ruleline.h"
#include "rule/hostname.h"
#include "rule/rbldnsdaddr.h"

bool ruleline_error(struct ruleline *rl, const char *reason, struct span word) {
  rule_error(rl->errors, rl->file->name, rl->line, reason, word);
  return true;
}

bool ruleline_skip(struct ruleline *rl) {
  rl->tables->skipped++;
  return true;
}

/* ---- words ---- */

bool ruleline_looks_like_address(struct span word) {
  size_t plain = 0;
  for (size_t i = 0; i < word.len; i++) {
    unsigned char c = (unsigned char)word.s[i];
    if (c == ':' || c == '/' || c == '!') return true;
    if (ascii_is_digit(c) || c == '.' || c == '-') plain++;
  }
  return plain == word.len;
}

bool ruleline_is_whole_address(struct span word) {
  bool parted = span_find(word, '.') < word.len || span_find(word, ':') < word.len;
  return parted && ruleline_looks_like_address(word);
}

/* The word is a part of rl->text, which is not const. */
void ruleline_fold(struct ruleline *rl, struct span word) {
  hostname_fold(rl->text + (word.s - rl->text), word.len);
}

/*  */
bool ruleline_single(struct ruleline *rl, struct span *word) {
  struct span rest = span_of(rl->text, rl->len);
  *word = span_word(&rest);
  rest = span_trim(rest);
  if (rest.len) ruleline_error(rl, "there is more than one word", rest);
  return rest.len == 0;
}

struct span ruleline_join_range(struct ruleline *rl, struct span text) {
  if (span_find(text, '-') == text.len) return text; /* true for most lines, and cheap */
  struct span rest = text, first = span_word(&rest);
  struct span dash = span_word(&rest), last = span_word(&rest);
  if (!span_is(dash, "-") || !ruleline_is_whole_address(first) || !ruleline_is_whole_address(last))
    return text;
  char *to = rl->text + (first.s + first.len - rl->text);
  size_t len = (size_t)(text.s + text.len - last.s);
  *to++ = '-';
  memmove(to, last.s, len);
  return span_of(first.s, first.len + 1 + len);
}

void ruleline_join_line(struct ruleline *rl) {
  rl->len = ruleline_join_range(rl, span_of(rl->text, rl->len)).len;
}

/* ---- addresses ---- */

bool ruleline_add_prefix(struct ruleline *rl, struct prefix *prefix, struct span value) {
  prefix->line = rl->line;
  prefix->value = value;
  return tabletext_add_prefix(&rl->tables->addresses, prefix);
}

bool ruleline_add_address(struct ruleline *rl, struct span word, struct span value) {
  struct prefix prefix;
  const char *reason;
  if (!prefix_parse(word, &prefix, &reason)) return ruleline_error(rl, reason, word);
  return ruleline_add_prefix(rl, &prefix, value);
}

/* ---- names ---- */

bool ruleline_add_named(struct ruleline *rl, struct span key, enum reach reach, struct span value) {
  struct named named = {.key = key, .entry = {rl->line, reach, value}};
  return tabletext_add_named(&rl->tables->named, &named);
}

bool ruleline_add_host(struct ruleline *rl, struct span name, enum reach reach, struct span value) {
  if (!hostname_is_host(name)) return ruleline_error(rl, "the host name is malformed", name);
  ruleline_fold(rl, name);
  return ruleline_add_named(rl, name, reach, value);
}

static struct span value_of(const struct ruleline *rl) {
  return span_str(rl->file->value);
}

/* A single group of an IPv6 address looks like a name, until an address follows. Such names are
   reported as groups. False if no names are left. */
static bool has_names(struct ruleline *rl) {
  struct tabletext *named = &rl->tables->named;
  for (; named->count; named->count--) {
    const struct named *last = &named->named[named->count - 1];
    if (!rbldnsdaddr_is_group(last->key)) return true;
    rule_error(rl->errors, rl->file->name, last->entry.line, RBLDNSDADDR_GROUP, last->key);
  }
  return false;
}

/* A name among addresses is a mistake, and so is an address among names. */
bool ruleline_mixes_kinds(struct ruleline *rl, bool address, struct span word) {
  if (address ? !has_names(rl) : rl->tables->addresses.count == 0) return false;
  bool group = !address && rbldnsdaddr_is_group(word);
  ruleline_error(rl, group ? RBLDNSDADDR_GROUP : "names and addresses in one file", word);
  return true;
}

bool ruleline_add_name(struct ruleline *rl, struct span word, enum reach reach, enum meant meant) {
  size_t before = rl->tables->named.count;
  bool excluded = meant == MEANT_EXCEPTION;
  if (meant == MEANT_UNCLEAR || ruleline_mixes_kinds(rl, false, word)) return true;
  bool ok = ruleline_add_host(rl, word, reach, excluded ? span_of("", 0) : value_of(rl));
  if (rl->tables->named.count > before) rl->tables->named.named[before].excluded = excluded;
  return ok;
}

/* A name that is excluded by its value gives way to the same name listed. */
static bool add_valued_name(struct ruleline *rl, struct span word, enum reach reach,
                            enum meant meant) {
  size_t before = rl->tables->named.count;
  bool ok = ruleline_add_name(rl, word, reach, meant);
  if (rl->tables->named.count > before)
    rl->tables->named.named[before].soft = meant == MEANT_EXCEPTION;
  return ok;
}

/* No client has such a name: the last label is a number, or it is a name of a reverse zone. */
static bool is_reversed(struct span name) {
  size_t dot = span_find_last(name, '.'), digits = 0;
  struct span last = dot < name.len ? span_from(name, dot + 1) : span_of(NULL, 0);
  for (size_t i = 0; i < last.len; i++) digits += ascii_is_digit((unsigned char)last.s[i]);
  return (last.len && digits == last.len) || span_ends_nocase(name, span_str(".in-addr.arpa")) ||
         span_ends_nocase(name, span_str(".ip6.arpa"));
}

bool ruleline_add_pattern(struct ruleline *rl, struct span word, bool excluded, enum meant meant) {
  enum reach reach = REACH_ITSELF;
  struct span name = word;
  if (word.len > 1 && word.s[0] == '*' && word.s[1] == '.') reach = REACH_BELOW;
  else if (word.len && word.s[0] == '.') reach = REACH_BOTH;
  name = span_from(word, reach == REACH_BELOW ? 2 : reach == REACH_BOTH ? 1 : 0);
  if (hostname_is_host(name) && is_reversed(name))
    return ruleline_error(rl, "an address in place of a host name: write it as an address", word);
  if (excluded) return ruleline_add_name(rl, name, reach, MEANT_EXCEPTION);
  return add_valued_name(rl, name, reach, meant);
}
