#include "base/span.h"

bool span_equal(struct span a, struct span b) {
  return a.len == b.len && (a.len == 0 || memcmp(a.s, b.s, a.len) == 0);
}

bool span_is(struct span a, const char *text) {
  return span_equal(a, span_str(text));
}

bool span_equal_nocase(struct span a, struct span b) {
  if (a.len != b.len) return false;
  for (size_t i = 0; i < a.len; i++)
    if (ascii_lower((unsigned char)a.s[i]) != ascii_lower((unsigned char)b.s[i])) return false;
  return true;
}

bool span_is_nocase(struct span a, const char *text) {
  return span_equal_nocase(a, span_str(text));
}

bool span_starts_nocase(struct span s, const char *prefix) {
  struct span want = span_str(prefix);
  return s.len >= want.len && span_equal_nocase(span_head(s, want.len), want);
}

bool span_ends_nocase(struct span s, struct span suffix) {
  return s.len >= suffix.len && span_equal_nocase(span_from(s, s.len - suffix.len), suffix);
}

size_t span_find(struct span s, char c) {
  const char *at = s.len ? memchr(s.s, c, s.len) : NULL;
  return at ? (size_t)(at - s.s) : s.len;
}

size_t span_find_last(struct span s, char c) {
  for (size_t i = s.len; i > 0; i--)
    if (s.s[i - 1] == c) return i - 1;
  return s.len;
}

struct span span_cut(struct span *rest, char c) {
  size_t at = span_find(*rest, c);
  struct span head = span_head(*rest, at);
  *rest = span_from(*rest, at + 1);
  return head;
}

struct span span_word(struct span *rest) {
  size_t start = 0, end;
  while (start < rest->len && ascii_is_blank(rest->s[start])) start++;
  for (end = start; end < rest->len && !ascii_is_blank(rest->s[end]); end++) {
  }
  struct span word = span_of(rest->s + start, end - start);
  *rest = span_from(*rest, end);
  return word;
}

static bool is_trimmed(char c) {
  return ascii_is_blank(c) || c == '\r' || c == '\n';
}

struct span span_trim(struct span s) {
  while (s.len && is_trimmed(s.s[0])) s = span_from(s, 1);
  while (s.len && is_trimmed(s.s[s.len - 1])) s.len--;
  return s;
}
