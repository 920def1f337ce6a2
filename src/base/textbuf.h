/* textbuf.h: text that is built in a buffer of the caller, and never exceeds it.

   There are two modes:
     textbuf_put   the whole piece, or nothing of it if it does not fit
     textbuf_cut   as many bytes of the piece as fit
   If anything was left out, `full` is set. The text has no NUL at its end. */
#ifndef SINBIN_BASE_TEXTBUF_H
#define SINBIN_BASE_TEXTBUF_H

#include "base/span.h"
#include <stdint.h>

struct textbuf {
  char *at;
  size_t cap, len;
  bool full;
};

static inline struct textbuf textbuf_of(char *at, size_t cap) {
  return (struct textbuf){at, cap, 0, false};
}

static inline void textbuf_put(struct textbuf *t, struct span s) {
  if (s.len > t->cap - t->len) {
    t->full = true;
    return;
  }
  if (s.len) memcpy(t->at + t->len, s.s, s.len);
  t->len += s.len;
}

static inline void textbuf_put_str(struct textbuf *t, const char *s) {
  textbuf_put(t, span_str(s));
}

static inline void textbuf_put_byte(struct textbuf *t, char c) {
  textbuf_put(t, span_of(&c, 1));
}

void textbuf_put_number(struct textbuf *t, uint64_t value);

void textbuf_cut(struct textbuf *t, struct span s);

static inline void textbuf_cut_str(struct textbuf *t, const char *s) {
  textbuf_cut(t, span_str(s));
}

static inline struct span textbuf_span(const struct textbuf *t) {
  return span_of(t->at, t->len);
}

#endif
