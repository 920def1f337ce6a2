/* What comes to a collector: an input is a datagram as it is, or (first byte odd) what a detector
   signs. Of the former nothing may enter, and nothing is answered. Of the latter the answer, or
   refusal, is a valid one, of numbers that stood in the question, and never longer than it. */
#include "collect/intake.h"
#include "report/answer.h"
#include <stdlib.h>

#define NOW INT64_C(1764000100)

static struct registry registry;
static struct intake in;
static const struct mac_key key = {{1}};

static void start(void) {
  static const struct store_options options = {
      .cache = 50, .at_once = 1, .sweep_ms = 10, .slice = 10};
  struct detector_key first = {.keygen = 1, .key = key};
  struct store *store;
  if (!mac_init() || !registry_init(&registry) || store_open(NULL, &options, &store) != STORE_OPEN)
    abort();
  if (!detector_add_key(registry_add(&registry, span_str("trap1")), &first)) abort();
  in = (struct intake){.store = store, .registry = &registry, .dummy_key = {{2}}};
  in.testimonies = calloc(DETECTORS_MAX, sizeof *in.testimonies);
  if (!in.testimonies) abort();
}

static bool is_asked(struct span question, uint64_t wanted) {
  struct span line;
  struct origin origin;
  uint64_t seq;
  while (datagram_line(&question, &line))
    if (report_identify(line, &origin, &seq) && seq == wanted) return true;
  return false;
}

static void check_answer(const struct datagram *answer, struct span question) {
  struct span covered, tag, seqs;
  struct origin origin;
  uint64_t seq;
  if (answer->len == 0) return;
  enum datagram_kind kind =
      datagram_parse(span_of(answer->buf, answer->len), &covered, &tag, &origin);
  if (answer->len > question.len + DATAGRAM_TAIL || !mac_check(&key, covered, tag)) abort();
  if (kind == DATAGRAM_REFUSAL ? !refusal_decode(covered, &origin, &seqs)
                               : !answer_decode(covered, &origin, &seqs))
    abort();
  while (answer_next(&seqs, &seq))
    if (!is_asked(question, seq)) abort();
}

static void feed_raw(struct span datagram) {
  struct datagram answer;
  uint64_t taken = in.counts[COUNT_REPORTS] + in.counts[COUNT_UNREAD] + in.counts[COUNT_HEARTBEATS];
  if (!intake_datagram(&in, &(struct arrival){.datagram = datagram, .now = NOW}, &answer) ||
      answer.len)
    abort();
  if (in.counts[COUNT_REPORTS] + in.counts[COUNT_UNREAD] + in.counts[COUNT_HEARTBEATS] != taken)
    abort();
}

static void feed_signed(struct span covered) {
  struct datagram question = {.len = 0}, answer;
  char tag[TAG_HEX];
  if (!datagram_add(&question, covered)) return;
  mac_tag(&key, covered, tag);
  datagram_close(&question, tag);
  if (!intake_datagram(
          &in, &(struct arrival){.datagram = span_of(question.buf, question.len), .now = NOW},
          &answer))
    abort();
  check_answer(&answer, covered);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static int64_t at;
  if (!in.store) start();
  if (size == 0) return 0;
  char *copy = malloc(size);
  if (!copy) abort();
  memcpy(copy, data + 1, size - 1);
  if (data[0] & 1) feed_signed(span_of(copy, size - 1));
  else feed_raw(span_of(copy, size - 1));
  free(copy);
  if (!intake_commit(&in, NOW, at++)) abort();
  return 0;
}
