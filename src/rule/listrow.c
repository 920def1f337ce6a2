/* The readers of lines in formats that are not our own, without CSV. format.h tells them apart. */
#include "base/number.h"
#include "rule/hostname.h"
#include "rule/ruleline.h"
#include "rule/rbldnsdaddr.h"

static struct span value_of(const struct rule_line *row) {
  return span_str(row->file->value);
}

bool ruleline_skip(struct rule_line *row) {
  row->rows->skipped++;
  return true;
}

/* One group of an IPv6 address looks like a name until the addresses come. */
static bool has_names(struct rule_line *row) {
  struct tabletext *named = &row->rows->named;
  for (; named->count; named->count--) {
    const struct named *last = &named->named[named->count - 1];
    if (!rbldnsdaddr_is_group(last->key)) return true;
    rule_error(row->rule_errors, row->file->name, last->entry.line, RBLDNSDADDR_GROUP, last->key);
  }
  return false;
}

/* A file is of addresses or of names: a name among addresses is a slip, and the other way round. */
bool ruleline_is_mixed(struct rule_line *row, bool address, struct span word) {
  if (address ? !has_names(row) : row->rows->addresses.count == 0) return false;
  bool group = !address && rbldnsdaddr_is_group(word);
  ruleline_error(row, group ? RBLDNSDADDR_GROUP : "there are names and addresses in one file",
                 word);
  return true;
}

bool ruleline_add_name(struct rule_line *row, struct span word, enum reach reach,
                       enum meant meant) {
  size_t before = row->rows->named.count;
  bool excluded = meant == MEANT_EXCEPTION;
  if (meant == MEANT_UNCLEAR || ruleline_is_mixed(row, false, word)) return true;
  bool ok = ruleline_add_host(row, word, reach, excluded ? span_of("", 0) : value_of(row));
  if (row->rows->named.count > before) row->rows->named.named[before].excluded = excluded;
  return ok;
}

/* An entry that another value excludes gives way to the same name listed. */
static bool add_valued_name(struct rule_line *row, struct span word, enum reach reach,
                            enum meant meant) {
  size_t before = row->rows->named.count;
  bool ok = ruleline_add_name(row, word, reach, meant);
  if (row->rows->named.count > before)
    row->rows->named.named[before].soft = meant == MEANT_EXCEPTION;
  return ok;
}

/* rbldnsd's: `*.` what is below, `.` both, nothing the name alone. */
static bool add_name(struct rule_line *row, struct span word, bool excluded, enum meant meant) {
  enum reach reach = REACH_ITSELF;
  struct span name = word;
  if (word.len > 1 && word.s[0] == '*' && word.s[1] == '.') reach = REACH_BELOW;
  else if (word.len && word.s[0] == '.') reach = REACH_BOTH;
  name = span_from(word, reach == REACH_BELOW ? 2 : reach == REACH_BOTH ? 1 : 0);
  if (excluded) return ruleline_add_name(row, name, reach, MEANT_EXCEPTION);
  return add_valued_name(row, name, reach, meant);
}

/* ---- rbldnsd ---- */

/* $MAXRANGE4 N or /BITS: rbldnsd leaves out what is wider. */
static bool read_widest(struct rule_line *row, struct span text) {
  uint64_t number;
  bool bits = text.len && text.s[0] == '/';
  if (!number_canonical(span_from(text, bits), bits ? 32 : UINT32_MAX, &number) ||
      (!bits && number == 0))
    return ruleline_error(row, "the greatest range is malformed", text);
  if (bits) number = UINT64_C(1) << (32 - number);
  if (!row->rows->max_range || number < row->rows->max_range) row->rows->max_range = number;
  return ruleline_skip(row);
}

static bool read_directive(struct rule_line *row, struct span text) {
  struct span word = span_word(&text);
  if (span_is_nocase(word, "DATASET"))
    return ruleline_error(row, "a combined data set: give each of its parts a file",
                          span_of(NULL, 0));
  if (span_is_nocase(word, "MAXRANGE4")) return read_widest(row, span_word(&text));
  return ruleline_skip(row);
}

static bool is_too_wide(const struct rule_line *row, const struct prefix *p) {
  if (!row->rows->max_range || prefix_family(p) != ADDRESSES_IPV4) return false;
  return (uint64_t)addr_ipv4(&p->last) - addr_ipv4(&p->first) >= row->rows->max_range;
}

/* ":127.0.0.2:text", ":2" or a text alone. What the A record is, in *a; the rest is the text. */
static struct span zone_text(struct rule_line *row, struct span rest, struct span *a) {
  *a = row->rows->zone_value.len ? row->rows->zone_value : span_str("127.0.0.2");
  if (rest.len == 0 || rest.s[0] != ':') return rest;
  struct span text = span_from(rest, 1), first = span_cut(&text, ':');
  if (span_trim(first).len) *a = first = span_trim(first);
  return text;
}

/* A number alone is the last octet. */
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

/* What the rest of a line makes of its entry. */
static enum meant zone_meant(struct rule_line *row, struct span rest) {
  char whole[NUMBER_MAX + 8];
  struct span a, text = without_remark(zone_text(row, without_remark(rest), &a));
  enum meant meant = ruleline_value(row, whole_a(a, whole));
  return meant == MEANT_LISTED && ruleline_remark(row, text) == MEANT_UNCLEAR ? MEANT_UNCLEAR
                                                                              : meant;
}

static bool read_default(struct rule_line *row, struct span line) {
  zone_text(row, line, &row->rows->zone_value);
  return ruleline_skip(row);
}

static bool add_zone_address(struct rule_line *row, struct span word, bool excluded,
                             enum meant meant) {
  struct prefix prefix = {.line = row->line};
  const char *reason;
  if (ruleline_is_mixed(row, true, word)) return true;
  if (!rbldnsdaddr_parse(word, &prefix, &reason)) return ruleline_error(row, reason, word);
  if (is_too_wide(row, &prefix)) {
    rule_warning(row->rule_errors, row->file->name, row->line,
                 "left out, as it is wider than $MAXRANGE4 allows", word);
    return ruleline_skip(row);
  }
  prefix.excluded = excluded;
  return ruleline_add_valued(row, &prefix, meant);
}

bool read_zone_line(struct rule_line *row) {
  struct span line = span_of(row->text, row->len), rest;
  size_t mark = line.s[0] == '$' ? 1 : line.len > 1 && line.s[1] == '$' ? 2 : 0;
  if (mark && memchr("$#;:", line.s[0], 4)) return read_directive(row, span_from(line, mark));
  if (line.s[0] == '#' || line.s[0] == ';') return true;
  if (line.s[0] == ':' && (line.len == 1 || line.s[1] != ':')) return read_default(row, line);
  bool excluded = line.s[0] == '!';
  if (excluded) line = span_trim(span_from(line, 1));
  struct span word = format_zone_word(line, &rest);
  if (format_is_record(rest))
    return ruleline_error(row, "this is a record of a DNS zone file, not a line of rbldnsd", rest);
  enum meant meant = excluded ? MEANT_LISTED : zone_meant(row, rest);
  if (!row->file->named || ruleline_looks_like_address(word))
    return add_zone_address(row, word, excluded, meant);
  return add_name(row, word, excluded, meant);
}

/* ---- one entry a line ---- */

bool read_list_line(struct rule_line *row) {
  struct span word;
  ruleline_join_line(row);
  if (!ruleline_single(row, &word)) return true;
  bool excluded = word.s[0] == '!';
  if (!ruleline_looks_like_address(word)) return add_name(row, word, false, MEANT_LISTED);
  if (excluded && !ruleline_looks_like_address(span_from(word, 1)))
    return add_name(row, span_from(word, 1), true, MEANT_LISTED);
  if (ruleline_is_mixed(row, true, word)) return true;
  return ruleline_add_address(row, word, excluded ? span_of("", 0) : value_of(row));
}
