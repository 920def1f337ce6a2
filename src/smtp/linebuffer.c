#include "smtp/linebuffer.h"

static void keep(struct linebuffer *in, char c) {
  if (in->len == 0 && linebuffer_is_blank(c)) return;
  if (in->len < LINEBUFFER_MAX) in->text[in->len] = c;
  if (in->len < UINT32_MAX) in->len++;
}

static void begin_line(struct linebuffer *in) {
  in->len = 0;
  in->ended = in->held_cr = in->bare_lf = in->bare_cr = in->nul = false;
}

bool linebuffer_byte(struct linebuffer *in, char c) {
  if (in->ended) begin_line(in);
  if (c == '\n') {
    in->bare_lf = !in->held_cr;
    in->ended = true;
    return true;
  }
  if (in->held_cr && in->len) {
    in->bare_cr = true;
    keep(in, '\r');
  }
  if (c == '\0') in->nul = true;
  in->held_cr = c == '\r';
  if (!in->held_cr) keep(in, c);
  return false;
}

struct span linebuffer_line(const struct linebuffer *in) {
  return span_of(in->text, in->len < LINEBUFFER_MAX ? in->len : LINEBUFFER_MAX);
}
