#include "report/heartbeat.h"
#include "base/number.h"
#include "line/field.h"
#include "report/tokens.h"

#define KEY_VERSION "version"
#define KEY_GAPS    "gaps"
#define KEY_LASTGAP "lastgap"

static const char *const names[BEATS] = {
    [BEAT_UP] = "up",         [BEAT_LINES] = "lines",     [BEAT_REPORTS] = "reports",
    [BEAT_ACKED] = "acked",   [BEAT_PENDING] = "pending", [BEAT_OLDEST] = "oldest",
    [BEAT_SENT] = "sent",     [BEAT_RESENT] = "resent",   [BEAT_FAILED] = "failed",
    [BEAT_UNREAD] = "unread", [BEAT_BOGUS] = "bogus",
};

const char *heartbeat_name(int count) {
  return count >= 0 && count < BEATS ? names[count] : NULL;
}

static bool is_version(struct span text) {
  if (text.len == 0 || text.len > VERSION_TEXT_MAX) return false;
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.s[i];
    if (!ascii_is_letter(c) && !ascii_is_digit(c) && !memchr(".+~-", c, 4)) return false;
  }
  return true;
}

static void put_pair(struct tokens *t, const char *key, struct span value) {
  char text[FIELD_KEY_MAX + 1 + VERSION_TEXT_MAX];
  size_t len = strlen(key);
  memcpy(text, key, len);
  text[len++] = '=';
  memcpy(text + len, value.s, value.len);
  tokens_put(t, span_of(text, len + value.len));
}

static bool is_valid(const struct heartbeat *h) {
  for (int i = 0; i < BEATS; i++)
    if (h->count[i] > SEQ_MAX) return false;
  if (h->gaps > SEQ_MAX || h->lastgap > UNIXTIME_MAX) return false;
  return h->seq >= 1 && h->seq <= SEQ_MAX && h->unixtime <= UNIXTIME_MAX && is_version(h->version);
}

size_t heartbeat_encode(const struct heartbeat *h, char *buf, size_t cap) {
  struct tokens t = {.buf = buf, .cap = cap};
  char text[NUMBER_MAX];
  if (!is_valid(h)) return 0;
  tokens_put_origin(&t, HEARTBEAT_KIND, &h->origin);
  tokens_put_number(&t, h->seq);
  tokens_put_number(&t, h->unixtime);
  put_pair(&t, KEY_VERSION, h->version);
  for (int i = 0; i < BEATS; i++)
    put_pair(&t, names[i], span_of(text, number_format(text, h->count[i])));
  if (h->gaps) {
    put_pair(&t, KEY_GAPS, span_of(text, number_format(text, h->gaps)));
    put_pair(&t, KEY_LASTGAP, span_of(text, number_format(text, h->lastgap)));
  }
  return t.full ? 0 : t.len;
}

static bool next_pair(struct span *rest, const char *key, struct span *value) {
  struct span found;
  return field_next(rest, &found, value) == FIELD_NEXT && span_is(found, key);
}

static bool decode_counts(struct span *rest, struct heartbeat *out) {
  struct span value;
  for (int i = 0; i < BEATS; i++)
    if (!next_pair(rest, names[i], &value) || !number_canonical(value, SEQ_MAX, &out->count[i]))
      return false;
  return true;
}

/* Both or neither, after the counts. */
static bool decode_gaps(struct span *rest, struct heartbeat *out) {
  struct span after = *rest, value;
  out->gaps = out->lastgap = 0;
  if (!next_pair(&after, KEY_GAPS, &value)) return true;
  if (!number_canonical(value, SEQ_MAX, &out->gaps) || out->gaps == 0 ||
      !next_pair(&after, KEY_LASTGAP, &value) ||
      !number_canonical(value, UNIXTIME_MAX, &out->lastgap))
    return false;
  *rest = after;
  return true;
}

bool heartbeat_decode(struct span covered, struct heartbeat *out) {
  struct heartbeat h;
  struct span rest = covered, key, value;
  enum field_result got;
  if (covered.len > REPORT_LINE_MAX || covered.len == 0 || covered.s[covered.len - 1] == ' ')
    return false;
  if (!tokens_get_origin(&rest, HEARTBEAT_KIND, &h.origin) ||
      !tokens_get_number(&rest, SEQ_MAX, &h.seq) || h.seq == 0 ||
      !tokens_get_number(&rest, UNIXTIME_MAX, &h.unixtime) ||
      !next_pair(&rest, KEY_VERSION, &h.version) || !is_version(h.version) ||
      !decode_counts(&rest, &h) || !decode_gaps(&rest, &h))
    return false;
  while ((got = field_next(&rest, &key, &value)) == FIELD_NEXT) {
  }
  if (got != FIELD_END) return false;
  *out = h;
  return true;
}
