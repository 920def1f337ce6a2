/* The reader of data files of rbldnsd. */
#include "base/number.h"
#include "rule/ruleline.h"
#include "rule/rbldnsdaddr.h"

/* $MAXRANGE4 N or /BITS: rbldnsd ignores wider entries. */
static bool read_widest(struct ruleline *rl, struct span text) {
  uint64_t number;
  bool bits = text.len && text.s[0] == '/';
  if (!number_canonical(span_from(text, bits), bits ? 32 : UINT32_MAX, &number) ||
      (!bits && number == 0))
    return ruleline_error(rl, "the limit of $MAXRANGE4 is malformed", text);
  if (bits) number = UINT64_C(1) << (32 - number);
  if (!rl->tables->max_range || number < rl->tables->max_range) rl->tables->max_range = number;
  return ruleline_skip(rl);
}

static bool read_directive(struct ruleline *rl, struct span text) {
  struct span word = span_word(&text);
  if (span_is_nocase(word, "DATASET"))
    return ruleline_error(rl, "a combined data set: give each of its parts a file",
                          span_of(NULL, 0));
  if (span_is_nocase(word, "GENERATE") || span_is_nocase(word, "INCLUDE"))
    return ruleline_error(rl, "a directive that adds entries: list the entries themselves", word);
  if (span_is_nocase(word, "MAXRANGE4")) return read_widest(rl, span_word(&text));
  return ruleline_skip(rl);
}

static bool is_too_wide(const struct ruleline *rl, const struct prefix *p) {
  if (!rl->tables->max_range || prefix_family(p) != ADDRESSES_IPV4) return false;
  return (uint64_t)addr_ipv4(&p->last) - addr_ipv4(&p->first) >= rl->tables->max_range;
}

/* ":127.0.0.2:text", ":2" or only a text. The A record goes to *a; returns the text. */
static struct span zone_text(struct ruleline *rl, struct span rest, struct span *a) {
  *a = rl->tables->zone_value.len ? rl->tables->zone_value : span_str("127.0.0.2");
  if (rest.len == 0 || rest.s[0] != ':') return rest;
  struct span text = span_from(rest, 1), first = span_cut(&text, ':');
  if (span_trim(first).len) *a = first = span_trim(first);
  return text;
}

/* A single number is the last octet. */
static struct span whole_a(struct span a, char out[NUMBER_MAX + 8]) {
  uint64_t octet;
  struct span word = span_word(&a);
  if (!number_parse(word, 255, &octet)) return word;
  memcpy(out, "127.0.0.", 8);
  return span_of(out, 8 + number_format(out + 8, octet));
}

static struct span without_remark(struct span text) {
  for (size_t i = 0; i < text.len; i++)
    if (text.s[i] == '#' || text.s[i] == ';') return span_trim(span_head(text, i));
  return span_trim(text);
}

/* An A record is in 127.0.0.0/8. Another address is the next entry of a list with colons. */
static bool is_entry(struct span a) {
  struct prefix prefix;
  const char *reason;
  bool excluded = a.len && a.s[0] == '!';
  if (!ruleline_is_whole_address(a)) return false;
  if (!prefix_parse(span_from(a, excluded), &prefix, &reason)) return false;
  return prefix_family(&prefix) != ADDRESSES_IPV4 || addr_ipv4(&prefix.first) >> 24 != 127;
}

/* What the rest of a line says of its entry. */
static enum meant zone_meant(struct ruleline *rl, struct span rest, bool excluded) {
  char whole[NUMBER_MAX + 8];
  struct span a, text = without_remark(zone_text(rl, without_remark(rest), &a));
  if (is_entry(span_word(&(struct span){a.s, a.len}))) {
    ruleline_error(rl, "a second address in the line: write one per line", a);
    return MEANT_UNCLEAR;
  }
  if (excluded) return MEANT_LISTED;
  enum meant meant = ruleline_value(rl, whole_a(a, whole));
  return meant == MEANT_LISTED && ruleline_remark(rl, text) == MEANT_UNCLEAR ? MEANT_UNCLEAR
                                                                             : meant;
}

static bool read_default(struct ruleline *rl, struct span line) {
  zone_text(rl, line, &rl->tables->zone_value);
  return ruleline_skip(rl);
}

static bool add_zone_address(struct ruleline *rl, struct span word, bool excluded,
                             enum meant meant) {
  struct prefix prefix = {.line = rl->line};
  const char *reason;
  if (ruleline_mixes_kinds(rl, true, word)) return true;
  if (!rbldnsdaddr_parse(word, &prefix, &reason)) return ruleline_error(rl, reason, word);
  if (is_too_wide(rl, &prefix)) {
    rule_warning(rl->errors, rl->file->name, rl->line, "left out: wider than $MAXRANGE4 allows",
                 word);
    return ruleline_skip(rl);
  }
  prefix.excluded = excluded;
  return ruleline_add_valued(rl, &prefix, meant);
}

bool reader_zone(struct ruleline *rl) {
  struct span line = span_of(rl->text, rl->len), rest;
  size_t mark = line.s[0] == '$' ? 1 : line.len > 1 && line.s[1] == '$' ? 2 : 0;
  if (mark && memchr("$#;:", line.s[0], 4)) return read_directive(rl, span_from(line, mark));
  if (line.s[0] == ':' && (line.len == 1 || line.s[1] != ':')) return read_default(rl, line);
  bool excluded = line.s[0] == '!';
  if (excluded) line = span_trim(span_from(line, 1));
  struct span word = format_zone_word(line, &rest);
  if (format_is_record(rest))
    return ruleline_error(rl, "this is a record of a DNS zone file, not a line of rbldnsd", rest);
  enum meant meant = zone_meant(rl, rest, excluded);
  if (!rl->file->named || ruleline_looks_like_address(word))
    return add_zone_address(rl, word, excluded, meant);
  return ruleline_add_pattern(rl, word, excluded, meant);
}
