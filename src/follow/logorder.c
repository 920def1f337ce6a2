#include "follow/logorder.h"
#include "base/number.h"

/* The newest first: an inode that was given anew is then not taken for its forerunner. */
static size_t find_self(const struct logorder *order, size_t known, const struct logfile *seen) {
  for (size_t i = known; i-- > 0;)
    if (!order->here[i] && logfile_is_later_self(&order->file[i], seen)) return i;
  return known;
}

/* Marks what is found again, and adds the others. */
static bool take_in(struct logorder *order, const struct logfile *found, size_t n) {
  size_t known = order->n;
  memset(order->here, 0, sizeof order->here);
  for (size_t i = 0; i < n; i++) {
    size_t self = find_self(order, known, &found[i]);
    if (self == known) {
      if (order->n == LOGORDER_MAX) return false;
      self = order->n++;
    }
    order->file[self] = found[i];
    order->here[self] = true;
  }
  return true;
}

/* Files behind the one being read are complete as long as the last one known is there: a logger
   deletes the oldest first. */
static bool is_lost(const struct logorder *order, size_t known) {
  if (order->at >= known) return false;
  for (size_t i = order->at + 1; i < known; i++)
    if (!order->here[i]) return true;
  return order->n > known && !order->here[known - 1];
}

static void forget_gone(struct logorder *order) {
  size_t kept = 0, at = order->at;
  for (size_t i = 0; i < order->n; i++) {
    if (i == at) order->at = kept;
    if (!order->here[i] && i < at) continue;
    order->file[kept] = order->file[i];
    order->here[kept++] = order->here[i];
  }
  order->n = kept;
}

enum logorder_result logorder_merge(struct logorder *order, const struct logfile *found, size_t n) {
  size_t known = order->n;
  bool reading = order->at < known;
  if (!take_in(order, found, n)) return LOGORDER_FULL;
  if (is_lost(order, known)) return LOGORDER_LOST;
  bool more = order->n > known;
  if (!reading) order->at = order->n;
  forget_gone(order);
  if (!reading) order->at = order->n;
  return more ? LOGORDER_MORE : LOGORDER_SAME;
}

size_t logorder_find(const struct logorder *order, uint64_t inode) {
  for (size_t i = order->n; i-- > 0;)
    if (order->file[i].inode == inode) return i;
  return order->n;
}

size_t logorder_encode(const struct logorder *order, char *out) {
  size_t len = 0;
  for (size_t i = 0; i < order->n; i++) {
    const struct logfile *f = &order->file[i];
    len += number_format(out + len, f->inode);
    out[len++] = ' ';
    len += number_format(out + len, f->born);
    out[len++] = ' ';
    size_t name = strlen(f->name);
    memcpy(out + len, f->name, name);
    len += name;
    out[len++] = '\n';
  }
  return len;
}

static bool decode_line(struct span line, struct logfile *out) {
  *out = (struct logfile){.inode = 0};
  if (!number_canonical(span_cut(&line, ' '), UINT64_MAX, &out->inode) ||
      !number_canonical(span_cut(&line, ' '), UINT64_MAX, &out->born) ||
      line.len >= sizeof out->name)
    return false;
  if (line.len) memcpy(out->name, line.s, line.len);
  return strlen(out->name) == line.len && logfile_name_is_valid(out->name);
}

bool logorder_decode(struct span text, struct logorder *out, uint64_t *line) {
  out->n = 0;
  *line = 0;
  while (text.len) {
    ++*line;
    size_t end = span_find(text, '\n');
    if (end == text.len || out->n == LOGORDER_MAX ||
        !decode_line(span_head(text, end), &out->file[out->n]))
      return false;
    out->here[out->n++] = false;
    text = span_from(text, end + 1);
  }
  out->at = out->n;
  return true;
}
