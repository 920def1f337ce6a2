#include "base/number.h"

bool number_parse(struct span text, uint64_t max, uint64_t *out) {
  uint64_t value = 0;
  if (text.len == 0) return false;
  for (size_t i = 0; i < text.len; i++) {
    if (!ascii_is_digit((unsigned char)text.s[i])) return false;
    uint64_t digit = (uint64_t)(text.s[i] - '0');
    if (value > (UINT64_MAX - digit) / 10) return false;
    value = value * 10 + digit;
  }
  if (value > max) return false;
  *out = value;
  return true;
}

bool number_canonical(struct span text, uint64_t max, uint64_t *out) {
  if (text.len > 1 && text.s[0] == '0') return false;
  return number_parse(text, max, out);
}

bool number_parse_signed(struct span text, int64_t min, int64_t max, int64_t *out) {
  uint64_t magnitude;
  bool minus = text.len && text.s[0] == '-';
  if (!number_parse(span_from(text, minus ? 1 : 0), INT64_MAX, &magnitude)) return false;
  int64_t value = minus ? -(int64_t)magnitude : (int64_t)magnitude;
  if (value < min || value > max) return false;
  *out = value;
  return true;
}

bool number_parse_ms(struct span text, uint64_t max_ms, uint64_t *out_ms) {
  struct span rest = text;
  struct span whole = span_cut(&rest, '.');
  uint64_t seconds, fraction = 0;
  bool dotted = whole.len < text.len;
  if (!number_parse(whole, max_ms / 1000, &seconds)) return false;
  if (dotted) {
    if (rest.len > 3 || !number_parse(rest, 999, &fraction)) return false;
    for (size_t i = rest.len; i < 3; i++) fraction *= 10;
  }
  uint64_t ms = seconds * 1000 + fraction;
  if (ms > max_ms) return false;
  *out_ms = ms;
  return true;
}

bool number_parse_hex(struct span text, size_t n, uint64_t *out) {
  uint64_t value = 0;
  if (text.len != n || n == 0 || n > 16) return false;
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)text.s[i];
    if (ascii_is_digit(c)) value = value << 4 | (uint64_t)(c - '0');
    else if (c >= 'a' && c <= 'f') value = value << 4 | (uint64_t)(c - 'a' + 10);
    else return false;
  }
  *out = value;
  return true;
}

/* Not inlined: sinbin-smtpd must stay small. */
__attribute__((noinline)) void number_format_padded(char *out, uint64_t value, size_t n) {
  for (size_t i = n; i-- > 0; value /= 10) out[i] = (char)('0' + value % 10);
}

size_t number_format(char *out, uint64_t value) {
  size_t n = 1;
  for (uint64_t rest = value; rest > 9; rest /= 10) n++;
  number_format_padded(out, value, n);
  return n;
}

const char *number_text(char *out, uint64_t value) {
  out[number_format(out, value)] = '\0';
  return out;
}

size_t number_format_ms(char *out, uint64_t ms) {
  size_t n = number_format(out, ms / 1000);
  out[n++] = '.';
  number_format_padded(out + n, ms, 3);
  return n + 3;
}

size_t number_format_hex(char *out, uint64_t value, size_t n) {
  for (size_t i = 0; i < n; i++) out[i] = "0123456789abcdef"[value >> (4 * (n - 1 - i)) & 15];
  return n;
}
