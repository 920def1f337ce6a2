/* Datagrams as a collector takes them apart: nothing is read outside the bytes that came (an exact
   copy on the heap, for the sanitizer), the covered bytes and the tag lie where they must, and
   every line that is taken encodes to the very bytes that were read; no line is of two kinds.
   Tallies and windows, which come back from the database, have one spelling too. */
#include "report/answer.h"
#include "report/heartbeat.h"
#include "policy/hourcounts.h"
#include "report/replaywindow.h"
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

/* True where it is one. */
static bool check_answer(struct span line) {
  struct datagram again = {.len = 0};
  struct origin origin;
  struct span seqs;
  uint64_t seq;
  if (!answer_decode(line, &origin, &seqs)) return false;
  bool fits = line.len <= DATAGRAM_MAX - DATAGRAM_TAIL;
  while (answer_next(&seqs, &seq))
    if (!answer_add(&again, &origin, seq) && fits) abort();
  if (again.len == 0 || (fits && !span_equal(datagram_covered(&again), line))) abort();
  return true;
}

/* Keys to come are left out again; what is written before them is what was read. */
static bool check_beat(struct span line) {
  struct heartbeat h;
  char again[REPORT_LINE_MAX];
  if (!heartbeat_decode(line, &h)) return false;
  size_t len = heartbeat_encode(&h, again, sizeof again);
  if (len == 0 || !span_equal(span_of(again, len), span_head(line, len))) abort();
  if (len < line.len && line.s[len] != ' ') abort();
  return true;
}

static void check_kinds(struct span line) {
  struct origin origin;
  uint64_t seq;
  int kinds = check_answer(line) + check_beat(line) + report_identify(line, &origin, &seq);
  if (kinds > 1) abort();
}

/* An answer to all of its lines that can be answered is no longer than the datagram. */
static void check_length(struct span datagram, struct span covered, const struct origin *origin) {
  struct datagram answer = {.len = 0};
  struct origin own;
  struct span line;
  uint64_t seq;
  while (datagram_line(&covered, &line))
    if (report_identify(line, &own, &seq) && origin_equal(&own, origin) &&
        !answer_add(&answer, origin, seq))
      abort();
  if (answer.len + DATAGRAM_TAIL > datagram.len) abort();
}

static void check_datagram(struct span datagram) {
  struct span covered, tag, line;
  struct origin origin;
  struct datagram built = {.len = 0};
  check_line(datagram, NULL);
  check_kinds(datagram);
  enum datagram_kind kind = datagram_parse(datagram, &covered, &tag, &origin);
  if (kind == DATAGRAM_FOREIGN) return;
  check_kinds(covered);
  check_length(datagram, covered, &origin);
  if ((kind == DATAGRAM_REPORTS) != (memcmp(covered.s, "SB1 ", 4) == 0)) abort();
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
  struct hourcounts t;
  struct replaywindow w;
  char tally[HOURCOUNTS_TEXT_MAX], blob[REPLAYWINDOW_BLOB];
  if (hourcounts_parse(text, &t) && !span_equal(span_of(tally, hourcounts_format(&t, tally)), text))
    abort();
  if (!replaywindow_decode(text, &w)) return;
  replaywindow_encode(&w, blob);
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
