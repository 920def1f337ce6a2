#include "report/message.h"
#include "base/fnv.h"
#include "base/number.h"
#include "line/sessionline.h"
#include "report/tokens.h"

static bool is_sin_byte(unsigned char c) {
  return (c >= 'a' && c <= 'z') || ascii_is_digit(c) || c == '-';
}

bool report_sins_are_valid(struct span sins) {
  bool at_start = true;
  if (sins.len == 0) return true;
  if (sins.len > SINS_TEXT_MAX) return false;
  for (size_t i = 0; i < sins.len; i++) {
    unsigned char c = (unsigned char)sins.s[i];
    if (at_start ? c < 'a' || c > 'z' : c != ',' && !is_sin_byte(c)) return false;
    at_start = c == ',';
  }
  return !at_start;
}

bool report_verdict_is_reported(int verdict) {
  return verdict == VERDICT_BOT || verdict == VERDICT_SUSPECT || verdict == VERDICT_CLEAN;
}

static bool is_valid(const struct report *r) {
  return r->seq >= 1 && r->seq <= SEQ_MAX && r->unixtime <= UNIXTIME_MAX &&
         report_verdict_is_reported(r->verdict) && r->score >= SCORE_MIN && r->score <= SCORE_MAX &&
         end_name(r->end) && report_sins_are_valid(r->sins) &&
         (r->dialect.len == 0 || tokens_are_hex(r->dialect, DIALECT_HEX));
}

static void put_score(struct tokens *t, int64_t score) {
  char text[NUMBER_MAX + 1] = "-";
  size_t sign = score < 0 ? 1 : 0;
  uint64_t magnitude = (uint64_t)(score < 0 ? -score : score);
  tokens_put(t, span_of(text, sign + number_format(text + sign, magnitude)));
}

static void put_optional(struct tokens *t, struct span text) {
  tokens_put(t, text.len ? text : span_str("-"));
}

size_t report_encode(const struct report *r, char *buf, size_t cap) {
  struct tokens t = {.buf = buf, .cap = cap};
  char ip[ADDR_TEXT_MAX];
  if (!is_valid(r)) return 0;
  tokens_put_origin(&t, REPORT_KIND, &r->origin);
  tokens_put_number(&t, r->seq);
  tokens_put_number(&t, r->unixtime);
  tokens_put(&t, span_of(ip, addr_format(ip, &r->ip)));
  tokens_put(&t, span_str(verdict_name(r->verdict)));
  put_score(&t, r->score);
  tokens_put(&t, span_str(end_name(r->end)));
  put_optional(&t, r->sins);
  put_optional(&t, r->dialect);
  return t.full ? 0 : t.len;
}

static struct span next_optional(struct span *rest) {
  struct span token = span_cut(rest, ' ');
  return span_is(token, "-") ? span_of(token.s, 0) : token;
}

bool report_identify(struct span line, struct origin *origin, uint64_t *seq) {
  struct span rest = line;
  return tokens_get_origin(&rest, REPORT_KIND, origin) && tokens_get_number(&rest, SEQ_MAX, seq) &&
         *seq;
}

static uint64_t mix_number(uint64_t hash, uint64_t value) {
  uint8_t bytes[8];
  for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)(value >> 8 * i);
  return fnv_bytes(hash, bytes, sizeof bytes);
}

static uint32_t finish(uint64_t hash) {
  uint32_t check = (uint32_t)(hash >> 32 ^ hash);
  return check ? check : 1;
}

uint32_t report_check(const struct report *r) {
  uint64_t hash = mix_number(FNV_START, r->unixtime);
  hash = fnv_bytes(hash, r->ip.byte, sizeof r->ip.byte);
  hash = mix_number(hash, (uint64_t)r->end);
  return finish(fnv_bytes(hash, r->dialect.s, r->dialect.len));
}

uint32_t report_check_text(struct span line) {
  struct span rest = line;
  for (int tokens = 0; tokens < 5; tokens++) span_cut(&rest, ' ');
  return finish(fnv_bytes(FNV_START, rest.s, rest.len));
}

/* The spelling may still differ from the canonical one. */
static bool decode_tokens(struct span rest, struct report *out) {
  if (!tokens_get_origin(&rest, REPORT_KIND, &out->origin) ||
      !tokens_get_number(&rest, SEQ_MAX, &out->seq) ||
      !tokens_get_number(&rest, UNIXTIME_MAX, &out->unixtime) ||
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
  if (line.len > sizeof again || !decode_tokens(line, &decoded)) return false;
  /* A line that encodes to other bytes is not canonical: -0, ::ffff:192.0.2.1, a space at the
     end. */
  size_t len = report_encode(&decoded, again, sizeof again);
  if (!span_equal(span_of(again, len), line)) return false;
  *out = decoded;
  return true;
}

static const struct {
  const char *token;
  enum datagram_kind kind;
} kinds[] = {{REPORT_KIND, DATAGRAM_REPORTS},
             {ANSWER_KIND, DATAGRAM_ANSWER},
             {REFUSAL_KIND, DATAGRAM_REFUSAL},
             {HEARTBEAT_KIND, DATAGRAM_HEARTBEAT}};

/* The input is untrusted, read directly from the network. */
enum datagram_kind datagram_parse(struct span datagram, struct span *covered, struct span *tag,
                                  struct origin *origin) {
  if (datagram.len <= DATAGRAM_TAIL || datagram.len > DATAGRAM_MAX) return DATAGRAM_FOREIGN;
  size_t len = datagram.len - DATAGRAM_TAIL;
  if (datagram.s[len] != ' ' || datagram.s[datagram.len - 1] != '\n') return DATAGRAM_FOREIGN;
  *tag = span_of(datagram.s + len + 1, TAG_HEX);
  *covered = span_head(datagram, len);
  if (!tokens_are_hex(*tag, TAG_HEX)) return DATAGRAM_FOREIGN;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    struct span rest = span_head(*covered, REPORT_LINE_MAX);
    if (tokens_get_origin(&rest, kinds[i].token, origin)) return kinds[i].kind;
  }
  return DATAGRAM_FOREIGN;
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
  if (line.len + between > sizeof d->buf - DATAGRAM_TAIL - d->len) return false;
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
  d->len += DATAGRAM_TAIL;
  return span_of(d->buf, d->len);
}
