#include "policy/hourcounts.h"
#include "base/number.h"

#define HOUR     3600
#define HOUR_MAX UINT64_C(9999999999)

static void advance(struct hourcounts *h, int64_t hour) {
  int64_t by = hour - h->hour;
  size_t dropped = by < HOURCOUNTS_HOURS ? (size_t)by : HOURCOUNTS_HOURS;
  memmove(h->count + dropped, h->count, (HOURCOUNTS_HOURS - dropped) * sizeof *h->count);
  memset(h->count, 0, dropped * sizeof *h->count);
  h->hour = hour;
}

void hourcounts_add(struct hourcounts *h, int64_t time) {
  int64_t hour = time / HOUR;
  if (hour > h->hour) advance(h, hour);
  int64_t back = h->hour - hour;
  if (back < HOURCOUNTS_HOURS && h->count[back] < UINT16_MAX) h->count[back]++;
}

uint32_t hourcounts_recent(const struct hourcounts *h, int64_t now) {
  uint32_t sum = 0;
  for (int i = 0; i < HOURCOUNTS_HOURS; i++)
    if (h->hour - i > now / HOUR - HOURCOUNTS_HOURS) sum += h->count[i];
  return sum;
}

size_t hourcounts_format(const struct hourcounts *h, char *out) {
  int used = HOURCOUNTS_HOURS;
  while (used && h->count[used - 1] == 0) used--;
  if (used == 0) return 0;
  size_t len = number_format(out, (uint64_t)h->hour);
  for (int i = 0; i < used; i++) {
    out[len++] = i ? ',' : ':';
    len += number_format(out + len, h->count[i]);
  }
  return len;
}

bool hourcounts_parse(struct span text, struct hourcounts *out) {
  struct hourcounts t = {.hour = 0};
  struct span rest = text;
  uint64_t value;
  *out = t;
  if (text.len == 0) return true;
  if (!number_canonical(span_cut(&rest, ':'), HOUR_MAX, &value)) return false;
  t.hour = (int64_t)value;
  for (int i = 0;; i++) {
    bool last = span_find(rest, ',') == rest.len;
    if (i == HOURCOUNTS_HOURS || !number_canonical(span_cut(&rest, ','), UINT16_MAX, &value))
      return false;
    t.count[i] = (uint16_t)value;
    if (last) break;
  }
  char again[HOURCOUNTS_TEXT_MAX];
  if (!span_equal(span_of(again, hourcounts_format(&t, again)), text)) return false;
  *out = t;
  return true;
}
