#include "base/escape.h"

static bool is_plain(unsigned char c, enum escape_where where) {
  return c > 0x20 && c < 0x7f && c != '%' && !(where == ESCAPE_ELEMENT && c == ',');
}

size_t escape_put(char *out, size_t cap, struct span in, enum escape_where where, size_t *used) {
  size_t n = 0, i;
  for (i = 0; i < in.len; i++) {
    unsigned char c = (unsigned char)in.s[i];
    if (is_plain(c, where)) {
      if (n + 1 > cap) break;
      out[n++] = (char)c;
      continue;
    }
    if (n + 3 > cap) break;
    out[n++] = '%';
    out[n++] = "0123456789ABCDEF"[c >> 4];
    out[n++] = "0123456789ABCDEF"[c & 15];
  }
  *used = i;
  return n;
}

static int hex_digit(char c) {
  if (ascii_is_digit((unsigned char)c)) return c - '0';
  c = (char)ascii_lower((unsigned char)c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool escape_is_whole(struct span text) {
  for (size_t at; (at = span_find(text, '%')) < text.len; text = span_from(text, at + 3))
    if (text.len - at < 3 || hex_digit(text.s[at + 1]) < 0 || hex_digit(text.s[at + 2]) < 0)
      return false;
  return true;
}

bool escape_get(char *out, size_t cap, struct span text, size_t *len) {
  size_t n = 0;
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.s[i];
    if (c == '%') {
      if (text.len - i < 3) return false;
      int high = hex_digit(text.s[i + 1]), low = hex_digit(text.s[i + 2]);
      if (high < 0 || low < 0) return false;
      c = (unsigned char)(high << 4 | low);
      i += 2;
    }
    if (n >= cap) return false;
    out[n++] = (char)c;
  }
  *len = n;
  return true;
}
