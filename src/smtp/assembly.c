#include "smtp/assembly.h"

static void keep(struct assembly *in, char c) {
  if (in->len == 0 && assembly_is_blank(c)) return;
  if (in->len < ASSEMBLY_MAX) in->text[in->len] = c;
  if (in->len < UINT32_MAX) in->len++;
}

static void begin_line(struct assembly *in) {
  in->len = 0;
  in->ended = in->held_cr = in->bare_lf = in->bare_cr = in->nul = false;
}

bool assembly_byte(struct assembly *in, char c) {
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

struct span assembly_line(const struct assembly *in) {
  return span_of(in->text, in->len < ASSEMBLY_MAX ? in->len : ASSEMBLY_MAX);
}
