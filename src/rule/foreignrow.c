/* The readers of lines in formats that are not our own, without CSV. format.h tells them apart. */
#include "base/number.h"
#include "rule/name.h"
#include "rule/rowtools.h"
#include "rule/shortaddr.h"

static struct span value_of(const struct row *row) {
  return span_str(row->file->value);
}

bool row_pass(struct row *row) {
  row->rows->passed++;
  return true;
}

/* One group of an IPv6 address looks like a name until the addresses come. */
static bool has_names(struct row *row) {
  struct rows *named = &row->rows->named;
  for (; named->count; named->count--) {
    const struct named *last = &named->named[named->count - 1];
    if (!shortaddr_is_group(last->key)) return true;
    complain(row->complaints, row->file->name, last->entry.line, SHORTADDR_GROUP, last->key);
  }
  return false;
}

/* A file is of addresses or of names: a name among addresses is a slip, and the other way round. */
static bool is_mixed(struct row *row, bool address, struct span word) {
  if (address ? !has_names(row) : row->rows->addresses.count == 0) return false;
  bool group = !address && shortaddr_is_group(word);
  row_refuse(row, group ? SHORTADDR_GROUP : "there are names and addresses in one file", word);
  return true;
}

/* rbldnsd's: `*.` what is below, `.` both, nothing the name alone. */
static bool add_name(struct row *row, struct span word, bool excluded) {
  enum reach reach = REACH_ITSELF;
  struct span name = word;
  if (word.len > 1 && word.s[0] == '*' && word.s[1] == '.') reach = REACH_BELOW;
  else if (word.len && word.s[0] == '.') reach = REACH_BOTH;
  name = span_from(word, reach == REACH_BELOW ? 2 : reach == REACH_BOTH ? 1 : 0);
  if (is_mixed(row, false, word)) return true;
  size_t before = row->rows->named.count;
  bool ok = row_add_host(row, name, reach, excluded ? span_of("", 0) : value_of(row));
  if (row->rows->named.count > before) row->rows->named.named[before].excluded = excluded;
  return ok;
}

/* ---- rbldnsd ---- */

/* $MAXRANGE4 N or /BITS: rbldnsd leaves out what is wider. */
static bool read_widest(struct row *row, struct span text) {
  uint64_t number;
  bool bits = text.len && text.s[0] == '/';
  if (!number_canonical(span_from(text, bits), bits ? 32 : UINT32_MAX, &number) ||
      (!bits && number == 0))
    return row_refuse(row, "the greatest range is malformed", text);
  if (bits) number = UINT64_C(1) << (32 - number);
  if (!row->rows->widest || number < row->rows->widest) row->rows->widest = number;
  return row_pass(row);
}

static bool read_directive(struct row *row, struct span text) {
  struct span word = span_word(&text);
  if (span_is_nocase(word, "DATASET"))
    return row_refuse(row, "a combined data set: give each of its parts a file", span_of(NULL, 0));
  if (span_is_nocase(word, "MAXRANGE4")) return read_widest(row, span_word(&text));
  return row_pass(row);
}

static bool is_too_wide(const struct row *row, const struct prefix *p) {
  if (!row->rows->widest || prefix_family(p) != ADDRESSES_IPV4) return false;
  return (uint64_t)addr_ipv4(&p->last) - addr_ipv4(&p->first) >= row->rows->widest;
}

static bool add_zone_address(struct row *row, struct span word, bool excluded) {
  struct prefix prefix = {.excluded = excluded, .line = row->line};
  const char *reason;
  if (is_mixed(row, true, word)) return true;
  if (!shortaddr_parse(word, &prefix, &reason)) return row_refuse(row, reason, word);
  if (is_too_wide(row, &prefix)) {
    warn_of(row->complaints, row->file->name, row->line,
            "left out, as it is wider than $MAXRANGE4 allows", word);
    return row_pass(row);
  }
  return row_add_prefix(row, &prefix, excluded ? span_of("", 0) : value_of(row));
}

bool row_zone(struct row *row) {
  struct span line = span_of(row->text, row->len), rest;
  size_t mark = line.s[0] == '$' ? 1 : line.len > 1 && line.s[1] == '$' ? 2 : 0;
  if (mark && memchr("$#;:", line.s[0], 4)) return read_directive(row, span_from(line, mark));
  if (line.s[0] == '#' || line.s[0] == ';') return true;
  if (line.s[0] == ':' && (line.len == 1 || line.s[1] != ':')) return row_pass(row);
  bool excluded = line.s[0] == '!';
  if (excluded) line = span_trim(span_from(line, 1));
  struct span word = format_zone_word(line, &rest);
  if (!row->file->named || row_looks_like_address(word))
    return add_zone_address(row, word, excluded);
  return add_name(row, word, excluded);
}

/* ---- one entry a line ---- */

bool row_listed(struct row *row) {
  struct span word;
  row_join_line(row);
  if (!row_single(row, &word)) return true;
  bool excluded = word.s[0] == '!';
  if (!row_looks_like_address(word)) return add_name(row, word, false);
  if (excluded && !row_looks_like_address(span_from(word, 1)))
    return add_name(row, span_from(word, 1), true);
  if (is_mixed(row, true, word)) return true;
  return row_add_address(row, word, excluded ? span_of("", 0) : value_of(row));
}
