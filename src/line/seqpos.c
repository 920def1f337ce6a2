#include "line/seqpos.h"
#include "base/number.h"

static size_t put(char *out, size_t len, const char *text) {
  size_t more = strlen(text);
  memcpy(out + len, text, more);
  return len + more;
}

size_t seqpos_format(const struct seqpos *s, char *out) {
  size_t len = put(out, 0, " seq=");
  len += number_format(out + len, s->seq);
  len = put(out, len, " pos=");
  len += number_format(out + len, s->inode);
  out[len++] = '.';
  return len + number_format(out + len, s->offset);
}

static bool starts(struct span word, const char *prefix) {
  size_t len = strlen(prefix);
  return word.len >= len && memcmp(word.s, prefix, len) == 0;
}

static bool parse(struct span seq, struct span pos, struct seqpos *out) {
  struct seqpos found;
  if (!starts(seq, "seq=") || !starts(pos, "pos=")) return false;
  struct span offset = span_from(pos, 4);
  struct span inode = span_cut(&offset, '.');
  if (!number_canonical(span_from(seq, 4), SEQPOS_SEQ_MAX, &found.seq) || found.seq == 0 ||
      !number_canonical(inode, UINT64_MAX, &found.inode) ||
      !number_canonical(offset, SEQPOS_OFFSET_MAX, &found.offset))
    return false;
  *out = found;
  return true;
}

bool seqpos_parse(struct span line, struct seqpos *out) {
  struct span after = span_of(line.s, 0);
  while (line.len) {
    size_t at = span_find_last(line, ' ');
    if (at == line.len) return false;
    struct span word = span_from(line, at + 1);
    if (starts(word, "seq=") && starts(after, "pos=")) return parse(word, after, out);
    after = word;
    line = span_head(line, at);
  }
  return false;
}

size_t seqpos_strip(struct span line, char *out) {
  size_t len = 0;
  bool first = true;
  while (first || line.len) {
    size_t end = first ? 0 : 1; /* a word, with the space before it */
    while (end < line.len && line.s[end] != ' ') end++;
    struct span piece = span_head(line, end);
    line = span_from(line, end);
    if (!first && (starts(piece, " seq=") || starts(piece, " pos="))) continue;
    if (piece.len) memcpy(out + len, piece.s, piece.len);
    len += piece.len;
    first = false;
  }
  return len;
}
