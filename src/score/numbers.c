#include "score/numbers.h"

#define DIGITS_MAX 18 /* of a number that fits */

static size_t read_one(struct span host, size_t at, struct number *out) {
  uint64_t value = 0;
  size_t n = 0;
  while (at + n < host.len && ascii_is_digit((unsigned char)host.s[at + n])) {
    if (n < DIGITS_MAX) value = 10 * value + (uint64_t)(host.s[at + n] - '0');
    n++;
  }
  out->value = n <= DIGITS_MAX ? value : 0;
  out->octet = n <= 3 && value <= 255 ? (uint16_t)value : NO_OCTET;
  out->digits = (uint8_t)(n <= DIGITS_MAX ? n : DIGITS_MAX + 1);
  return n;
}

void numbers_read(struct span host, struct numbers *out) {
  size_t end = 0; /* of the number before */
  out->count = out->digits = 0;
  for (size_t i = 0; i < host.len && out->count < NUMBERS_MAX;) {
    if (!ascii_is_digit((unsigned char)host.s[i])) {
      i++;
      continue;
    }
    struct number *number = &out->number[out->count];
    number->joined = out->count && i == end + 1 && numbers_is_separator(host.s[end]);
    size_t n = read_one(host, i, number);
    out->count++;
    out->digits += n;
    end = i += n;
  }
}
