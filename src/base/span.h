/* span.h: a pointer to bytes and their number, and functions to compare, search and split them.

   A span does not own its bytes and need not end with a NUL. An empty span is valid everywhere. No
   function reads outside its spans. */
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

/* The bytes from index `from` on; empty if that is past the end. */
static inline struct span span_from(struct span s, size_t from) {
  if (from > s.len) from = s.len;
  return (struct span){s.s + from, s.len - from};
}

/* The first `len` bytes, or all of them if there are fewer. */
static inline struct span span_head(struct span s, size_t len) {
  return (struct span){s.s, len < s.len ? len : s.len};
}

bool span_equal(struct span a, struct span b);
bool span_is(struct span a, const char *text);
/* The same, ignoring the case of ASCII letters. */
bool span_equal_nocase(struct span a, struct span b);
bool span_is_nocase(struct span a, const char *text);
bool span_starts_nocase(struct span s, const char *prefix);
bool span_ends_nocase(struct span s, struct span suffix);

/* The index of the first (last) byte c, or s.len if there is none. */
size_t span_find(struct span s, char c);
size_t span_find_last(struct span s, char c);

/* Splits at the first byte c: returns the bytes in front of it and leaves in *rest the bytes after
   it. Without a c, returns all bytes and leaves *rest empty. */
struct span span_cut(struct span *rest, char c);

/* Removes the next word from *rest and returns it; empty at the end. Words are separated by spaces
   and tabs. */
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
