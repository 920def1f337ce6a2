#include "line/checkpoint.h"
#include "base/number.h"
#include "line/field.h"

#define KIND "CP1"

static size_t put_number(char *out, size_t len, uint64_t value) {
  out[len++] = ' ';
  return len + number_format(out + len, value);
}

static size_t put_text(char *out, size_t len, const char *text) {
  size_t more = strlen(text);
  memcpy(out + len, text, more);
  return len + more;
}

size_t checkpoint_encode(const struct checkpoint *c, char *out) {
  size_t len = put_text(out, 0, KIND);
  len = put_number(out, len, c->epoch);
  len = put_number(out, len, c->seq);
  len = put_number(out, len, c->inode);
  len = put_number(out, len, c->offset);
  len = put_text(out, len, " ");
  len = put_text(out, len, *c->label ? c->label : "-");
  return put_text(out, len, "\n");
}

static void set_label(struct checkpoint *c, struct span label) {
  memset(c->label, 0, sizeof c->label);
  if (label.len) memcpy(c->label, label.s, label.len);
}

/* Accepts `-`, or a label that field_line_open accepts. */
static bool read_label(struct span text, struct checkpoint *c) {
  char line[CHECKPOINT_LABEL_LEN + 2];
  struct span label, kind, fields;
  set_label(c, span_of(text.s, 0));
  if (span_is(text, "-")) return true;
  if (text.len != CHECKPOINT_LABEL_LEN) return false;
  memcpy(line, text.s, text.len);
  memcpy(line + text.len, " x", 2);
  if (!field_line_open(span_of(line, sizeof line), &label, &kind, &fields) || label.len != text.len)
    return false;
  set_label(c, text);
  return true;
}

static bool next_number(struct span *rest, uint64_t max, uint64_t *out) {
  return number_canonical(span_cut(rest, ' '), max, out);
}

bool checkpoint_decode(struct span text, struct checkpoint *out) {
  struct checkpoint c;
  struct span rest = span_head(text, span_find(text, '\n'));
  if (text.len != rest.len + 1 || !span_is(span_cut(&rest, ' '), KIND)) return false;
  if (!next_number(&rest, CHECKPOINT_EPOCH_MAX, &c.epoch) || c.epoch == 0 ||
      !next_number(&rest, SEQPOS_SEQ_MAX, &c.seq) || c.seq == 0 ||
      !next_number(&rest, UINT64_MAX, &c.inode) ||
      !next_number(&rest, SEQPOS_OFFSET_MAX, &c.offset) || !read_label(rest, &c))
    return false;
  *out = c;
  return true;
}

bool checkpoint_advance(struct checkpoint *c, struct span line) {
  struct seqpos at;
  struct span label, kind, fields;
  if (!seqpos_parse(line, &at) || at.seq == SEQPOS_SEQ_MAX) return false;
  field_line_open(line, &label, &kind, &fields);
  c->seq = at.seq + 1;
  c->inode = at.inode;
  c->offset = at.offset;
  set_label(c, label);
  return true;
}
