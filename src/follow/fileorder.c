#include "follow/fileorder.h"
#include "base/number.h"

#define EPOCH_WORD "epoch"

/* Newest first, so that a file is not taken for an older one that had the same inode. */
static size_t find_self(const struct fileorder *order, size_t known, const struct logfile *seen) {
  for (size_t i = known; i-- > 0;)
    if (!order->present[i] && logfile_is_later_self(&order->file[i], seen)) return i;
  return known;
}

bool fileorder_update(struct fileorder *order, const struct logfile *found, size_t n) {
  size_t known = order->n;
  memset(order->present, 0, sizeof order->present);
  for (size_t i = 0; i < n; i++) {
    size_t self = find_self(order, known, &found[i]);
    if (self == known) {
      if (order->n == FILEORDER_MAX) return false;
      self = order->n++;
      order->read[self] = (struct filenumbers){.first = 0};
    }
    order->file[self] = found[i];
    order->present[self] = true;
  }
  return true;
}

/* A logger deletes the oldest file first. So while the last known file is there, none of those after
   it was deleted. */
enum fileorder_loss fileorder_find_loss(const struct fileorder *order, size_t known) {
  enum fileorder_loss loss = FILEORDER_COMPLETE;
  if (order->at >= known) return loss;
  if (order->n > known && !order->present[known - 1]) loss = FILEORDER_LOST;
  for (size_t i = order->at + 1; i < known; i++) {
    if (order->present[i]) continue;
    if (order->read[i].first) return FILEORDER_LOST_BEGUN;
    loss = FILEORDER_LOST;
  }
  return loss;
}

void fileorder_forget_gone(struct fileorder *order) {
  size_t kept = 0, at = order->at, n = order->n;
  for (size_t i = 0; i < n; i++) {
    if (i == at) order->at = kept;
    if (!order->present[i] && i != at) continue;
    order->file[kept] = order->file[i];
    order->read[kept] = order->read[i];
    order->present[kept++] = order->present[i];
  }
  order->n = kept;
  if (at >= n) order->at = kept;
}

size_t fileorder_find(const struct fileorder *order, uint64_t inode) {
  for (size_t i = order->n; i-- > 0;)
    if (order->file[i].inode == inode) return i;
  return order->n;
}

void fileorder_clear_numbers(struct fileorder *order, uint64_t epoch) {
  memset(order->read, 0, sizeof order->read);
  order->epoch = epoch;
}

/* ---- as text ---- */

static size_t put_number(char *out, size_t len, uint64_t value) {
  out[len++] = ' ';
  return len + number_format(out + len, value);
}

static size_t put_word(char *out, size_t len, const char *word) {
  size_t more = strlen(word);
  out[len++] = ' ';
  memcpy(out + len, word, more);
  return len + more;
}

static size_t put_hash(uint64_t hash, char *out, size_t len) {
  if (!hash) return len;
  out[len++] = ' ';
  out[len++] = '#';
  return len + number_format_hex(out + len, hash, 16);
}

static size_t put_read(const struct filenumbers *r, char *out, size_t len) {
  if (!r->first) return len;
  len = put_number(out, len, r->first);
  len = put_number(out, len, r->start);
  if (!r->gap.at) return len;
  len = put_number(out, len, r->gap.at);
  len = put_number(out, len, r->gap.inode);
  len = put_number(out, len, r->gap.offset);
  len = put_word(out, len, *r->gap.from ? r->gap.from : "-");
  return put_word(out, len, *r->gap.to ? r->gap.to : "-");
}

size_t fileorder_encode(const struct fileorder *order, char *out) {
  size_t len = 0;
  if (order->epoch) {
    memcpy(out, EPOCH_WORD, strlen(EPOCH_WORD));
    len = put_number(out, strlen(EPOCH_WORD), order->epoch);
    out[len++] = '\n';
  }
  for (size_t i = 0; i < order->n; i++) {
    const struct logfile *f = &order->file[i];
    len += number_format(out + len, f->inode);
    len = put_number(out, len, f->birth);
    len = put_word(out, len, f->name);
    len = put_hash(f->first_hash, out, len);
    len = put_read(&order->read[i], out, len);
    out[len++] = '\n';
  }
  return len;
}

static bool next_number(struct span *rest, uint64_t max, uint64_t *out) {
  return number_canonical(span_cut(rest, ' '), max, out);
}

static bool next_label(struct span *rest, char label[CHECKPOINT_LABEL_LEN + 1]) {
  struct span word = span_cut(rest, ' ');
  gap_label(word, label);
  return *label ? strlen(label) == word.len : span_is(word, "-");
}

static bool decode_gap(struct span rest, struct gap *g) {
  return next_number(&rest, GAP_AT_MAX, &g->at) && g->at && rest.len &&
         next_number(&rest, UINT64_MAX, &g->inode) &&
         next_number(&rest, SEQPOS_OFFSET_MAX, &g->offset) && next_label(&rest, g->from) &&
         rest.len && next_label(&rest, g->to) && !rest.len;
}

/* True if another word follows, even an empty one. */
static bool has_more(struct span line, struct span rest) {
  return rest.len || (line.len && line.s[line.len - 1] == ' ');
}

/* False if there is a hash, and it is malformed. */
static bool decode_hash(struct span *rest, uint64_t *hash) {
  if (!rest->len || rest->s[0] != '#') return true;
  return number_parse_hex(span_from(span_cut(rest, ' '), 1), 16, hash) && *hash;
}

static bool decode_read(struct span line, struct span rest, struct filenumbers *out) {
  *out = (struct filenumbers){.first = 0};
  if (!has_more(line, rest)) return true;
  if (!next_number(&rest, SEQPOS_SEQ_MAX, &out->first) || out->first == 0 ||
      !next_number(&rest, SEQPOS_OFFSET_MAX, &out->start))
    return false;
  return !has_more(line, rest) || decode_gap(rest, &out->gap);
}

static bool decode_line(struct span line, struct logfile *out, struct filenumbers *read) {
  struct span rest = line;
  *out = (struct logfile){.inode = 0};
  if (!next_number(&rest, UINT64_MAX, &out->inode) || !next_number(&rest, UINT64_MAX, &out->birth))
    return false;
  struct span name = span_cut(&rest, ' ');
  if (name.len >= sizeof out->name) return false;
  if (name.len) memcpy(out->name, name.s, name.len);
  return strlen(out->name) == name.len && logfile_name_is_valid(out->name) &&
         decode_hash(&rest, &out->first_hash) && decode_read(line, rest, read);
}

static bool decode_epoch(struct span line, uint64_t *out) {
  return span_is(span_cut(&line, ' '), EPOCH_WORD) &&
         number_canonical(line, CHECKPOINT_EPOCH_MAX, out) && *out;
}

bool fileorder_decode(struct span text, struct fileorder *out, uint64_t *line) {
  out->n = 0;
  out->epoch = 0;
  *line = 0;
  while (text.len) {
    size_t end = span_find(text, '\n');
    ++*line;
    if (end == text.len) return false;
    struct span one = span_head(text, end);
    text = span_from(text, end + 1);
    if (*line == 1 && decode_epoch(one, &out->epoch)) continue;
    if (out->n == FILEORDER_MAX || !decode_line(one, &out->file[out->n], &out->read[out->n]))
      return false;
    out->present[out->n++] = false;
  }
  out->at = out->n;
  return true;
}
