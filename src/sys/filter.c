#include "sys/filter.h"
#include "base/escape.h"
#include "base/number.h"
#include "sys/clock.h"
#include "sys/diag.h"

#define WARN_EVERY_MS 1000
#define PIECE_MAX     48

void filter_init(struct filter *f, char *buf, size_t cap) {
  *f = (struct filter){.unread = 0};
  linereader_init(&f->in, 0, buf, cap);
}

void filter_warn(struct filter *f, struct span piece, const char *what) {
  uint64_t ignored;
  char number[NUMBER_MAX + 1], shown[3 * PIECE_MAX + 1], total[NUMBER_MAX + 1];
  size_t used;
  f->unread++;
  if (!ratelimit_allow(&f->warnings, clock_monotonic_ms(), WARN_EVERY_MS, &ignored)) return;
  piece = span_head(piece, PIECE_MAX);
  number[number_format(number, f->in.number)] = '\0';
  total[number_format(total, f->unread)] = '\0';
  shown[escape_put(shown, sizeof shown - 1, piece, ESCAPE_VALUE, &used)] = '\0';
  log_warning("standard input:", number, ": ", what, ": ", shown, " (", total, " so far)");
}

enum filter_result filter_next(struct filter *f, struct span *text) {
  switch (linereader_next(&f->in, text)) {
  case LINE_READER_LINE: return FILTER_LINE;
  case LINE_READER_PARTIAL: return FILTER_PARTIAL;
  case LINE_READER_LONG: filter_warn(f, *text, "too long, dropped"); return FILTER_AGAIN;
  case LINE_READER_AGAIN: return FILTER_AGAIN;
  case LINE_READER_END: return FILTER_END;
  case LINE_READER_ERROR: break;
  }
  diag_system("unable to read standard input");
}
