#include "report/message.h"
#include "base/number.h"
#include "line/sessionline.h"

#define KIND     "SB1"
#define TAIL_LEN (TAG_HEX + 2) /* SP, tag, LF */

static bool is_name_byte(unsigned char c) {
  return (c >= 'a' && c <= 'z') || ascii_is_digit(c) || c == '-';
}

bool detector_is_valid(struct span name) {
  if (name.len == 0 || name.len > DETECTOR_MAX) return false;
  for (size_t i = 0; i < name.len; i++)
    if (!is_name_byte((unsigned char)name.s[i])) return false;
  return true;
}

bool sins_are_valid(struct span sins) {
  bool at_start = true;
  if (sins.len == 0) return true;
  if (sins.len > SINS_TEXT_MAX) return false;
  for (size_t i = 0; i < sins.len; i++) {
    unsigned char c = (unsigned char)sins.s[i];
    if (at_start ? c < 'a' || c > 'z' : c != ',' && !is_name_byte(c)) return false;
    at_start = c == ',';
  }
  return !at_start;
}

static bool is_hex(struct span text, size_t len) {
  if (text.len != len) return false;
  for (size_t i = 0; i < len; i++)
    if (!ascii_is_digit((unsigned char)text.s[i]) && (text.s[i] < 'a' || text.s[i] > 'f'))
      return false;
  return true;
}

bool origin_equal(const struct origin *a, const struct origin *b) {
  return span_equal(a->detector, b->detector) && a->keygen == b->keygen && a->epoch == b->epoch;
}

static bool is_reportable(int verdict) {
  return verdict == VERDICT_BOT || verdict == VERDICT_SUSPECT || verdict == VERDICT_CLEAN;
}

static bool in_range(uint64_t value, uint64_t min, uint64_t max) {
  return value >= min && value <= max;
}

static bool is_valid(const struct report *r) {
  return detector_is_valid(r->origin.detector) && in_range(r->origin.keygen, 1, KEYGEN_MAX) &&
         in_range(r->origin.epoch, 1, EPOCH_MAX) && in_range(r->seq, 1, SEQ_MAX) &&
         r->unixtime <= UNIXTIME_MAX && is_reportable(r->verdict) && r->score >= SCORE_MIN &&
         r->score <= SCORE_MAX && end_name(r->end) && sins_are_valid(r->sins) &&
         (r->dialect.len == 0 || is_hex(r->dialect, DIALECT_HEX));
}

struct words {
  char *buf;
  size_t cap, len;
  bool full;
};

static void put(struct words *w, struct span word) {
  size_t blank = w->len ? 1 : 0;
  if (w->full || word.len + blank > w->cap - w->len) {
    w->full = true;
    return;
  }
  if (blank) w->buf[w->len++] = ' ';
  memcpy(w->buf + w->len, word.s, word.len);
  w->len += word.len;
}

static void put_number(struct words *w, uint64_t value) {
  char text[NUMBER_MAX];
  put(w, span_of(text, number_format(text, value)));
}

static void put_score(struct words *w, int64_t score) {
  char text[NUMBER_MAX + 1] = "-";
  size_t sign = score < 0 ? 1 : 0;
  uint64_t magnitude = (uint64_t)(score < 0 ? -score : score);
  put(w, span_of(text, sign + number_format(text + sign, magnitude)));
}

static void put_optional(struct words *w, struct span text) {
  put(w, text.len ? text : span_str("-"));
}

size_t report_encode(const struct report *r, char *buf, size_t cap) {
  struct words w = {.buf = buf, .cap = cap};
  char ip[ADDR_TEXT_MAX];
  if (!is_valid(r)) return 0;
  put(&w, span_str(KIND));
  put(&w, r->origin.detector);
  put_number(&w, r->origin.keygen);
  put_number(&w, r->origin.epoch);
  put_number(&w, r->seq);
  put_number(&w, r->unixtime);
  put(&w, span_of(ip, addr_format(ip, &r->ip)));
  put(&w, span_str(verdict_name(r->verdict)));
  put_score(&w, r->score);
  put(&w, span_str(end_name(r->end)));
  put_optional(&w, r->sins);
  put_optional(&w, r->dialect);
  return w.full ? 0 : w.len;
}

static bool next_number(struct span *rest, uint64_t max, uint64_t *out) {
  return number_canonical(span_cut(rest, ' '), max, out);
}

static bool take_origin(struct span *rest, struct origin *origin) {
  if (!span_is(span_cut(rest, ' '), KIND)) return false;
  origin->detector = span_cut(rest, ' ');
  return detector_is_valid(origin->detector) && next_number(rest, KEYGEN_MAX, &origin->keygen) &&
         next_number(rest, EPOCH_MAX, &origin->epoch) && origin->keygen && origin->epoch;
}

static struct span next_optional(struct span *rest) {
  struct span word = span_cut(rest, ' ');
  return span_is(word, "-") ? span_of(word.s, 0) : word;
}

bool report_identify(struct span line, struct origin *origin, uint64_t *seq) {
  struct span rest = line;
  return take_origin(&rest, origin) && next_number(&rest, SEQ_MAX, seq) && *seq;
}

/* The words one by one, not caring yet for their one true spelling. */
static bool decode_words(struct span rest, struct report *out) {
  if (!take_origin(&rest, &out->origin) || !next_number(&rest, SEQ_MAX, &out->seq) ||
      !next_number(&rest, UNIXTIME_MAX, &out->unixtime) ||
      !addr_parse(span_cut(&rest, ' '), &out->ip) ||
      !verdict_parse(span_cut(&rest, ' '), &out->verdict) ||
      !number_parse_signed(span_cut(&rest, ' '), SCORE_MIN, SCORE_MAX, &out->score) ||
      !end_parse(span_cut(&rest, ' '), &out->end))
    return false;
  out->sins = next_optional(&rest);
  out->dialect = next_optional(&rest);
  return rest.len == 0;
}

bool report_decode(struct span line, struct report *out) {
  struct report decoded;
  char again[REPORT_LINE_MAX];
  if (line.len > sizeof again || !decode_words(line, &decoded)) return false;
  /* What encodes to other bytes was not the canonical spelling: -0, ::ffff:192.0.2.1, a space. */
  size_t len = report_encode(&decoded, again, sizeof again);
  if (!span_equal(span_of(again, len), line)) return false;
  *out = decoded;
  return true;
}

/* Untrusted, read directly from the network. */
bool datagram_open(struct span datagram, struct span *covered, struct span *tag,
                   struct origin *origin) {
  if (datagram.len <= TAIL_LEN || datagram.len > DATAGRAM_MAX) return false;
  size_t len = datagram.len - TAIL_LEN;
  if (datagram.s[len] != ' ' || datagram.s[datagram.len - 1] != '\n') return false;
  *tag = span_of(datagram.s + len + 1, TAG_HEX);
  *covered = span_head(datagram, len);
  if (!is_hex(*tag, TAG_HEX)) return false;
  struct span rest = span_head(*covered, REPORT_LINE_MAX);
  return take_origin(&rest, origin);
}

bool datagram_line(struct span *rest, struct span *line) {
  if (!rest->s) return false;
  size_t at = span_find(*rest, '\n');
  *line = span_head(*rest, at);
  *rest = at < rest->len ? span_from(*rest, at + 1) : (struct span){NULL, 0};
  return true;
}

bool datagram_add(struct datagram *d, struct span line) {
  size_t between = d->len ? 1 : 0;
  if (line.len + between > sizeof d->buf - TAIL_LEN - d->len) return false;
  if (between) d->buf[d->len++] = '\n';
  memcpy(d->buf + d->len, line.s, line.len);
  d->len += line.len;
  return true;
}

struct span datagram_covered(const struct datagram *d) {
  return span_of(d->buf, d->len);
}

struct span datagram_close(struct datagram *d, const char *tag) {
  d->buf[d->len] = ' ';
  memcpy(d->buf + d->len + 1, tag, TAG_HEX);
  d->buf[d->len + 1 + TAG_HEX] = '\n';
  d->len += TAIL_LEN;
  return span_of(d->buf, d->len);
}
