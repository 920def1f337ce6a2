#include "report/origin.h"

static bool is_name_byte(unsigned char c) {
  return (c >= 'a' && c <= 'z') || ascii_is_digit(c) || c == '-';
}

bool origin_detector_is_valid(struct span name) {
  if (name.len == 0 || name.len > DETECTOR_MAX) return false;
  for (size_t i = 0; i < name.len; i++)
    if (!is_name_byte((unsigned char)name.s[i])) return false;
  return true;
}

static bool in_range(uint64_t value, uint64_t max) {
  return value >= 1 && value <= max;
}

bool origin_is_valid(const struct origin *o) {
  return origin_detector_is_valid(o->detector) && in_range(o->keygen, KEYGEN_MAX) &&
         in_range(o->epoch, EPOCH_MAX);
}

bool origin_equal(const struct origin *a, const struct origin *b) {
  return span_equal(a->detector, b->detector) && a->keygen == b->keygen && a->epoch == b->epoch;
}
