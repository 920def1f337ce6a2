#include "store/rowcodec.h"

#define NUMBERS 12

static char *put_number(char *at, uint64_t value) {
  for (; value > 0x7f; value >>= 7) *at++ = (char)(value | 0x80);
  *at++ = (char)value;
  return at;
}

static char *put_signed(char *at, int64_t value) {
  return put_number(at, (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0));
}

/* Ten bytes hold 64 bits. A last byte of 0 after others would be a second encoding. */
static bool get_number(struct span *rest, uint64_t *out) {
  uint64_t value = 0;
  for (size_t i = 0; i < rest->len && i < 10; i++) {
    uint8_t byte = (uint8_t)rest->s[i];
    value |= (uint64_t)(byte & 0x7f) << (7 * i);
    if (byte & 0x80) continue;
    if ((byte == 0 && i > 0) || (i == 9 && byte > 1)) return false;
    *rest = span_from(*rest, i + 1);
    *out = value;
    return true;
  }
  return false;
}

static bool get_signed(struct span *rest, int64_t *out) {
  uint64_t value;
  if (!get_number(rest, &value)) return false;
  *out = (int64_t)(value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
  return true;
}

/* The number of hours up to the last one that has a count, the newest hour, the counts. */
static char *put_hours(char *at, const struct hourcounts *h) {
  int used = HOURCOUNTS_HOURS;
  while (used && h->count[used - 1] == 0) used--;
  at = put_number(at, (uint64_t)used);
  if (used) at = put_signed(at, h->hour);
  for (int i = 0; i < used; i++) at = put_number(at, h->count[i]);
  return at;
}

static bool get_hours(struct span *rest, struct hourcounts *h) {
  uint64_t used, count = 1;
  if (!get_number(rest, &used) || used > HOURCOUNTS_HOURS) return false;
  if (used && !get_signed(rest, &h->hour)) return false;
  for (uint64_t i = 0; i < used; i++) {
    if (!get_number(rest, &count) || count > UINT16_MAX) return false;
    h->count[i] = (uint16_t)count;
  }
  return count > 0;
}

static char *put_bytes(char *at, const char *bytes, size_t len) {
  if (len) memcpy(at, bytes, len);
  return at + len;
}

static char *put_received(char *at, int64_t received) {
  if (received == 0) return at;
  *at++ = '\0';
  return put_signed(at, received);
}

static bool get_received(struct span *rest, int64_t *received) {
  *received = 0;
  if (rest->len == 0 || rest->s[0] != '\0') return true;
  *rest = span_from(*rest, 1);
  return get_signed(rest, received) && *received != 0;
}

_Static_assert(ROWCODEC_EVIDENCE_MAX >=
                   NUMBERS * 10 + 11 + 2 * (1 + 10 + 3 * HOURCOUNTS_HOURS) + SINS_TEXT_MAX,
               "the longest evidence fits");

size_t rowcodec_encode_evidence(const struct evidence *e, char *out) {
  const int64_t numbers[NUMBERS] = {e->first,      e->last,  e->last_bot, e->last_suspect,
                                    e->last_clean, e->bots,  e->suspects, e->cleans,
                                    e->future,     e->score, e->quits,    e->noquits};
  char *at = out;
  for (int i = 0; i < NUMBERS; i++) at = put_signed(at, numbers[i]);
  at = put_hours(at, &e->recent_bots);
  at = put_hours(at, &e->recent_cleans);
  at = put_received(at, e->received);
  return (size_t)(put_bytes(at, e->sins, e->sins_len) - out);
}

bool rowcodec_decode_evidence(struct span encoded, struct evidence *out) {
  int64_t *const numbers[NUMBERS] = {&out->first,        &out->last,       &out->last_bot,
                                     &out->last_suspect, &out->last_clean, &out->bots,
                                     &out->suspects,     &out->cleans,     &out->future,
                                     &out->score,        &out->quits,      &out->noquits};
  struct span rest = encoded;
  out->recent_bots = out->recent_cleans = (struct hourcounts){.hour = 0};
  for (int i = 0; i < NUMBERS; i++)
    if (!get_signed(&rest, numbers[i])) return false;
  if (!get_hours(&rest, &out->recent_bots) || !get_hours(&rest, &out->recent_cleans) ||
      !get_received(&rest, &out->received) || !report_sins_are_valid(rest))
    return false;
  put_bytes(out->sins, rest.s, out->sins_len = rest.len);
  return true;
}

_Static_assert(ROWCODEC_LISTING_MAX >= 9 * 10 + LISTING_SINS_MAX, "the longest listing fits");

size_t rowcodec_encode_listing(const struct listing *l, char *out) {
  const int64_t numbers[] = {l->since,     l->until, l->times,  l->last,
                             l->detectors, l->quits, l->noquits};
  char *at = put_number(out, l->colour);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) at = put_signed(at, numbers[i]);
  return (size_t)(put_bytes(at, l->sins, l->sins_len) - out);
}

bool rowcodec_decode_listing(struct span encoded, struct listing *out) {
  int64_t *const numbers[] = {&out->since,     &out->until, &out->times,  &out->last,
                              &out->detectors, &out->quits, &out->noquits};
  struct span rest = encoded;
  uint64_t colour;
  if (!get_number(&rest, &colour) || colour > COLOUR_BLACK) return false;
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (!get_signed(&rest, numbers[i])) return false;
  if (rest.len > LISTING_SINS_MAX) return false;
  out->exists = true;
  out->colour = (enum colour)colour;
  put_bytes(out->sins, rest.s, out->sins_len = rest.len);
  return true;
}
