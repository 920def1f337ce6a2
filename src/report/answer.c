#include "report/answer.h"
#include "base/number.h"
#include "report/tokens.h"

static bool add(struct datagram *d, const char *kind, const struct origin *origin, uint64_t seq) {
  struct tokens t = {.buf = d->buf, .cap = sizeof d->buf - DATAGRAM_TAIL, .len = d->len};
  if (seq < 1 || seq > SEQ_MAX) return false;
  if (d->len == 0) tokens_put_origin(&t, kind, origin);
  tokens_put_number(&t, seq);
  if (t.full) return false;
  d->len = t.len;
  return true;
}

bool answer_add(struct datagram *d, const struct origin *origin, uint64_t seq) {
  return add(d, ANSWER_KIND, origin, seq);
}

bool refusal_add(struct datagram *d, const struct origin *origin, uint64_t seq) {
  return add(d, REFUSAL_KIND, origin, seq);
}

static bool decode(struct span covered, const char *kind, struct origin *origin,
                   struct span *seqs) {
  struct span rest = covered;
  uint64_t seq;
  if (!tokens_get_origin(&rest, kind, origin)) return false;
  *seqs = rest;
  /* After a space at the end there would be an empty number, which span_cut does not return. */
  if (rest.len == 0 || rest.s[rest.len - 1] == ' ') return false;
  while (rest.len)
    if (!tokens_get_number(&rest, SEQ_MAX, &seq) || seq == 0) return false;
  return true;
}

bool answer_decode(struct span covered, struct origin *origin, struct span *seqs) {
  return decode(covered, ANSWER_KIND, origin, seqs);
}

bool refusal_decode(struct span covered, struct origin *origin, struct span *seqs) {
  return decode(covered, REFUSAL_KIND, origin, seqs);
}

bool answer_next(struct span *seqs, uint64_t *seq) {
  return seqs->len > 0 && tokens_get_number(seqs, SEQ_MAX, seq);
}
