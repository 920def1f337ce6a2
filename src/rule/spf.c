#include "rule/spf.h"
#include "base/number.h"

static const char version[] = "v=spf1";

/* Takes a string off *rest, up to its closing quote or the end of the text. */
static struct span next_string(struct span *rest, char *out, size_t *len) {
  size_t from = *len, at = 1;
  for (; at < rest->len && rest->s[at] != '"'; at++) {
    uint64_t byte;
    char c = rest->s[at];
    if (c == '\\' && number_parse(span_head(span_from(*rest, at + 1), 3), 255, &byte) &&
        at + 3 < rest->len) {
      c = (char)byte;
      at += 3;
    } else if (c == '\\' && at + 1 < rest->len) c = rest->s[++at];
    out[(*len)++] = c;
  }
  *rest = span_from(*rest, at + 1);
  return span_of(out + from, *len - from);
}

/* Joins the strings of a line. A line that does not begin with a quote is copied. */
static size_t join_strings(struct span line, char *out) {
  size_t len = 0;
  line = span_trim(line);
  if (line.len && line.s[0] != '"') {
    memcpy(out, line.s, line.len);
    return line.len;
  }
  while (line.len && line.s[0] == '"') {
    next_string(&line, out, &len);
    line = span_trim(line);
  }
  return len;
}

static bool is_record(struct span text) {
  size_t end = sizeof version - 1;
  return span_starts_nocase(text, version) && (text.len == end || text.s[end] == ' ');
}

bool spf_is(struct span text) {
  while (text.len) {
    struct span line = span_trim(span_cut(&text, '\n'));
    if (line.len && line.s[0] == '"') line = span_from(line, 1);
    if (span_starts_nocase(line, version)) return true;
  }
  return false;
}

bool spf_record(struct span text, char *out, size_t *len, const char **reason) {
  size_t records = 0, used;
  for (struct span rest = text; rest.len;) {
    struct span line = span_cut(&rest, '\n');
    if (records == 0) *len = 0;
    /* Joined strings are never longer than their text. */
    used = join_strings(line, out + *len);
    if (!is_record(span_of(out + *len, used))) continue;
    records++;
    if (records == 1) *len = used;
  }
  *reason = records ? "there is more than one SPF record" : "there is no SPF record";
  return records == 1;
}

static enum spf_kind kind_of(struct span name, struct span value) {
  static const struct {
    const char *name;
    enum spf_kind kind;
  } kinds[] = {{"ip4", SPF_IP4},       {"ip6", SPF_IP6},    {"include", SPF_INCLUDE},
               {"ptr", SPF_PTR},       {"a", SPF_LOOKUP},   {"mx", SPF_LOOKUP},
               {"exists", SPF_LOOKUP}, {"all", SPF_NOTHING}};
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    if (span_is_nocase(name, kinds[i].name))
      return span_find(value, '%') < value.len ? SPF_LOOKUP : kinds[i].kind;
  return SPF_MALFORMED;
}

static enum spf_kind modifier(struct span name, struct span *value, struct span term) {
  if (!span_is_nocase(name, "redirect")) return SPF_NOTHING;
  if (span_find(*value, '%') == value->len) return SPF_INCLUDE;
  *value = term;
  return SPF_LOOKUP;
}

enum spf_kind spf_next(struct span *rest, struct span *value) {
  struct span term = span_word(rest), name = term;
  size_t end = 0;
  *value = term;
  if (term.len == 0) return SPF_END;
  if (span_is_nocase(term, version)) return SPF_NOTHING;
  if (memchr("-~?", term.s[0], 3)) return SPF_NOTHING;
  if (term.s[0] == '+') name = span_from(name, 1);
  while (end < name.len && !memchr(":/=", name.s[end], 3)) end++;
  bool parted = end < name.len && name.s[end] != '/';
  struct span argument = span_from(name, end + parted);
  bool is_modifier = end < name.len && name.s[end] == '=';
  name = span_head(name, end);
  if (is_modifier) {
    *value = argument;
    return modifier(name, value, term);
  }
  enum spf_kind kind = kind_of(name, argument);
  if (kind != SPF_LOOKUP && kind != SPF_MALFORMED) *value = argument;
  return kind == SPF_INCLUDE && argument.len == 0 ? SPF_MALFORMED : kind;
}
