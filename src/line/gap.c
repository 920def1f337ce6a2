#include "line/gap.h"
#include "base/number.h"
#include "line/field.h"

void gap_label(struct span line, char label[CHECKPOINT_LABEL_LEN + 1]) {
  struct span found, kind, fields;
  field_line_open(line, &found, &kind, &fields);
  if (found.len) memcpy(label, found.s, found.len);
  label[found.len] = '\0';
}

size_t gap_format(const struct gap *g, char *out) {
  struct fieldwriter line;
  char after[2 * NUMBER_MAX + 1];
  size_t len = number_format(after, g->inode);
  after[len++] = '.';
  len += number_format(after + len, g->offset);
  fieldwriter_init(&line, out, GAP_TEXT_MAX);
  fieldwriter_kind(&line, GAP_KIND);
  fieldwriter_ms(&line, "at", g->at);
  fieldwriter_text(&line, "after", span_of(after, len));
  if (*g->from) fieldwriter_text(&line, "from", span_str(g->from));
  if (*g->to) fieldwriter_text(&line, "to", span_str(g->to));
  return line.len;
}

/* Seconds with exactly three decimals. */
static bool parse_ms(struct span text, uint64_t *out) {
  struct span rest = text, seconds = span_cut(&rest, '.');
  uint64_t whole, part;
  if (rest.len != 3 || !number_canonical(seconds, GAP_AT_MAX / 1000, &whole) ||
      !number_parse(rest, 999, &part))
    return false;
  *out = whole * 1000 + part;
  return *out > 0;
}

static bool parse_after(struct span text, struct gap *g) {
  struct span rest = text, inode = span_cut(&rest, '.');
  return number_canonical(inode, UINT64_MAX, &g->inode) &&
         number_canonical(rest, SEQPOS_OFFSET_MAX, &g->offset);
}

static bool parse_label(struct span text, char label[CHECKPOINT_LABEL_LEN + 1]) {
  gap_label(text, label);
  return *label && strlen(label) == text.len;
}

static bool next_field(struct span *rest, const char *wanted, struct span *value) {
  struct span after = *rest, key;
  if (field_next(&after, &key, value) != FIELD_NEXT || !span_is(key, wanted)) return false;
  *rest = after;
  return true;
}

bool gap_parse(struct span line, struct gap *out) {
  struct span label, kind, rest, value;
  struct gap g = {.at = 0};
  if (!field_line_open(line, &label, &kind, &rest) || !span_is(kind, GAP_KIND)) return false;
  if (!next_field(&rest, "at", &value) || !parse_ms(value, &g.at)) return false;
  if (!next_field(&rest, "after", &value) || !parse_after(value, &g)) return false;
  if (next_field(&rest, "from", &value) && !parse_label(value, g.from)) return false;
  if (next_field(&rest, "to", &value) && !parse_label(value, g.to)) return false;
  *out = g;
  return true;
}
