/* A reporter's talk with a collector that says anything: each line of the input is one step. Signed
   or not, no answer lets a number be passed over that was not acknowledged, the counts stay true,
   and the window stays bounded.

     +TEXT   a line was read: TEXT is its report, empty: nothing to report
     >N      N milliseconds have passed; what is due is sent
     =TEXT   a datagram came that covers TEXT, with the right tag
     TEXT    a datagram came, as it stands */
#include "base/number.h"
#include "report/exchange.h"
#include <stdlib.h>

static struct exchange e;
static bool acked[2 * OUTSTANDING_MAX];

static void check(uint64_t base_before) {
  const struct outstanding *o = &e.outstanding;
  size_t count[4] = {0};
  if (o->base < base_before || o->fresh < o->base || o->next < o->fresh) abort();
  if (o->next - o->base > OUTSTANDING_MAX || o->resume.seq != o->base) abort();
  for (uint64_t seq = o->base; seq < o->next; seq++) count[o->lines[seq % OUTSTANDING_MAX].state]++;
  if (count[OUTSTANDING_SENT] != o->in_flight || count[OUTSTANDING_EXPIRED] != o->expired) abort();
  if (count[OUTSTANDING_FRESH] + o->in_flight + o->expired != o->pending) abort();
  if (o->acked + o->pending != o->reports) abort();
  if (e.backoff.limit < 1 || e.backoff.limit > BACKOFF_MAX) abort();
  for (uint64_t seq = base_before; seq < o->base; seq++)
    if (!acked[seq]) abort();
}

static void step_read(struct span text) {
  struct checkpoint resume = {.epoch = 7, .seq = e.outstanding.next + 1};
  if (!outstanding_has_room(&e.outstanding) || e.outstanding.next >= 2 * OUTSTANDING_MAX) return;
  if (text.len == 0) acked[e.outstanding.next] = true;
  outstanding_add(&e.outstanding, span_head(text, REPORT_LINE_MAX), &resume, e.backoff.last_acked);
}

static void step_time(struct span text, int64_t *now) {
  struct datagram d;
  uint64_t ms = 0;
  if (!number_parse(text, 100000, &ms)) return;
  *now += (int64_t)ms;
  exchange_expire(&e, *now);
  for (size_t n = 0; exchange_next(&e, *now, (uint32_t)n * 77777777, &d); n++)
    if (n > BACKOFF_MAX || d.len > DATAGRAM_MAX) abort();
}

/* What a signed text may acknowledge, found in another way: its words behind the fourth. */
static void mark(struct span text) {
  if (text.len < 10 || memcmp(text.s, "OK1 a 1 7 ", 10) != 0) return;
  for (struct span rest = span_from(text, 10); rest.len;) {
    uint64_t seq;
    if (number_parse(span_cut(&rest, ' '), 2 * OUTSTANDING_MAX - 1, &seq)) acked[seq] = true;
  }
}

static void step_signed(struct span text, int64_t now) {
  struct datagram d = {.len = 0};
  char tag[TAG_HEX];
  if (text.len == 0 || !datagram_add(&d, text)) return;
  mac_tag(&e.key, datagram_covered(&d), tag);
  datagram_close(&d, tag);
  if (exchange_answer(&e, datagram_covered(&d), now)) mark(text);
}

static void step_unsigned(struct span text, int64_t now) {
  char *copy = malloc(text.len + 1);
  if (!copy) abort();
  if (text.len) memcpy(copy, text.s, text.len);
  copy[text.len] = '\n';
  if (exchange_answer(&e, span_of(copy, text.len + 1), now)) abort();
  free(copy);
}

static void step(struct span line, int64_t *now) {
  struct span text = span_from(line, 1);
  switch (line.len ? line.s[0] : '\0') {
  case '+': step_read(text); break;
  case '>': step_time(text, now); break;
  case '=': step_signed(text, *now); break;
  default: step_unsigned(line, *now);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const struct checkpoint start = {.epoch = 7, .seq = 1};
  struct span rest = span_of((const char *)data, size);
  int64_t now = 0;
  memset(acked, 0, sizeof acked);
  e.origin = (struct origin){SPAN_LITERAL("a"), 1, 0};
  memset(&e.key, 1, sizeof e.key);
  exchange_init(&e, 500, 60000, now);
  exchange_resume(&e, &start);
  for (int i = 0; rest.len && i < 2000; i++) {
    uint64_t before = e.outstanding.base;
    step(span_cut(&rest, '\n'), &now);
    check(before);
  }
  return 0;
}
