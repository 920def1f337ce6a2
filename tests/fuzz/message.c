/* Datagrams as a collector takes them apart: nothing is read outside the bytes that came (an exact
   copy on the heap, for the sanitizer), the covered bytes and the tag lie where they must, and
   every line that is taken encodes to the very bytes that were read. Tallies and windows, which
   come back from the database, have one spelling too. */
#include "report/message.h"
#include "collect/tally.h"
#include "report/window.h"
#include <stdlib.h>

static void check_line(struct span line, const struct origin *origin) {
  struct report r;
  struct origin own;
  uint64_t seq;
  char again[REPORT_LINE_MAX];
  bool known = report_identify(line, &own, &seq);
  if (!report_decode(line, &r)) return;
  if (!known || seq != r.seq || !origin_equal(&own, &r.origin)) abort();
  if (!span_equal(span_of(again, report_encode(&r, again, sizeof again)), line)) abort();
  if (origin && origin_equal(origin, &own) && seq == 0) abort();
}

static void check_datagram(struct span datagram) {
  struct span covered, tag, line;
  struct origin origin;
  struct datagram built = {.len = 0};
  check_line(datagram, NULL);
  if (!datagram_open(datagram, &covered, &tag, &origin)) return;
  if (covered.len + tag.len + 2 != datagram.len || tag.len != TAG_HEX) abort();
  for (struct span rest = covered; datagram_line(&rest, &line);) {
    check_line(line, &origin);
    if (!datagram_add(&built, line)) abort();
  }
  /* An empty first line would be lost in building, but no origin begins with one. */
  if (!span_equal(datagram_covered(&built), covered)) abort();
  if (!span_equal(datagram_close(&built, tag.s), datagram)) abort();
}

static void check_stored(struct span text) {
  struct tally t;
  struct window w;
  char tally[TALLY_TEXT_MAX], blob[WINDOW_BLOB];
  if (tally_parse(text, &t) && !span_equal(span_of(tally, tally_format(&t, tally)), text)) abort();
  if (!window_load(text, &w)) return;
  window_save(&w, blob);
  if (!span_equal(span_of(blob, sizeof blob), text)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *copy = malloc(size ? size : 1);
  if (!copy) abort();
  if (size) memcpy(copy, data, size);
  check_datagram(span_of(copy, size));
  check_stored(span_of(copy, size));
  free(copy);
  return 0;
}
