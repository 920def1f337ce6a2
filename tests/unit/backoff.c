/* How often a reporter tries: the schedule of delays, and what silence and answers do to it. */
#include "report/backoff.h"
#include "tap.h"

#define FIRST   500
#define LONGEST 60000

static const struct {
  uint32_t attempts, silent;
  int64_t middle;
} rows[] = {
    {0, 0, 500},    {1, 0, 1000},           {2, 0, 2000},   {3, 0, 4000},   {4, 0, 8000},
    {5, 0, 8000},   {UINT32_MAX, 0, 8000},  {0, 3, 4000},   {5, 3, 8000},   {0, 5, 16000},
    {9, 6, 32000},  {0, 7, 60000},          {0, 20, 60000}, {0, 21, 60000}, {0, 63, 60000},
    {0, 64, 60000}, {0, UINT32_MAX, 60000},
};

static void test_delays(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct backoff p = backoff_make(FIRST, LONGEST, 0);
    int64_t low = INT64_MAX, high = 0, middle = rows[i].middle;
    p.silences = rows[i].silent;
    for (uint32_t n = 0; n < 65536; n++) {
      int64_t delay = backoff_delay(&p, rows[i].attempts, n * 65537u);
      if (delay < low) low = delay;
      if (delay > high) high = delay;
    }
    ok(low >= middle - middle / 4 && high <= middle + middle / 4 && low < middle && high > middle,
       "after %u attempts, %u silences: %lld to %lld ms", rows[i].attempts, rows[i].silent,
       (long long)low, (long long)high);
  }
}

static void test_extremes(void) {
  struct backoff p = backoff_make(1, 1, 0);
  ok(backoff_delay(&p, 9, 12345) == 1, "a delay of 1 ms has no room for chance, and is not 0");
  p = backoff_make(3600000, 3600000, 0);
  ok(backoff_delay(&p, 40, UINT32_MAX) <= 4500000, "an hour does not overflow");
}

static void test_silence(void) {
  struct backoff p = backoff_make(FIRST, LONGEST, 1000);
  ok(p.limit == BACKOFF_START, "a start in the middle");
  ok(!backoff_timed_out(&p, 2000, 900), "lines sent before the first answer are no silence");
  ok(backoff_timed_out(&p, 2000, 1500) && p.limit == 16 && p.silences == 1,
     "a silence leaves a quarter");
  ok(!backoff_timed_out(&p, 2100, 1600) && p.limit == 16,
     "what was sent before the cut is the same one");
  ok(backoff_timed_out(&p, 3000, 2000) && p.limit == 4 && p.silences == 2, "the next one again");
  ok(backoff_timed_out(&p, 4000, 3500) && p.limit == 1, "and again");
  ok(backoff_timed_out(&p, 5000, 4500) && p.limit == 1 && p.silences == 4, "one line stays");
  ok(backoff_acked(&p, 6000, 7) && p.limit == 8 && p.silences == 0, "an answer ends it");
  ok(!backoff_acked(&p, 6001, 8) && p.limit == 16, "the next one ends nothing");
  ok(!backoff_timed_out(&p, 7000, 6001) && p.limit == 16, "a loss among answers costs nothing");
  backoff_acked(&p, 7000, BACKOFF_MAX);
  ok(p.limit == BACKOFF_MAX, "there is a limit");
  backoff_acked(&p, 7000, UINT32_MAX);
  ok(p.limit == BACKOFF_MAX, "that is kept");
}

int main(void) {
  test_delays();
  test_extremes();
  test_silence();
  return done();
}
