/* Whatever is done to a signed datagram, nothing of it enters: neither evidence nor windows move,
   and nothing is answered.

     MUTATIONS=N intake_mutations    N random mutations (200000), and how many a second */
#include "collect/intake.h"
#include "tap.h"
#include <stdlib.h>
#include <time.h>

#define NOW    INT64_C(1764000100)
#define VALIDS 8

static struct registry registry;
static struct intake in;
static struct datagram valid[VALIDS];
static uint64_t state = 1;

static uint32_t chance(size_t below) {
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)((state >> 33) % below);
}

static void start(void) {
  static const char *const names[] = {"trap1", "trap2"};
  static const struct store_options options = {
      .cache = 100, .at_once = 10, .sweep_ms = 10, .slice = 10};
  if (!mac_init() || !registry_init(&registry)) abort();
  in = (struct intake){.registry = &registry, .dummy_key = {{99}}};
  if (store_open(NULL, &options, &in.store) != STORE_OPEN) abort();
  for (int i = 0; i < 2; i++) {
    struct detector_key key = {.keygen = 1, .key = {{(uint8_t)i}}};
    if (!detector_add_key(registry_add(&registry, span_str(names[i])), &key)) abort();
  }
  in.testimonies = calloc(DETECTORS_MAX, sizeof *in.testimonies);
  if (!in.testimonies) abort();
}

/* Of one line or several, of either detector, all of them fresh; the last one is a heartbeat. */
static void make(int i) {
  struct mac_key key = {{(uint8_t)(i % 2)}};
  char line[REPORT_LINE_MAX], tag[TAG_HEX];
  for (int n = 0; n <= (i < VALIDS - 1 ? i : 0); n++) {
    int len =
        i < VALIDS - 1
            ? snprintf(line, sizeof line,
                       "SB1 trap%d 1 5 %d 1764000014 192.0.2.%d bot 28 fin no-quit -", i % 2 + 1,
                       10 * i + n + 1, n)
            : snprintf(line, sizeof line,
                       "HB1 trap%d 1 5 1 1764000050 version=1 up=60 lines=1 reports=1"
                       " acked=1 pending=0 oldest=0 sent=1 resent=0 failed=0 unread=0 bogus=0",
                       i % 2 + 1);
    if (!datagram_add(&valid[i], span_of(line, (size_t)len))) abort();
  }
  mac_tag(&key, datagram_covered(&valid[i]), tag);
  datagram_close(&valid[i], tag);
}

/* ---- one mutation ---- */

struct bytes {
  char buf[2 * DATAGRAM_MAX];
  size_t len;
};

static void move(struct bytes *b, size_t to, size_t from) {
  memmove(b->buf + to, b->buf + from, b->len - from);
  b->len = b->len - from + to;
}

static void mutate(struct bytes *b) {
  const struct datagram *other = &valid[chance(VALIDS)];
  size_t at = chance(b->len), to = chance(b->len), run = 1 + chance(40);
  switch (chance(8)) {
  case 0: b->buf[at] ^= (char)(1u << chance(8)); break;
  case 1: b->buf[at] = (char)chance(256); break;
  case 2: b->buf[at] = "0123456789abcdef -\n"[chance(19)]; break;
  case 3: b->len = at + 1; break; /* cut at the end */
  case 4:                         /* a run is taken out */
    if (at + run < b->len) move(b, at, at + run);
    break;
  case 5: /* a byte is put in */
    if (b->len == sizeof b->buf) break;
    memmove(b->buf + at + 1, b->buf + at, b->len - at);
    b->buf[at] = (char)chance(256);
    b->len++;
    break;
  case 6: /* the end is that of another */
    if (at < other->len) {
      memcpy(b->buf + at, other->buf + at, other->len - at);
      b->len = other->len;
    }
    break;
  default: /* two runs change places */
    for (size_t i = 0; i < run && at + i < b->len && to + i < b->len; i++) {
      char saved = b->buf[at + i];
      b->buf[at + i] = b->buf[to + i];
      b->buf[to + i] = saved;
    }
  }
}

static bool is_valid(const struct bytes *b) {
  for (int i = 0; i < VALIDS; i++)
    if (b->len == valid[i].len && memcmp(b->buf, valid[i].buf, b->len) == 0) return true;
  return false;
}

static bool enters(const struct bytes *b) {
  struct datagram answer;
  return !intake_datagram(&in, &(struct arrival){.datagram = span_of(b->buf, b->len), .now = NOW},
                          &answer) ||
         answer.len > 0 || in.counts[COUNT_REPORTS] || in.counts[COUNT_UNREAD] ||
         in.counts[COUNT_HEARTBEATS] || registry.detectors[0].changed ||
         registry.detectors[1].changed;
}

static long throw_at(long count) {
  long entered = 0;
  for (long i = 0; i < count; i++) {
    struct bytes b = {.len = valid[i % VALIDS].len};
    memcpy(b.buf, valid[i % VALIDS].buf, b.len);
    for (uint32_t n = 1 + chance(4); n > 0; n--) mutate(&b);
    if (!is_valid(&b)) entered += enters(&b);
  }
  return entered;
}

int main(void) {
  const char *wanted = getenv("MUTATIONS");
  long count = wanted ? atol(wanted) : 200000;
  struct datagram answer;
  struct timespec began, ended;
  start();
  for (int i = 0; i < VALIDS; i++) make(i);
  clock_gettime(CLOCK_MONOTONIC, &began);
  long entered = throw_at(count);
  clock_gettime(CLOCK_MONOTONIC, &ended);
  double seconds =
      (double)(ended.tv_sec - began.tv_sec) + (double)(ended.tv_nsec - began.tv_nsec) / 1e9;
  ok(entered == 0, "%ld mutations, and %ld enter (%.0f a second)", count, entered,
     (double)count / seconds);
  uint64_t dropped = in.counts[COUNT_MALFORMED] + in.counts[COUNT_TAG] + in.counts[COUNT_UNKNOWN] +
                     in.counts[COUNT_OVERSIZE];
  ok(dropped == in.counts[COUNT_DATAGRAMS] && dropped > (uint64_t)count / 2 &&
         in.counts[COUNT_TAG] > (uint64_t)count / 10,
     "all of them are dropped, many of them for their tag alone");
  int taken = 0;
  for (int i = 0; i < VALIDS; i++)
    taken +=
        intake_datagram(
            &in, &(struct arrival){.datagram = span_of(valid[i].buf, valid[i].len), .now = NOW},
            &answer) &&
        (answer.len > 0) == (i < VALIDS - 1);
  ok(taken == VALIDS && in.counts[COUNT_REPORTS] == 28 && in.counts[COUNT_HEARTBEATS] == 1,
     "and what they were made of is taken");
  store_close(in.store);
  registry_free(&registry);
  free(in.testimonies);
  return done();
}
