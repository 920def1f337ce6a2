#include "score/families.h"

/* A shorter watch proves nothing: an honest server may say QUIT after a minute of silence. */
#define WATCH_MIN_MS 90000

static int ending_of(const struct parsedline *s) {
  const struct sessionline *l = s->line;
  if (l->end == END_QUIT) return SIN_QUIT;
  if (!s->got_451) return -1;
  if (is_polite(s)) return SIN_POLITE;
  if (l->end == END_FIN) return SIN_NO_QUIT;
  if (l->end == END_RST) return SIN_RESET;
  if (l->end == END_IDLE && l->after == AFTER_NONE && l->ms >= WATCH_MIN_MS) return SIN_ABANDONED;
  return -1;
}

void ending_sins(const struct parsedline *s, struct hits *h) {
  int sin = ending_of(s);
  if (sin >= 0) hits_fire(h, sin, span_str(end_name(s->line->end)));
  if (sin == SIN_QUIT && is_polite(s))
    hits_fire(h, SIN_POLITE, span_str(after_name(s->line->after)));
}
