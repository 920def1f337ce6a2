/* span.h: a borrowed run of bytes, and how to cut it up.

   A span owns nothing and is never NUL-terminated by contract. Every function is total: an empty
   span is a valid argument everywhere, and no function reads outside the run it was given. */
#ifndef SINBIN_BASE_SPAN_H
#define SINBIN_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
  const char *s;
  size_t len;
};

/* A span over a string literal, usable in static initialisers. */
#define SPAN_LITERAL(text) \
  { (text), sizeof(text) - 1 }

static inline struct span span_of(const char *s, size_t len) {
  return (struct span){s, len};
}

static inline struct span span_str(const char *s) {
  return (struct span){s, strlen(s)};
}

/* The bytes from index `from` (clamped to the end) on. */
static inline struct span span_from(struct span s, size_t from) {
  if (from > s.len) from = s.len;
  return (struct span){s.s + from, s.len - from};
}

/* The first `len` bytes, or all of them where there are fewer. */
static inline struct span span_head(struct span s, size_t len) {
  return (struct span){s.s, len < s.len ? len : s.len};
}

bool span_equal(struct span a, struct span b);
bool span_is(struct span a, const char *text);
/* The same without regard to the case of ASCII letters. */
bool span_equal_nocase(struct span a, struct span b);
bool span_is_nocase(struct span a, const char *text);
bool span_starts_nocase(struct span s, const char *prefix);
bool span_ends_nocase(struct span s, struct span suffix);

/* Index of the first (last) byte c, or s.len where there is none. */
size_t span_find(struct span s, char c);
size_t span_find_last(struct span s, char c);

/* Splits at the first byte c: returns what stands before it and leaves in *rest what follows it.
   Without c the whole is returned and *rest becomes empty. */
struct span span_cut(struct span *rest, char c);

/* The next word of *rest, words being separated by spaces and tabs; empty at the end. */
struct span span_word(struct span *rest);

/* Without leading and trailing spaces, tabs, CRs and LFs. */
struct span span_trim(struct span s);

static inline unsigned char ascii_lower(unsigned char c) {
  return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}
static inline bool ascii_is_blank(char c) {
  return c == ' ' || c == '\t';
}
static inline bool ascii_is_digit(unsigned char c) {
  return c >= '0' && c <= '9';
}
static inline bool ascii_is_letter(unsigned char c) {
  return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

#endif
