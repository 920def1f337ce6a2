/* The breaker, with a given clock: T0 is the beginning of a minute. */
#include "collect/breaker.h"
#include "tap.h"

#define T0  INT64_C(1764000000)
#define DAY (24 * 3600)

static struct breaker b;

static void begin(int64_t least, int64_t percent) {
  memset(&b, 0, sizeof b);
  b.least = least;
  b.percent = percent;
  breaker_clear(&b, T0);
}

/* How many of `wanted` are let in, all for a day. */
static int64_t add(int64_t wanted, int64_t now) {
  int64_t added = 0;
  for (int64_t i = 0; i < wanted; i++) added += breaker_admit(&b, now + DAY, now);
  return added;
}

/* Lists that run at T0, begun long ago and ending in `ends` seconds. */
static void fill(int64_t count, int64_t ends) {
  for (int64_t i = 0; i < count; i++) breaker_count(&b, T0 - 2 * DAY, T0 + ends);
}

static const struct {
  const char *name;
  int64_t least, percent, listed, wanted, admitted;
} trips[] = {
    {"the least of an empty list", 10, 5, 0, 20, 10},
    {"one is one", 1, 5, 0, 3, 1},
    {"below it all may begin", 10, 5, 0, 10, 10},
    {"the share of a long list", 10, 5, 1000, 100, 50},
    {"the share is of what ran before", 10, 50, 100, 100, 50},
    {"the least where the share is less", 10, 5, 100, 100, 10},
    {"a share of nothing leaves the least", 10, 0, 1000, 100, 10},
    {"a share above the whole", 10, 200, 20, 100, 40},
    {"off", 0, 5, 0, 5000, 5000},
};

static void test_trips(void) {
  for (size_t i = 0; i < sizeof trips / sizeof *trips; i++) {
    begin(trips[i].least, trips[i].percent);
    fill(trips[i].listed, 3 * DAY);
    int64_t admitted = add(trips[i].wanted, T0 + 5);
    ok(admitted == trips[i].admitted, "%s: %lld", trips[i].name, (long long)admitted);
    ok(breaker_is_frozen(&b, T0 + 5) == (trips[i].admitted < trips[i].wanted), "frozen or not");
    ok((int64_t)b.refused == trips[i].wanted - trips[i].admitted, "what was refused is counted");
  }
}

/* On top of 10 that were admitted, and an 11th that was not, at T0. */
static const struct {
  const char *name;
  int64_t at;
  bool frozen;
  int64_t admitted; /* of 20, one after the other */
} later[] = {
    {"at once", 1, true, 0},
    {"within the hour", 1800, true, 0},
    {"a second before the hour is over", 3599, true, 0},
    {"an hour after", 3600, false, 10},
    {"and that is frozen again", 3601, true, 0},
    {"for an hour", 7199, true, 0},
    {"and so on", 7200, false, 10},
    {"long after", 40 * DAY, false, 10},
};

static void test_freeze(void) {
  begin(10, 5);
  add(11, T0);
  for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
    ok(breaker_is_frozen(&b, T0 + later[i].at) == later[i].frozen, "%s", later[i].name);
    ok(add(20, T0 + later[i].at) == later[i].admitted, "%s: as many begin", later[i].name);
  }
}

static void test_slow(void) {
  int64_t added = 0;
  begin(60, 5);
  for (int64_t minute = 0; minute < 600; minute++) added += add(1, T0 + 60 * minute);
  ok(added == 600 && b.added == 60, "a list that grows slowly grows");
  ok(add(1, T0 + 60 * 599) == 0, "and is at its limit all the time");
}

static void test_net(void) {
  begin(10, 0);
  fill(7, 600);
  ok(add(10, T0) == 10 && b.running == 17, "ten begin");
  ok(breaker_admit(&b, T0 + DAY, T0 + 599) == false, "no eleventh");
  begin(10, 0);
  fill(7, 600);
  add(10, T0);
  ok(add(20, T0 + 600) == 7 && b.running == 17, "seven ended, so seven more begin");
  begin(10, 0);
  for (int i = 0; i < 7; i++) breaker_count(&b, T0 - 5 * DAY, T0 - 1800);
  for (int i = 0; i < 50; i++) breaker_count(&b, T0 - 5 * DAY, T0 - 3700);
  ok(b.running == 0 && b.ended == 7 && add(40, T0) == 17, "what ended in the hour before counts");
}

static void test_moves(void) {
  begin(10, 0);
  fill(7, 600);
  for (int i = 0; i < 7; i++) breaker_move(&b, T0 + 600, T0 + DAY, T0 + 30);
  ok(add(10, T0 + 700) == 10 && add(1, T0 + 700) == 0 && b.running == 17,
     "a listing that is prolonged neither begins nor ends");
  begin(10, 0);
  add(10, T0);
  ok(add(1, T0 + 5) == 0, "frozen");
  for (int i = 0; i < 500; i++) breaker_move(&b, T0 + DAY, T0 + 2 * DAY, T0 + 10);
  ok(b.added == 10 && b.refused == 1, "prolonging goes on");
}

static void test_restart(void) {
  begin(10, 5);
  for (int i = 0; i < 6; i++) breaker_count(&b, T0 - 600, T0 + DAY);
  for (int i = 0; i < 6; i++) breaker_count(&b, T0 - 3700, T0 + DAY);
  ok(b.running == 12 && b.added == 6 && add(20, T0) == 4, "a new start counts the hour before it");
  begin(10, 5);
  b.frozen_at = T0 - 1000;
  ok(breaker_is_frozen(&b, T0) && add(1, T0) == 0, "a freeze outlives it");
  ok(!breaker_is_frozen(&b, T0 + 2600) && add(1, T0 + 2600) == 1, "and ends in time");
  b.frozen_at = T0 + 40 * DAY;
  ok(breaker_is_frozen(&b, T0 + 2600) && !breaker_is_frozen(&b, T0 + 2600 + 3600),
     "a freeze from the future lasts an hour");
}

static void test_thaw(void) {
  begin(10, 5);
  add(11, T0);
  breaker_thaw(&b, T0 - 60, T0 + 1);
  ok(breaker_is_frozen(&b, T0 + 1), "a word of before does not end it");
  breaker_thaw(&b, T0 + 2, T0 + 1);
  ok(breaker_is_frozen(&b, T0 + 1), "nor does one of the future");
  breaker_thaw(&b, T0 + 1, T0 + 2);
  ok(!breaker_is_frozen(&b, T0 + 2) && b.running == 10, "the operator's word does");
  ok(add(20, T0 + 2) == 10, "and what was added then counts no more");
  breaker_thaw(&b, T0 + 1, T0 + 120);
  ok(breaker_is_frozen(&b, T0 + 120), "the same word does not end the next freeze");
}

/* Ends of every length, hours and clocks that jump: the counts must come out even. */
static void test_long_run(void) {
  int64_t now = T0, sum = 0;
  begin(1000000, 0);
  for (int i = 0; i < 20000; i++) {
    now += i % 97 == 0 ? -50 : i % 13 * 7;
    breaker_admit(&b, now + 60 + (int64_t)i * 7919 % (8 * DAY), now);
  }
  for (int i = 0; i < BREAKER_SLOTS; i++) sum += b.endings[i];
  ok(sum == b.running + b.ended && b.added > 0, "every end is ahead or in the hour: %lld, %lld",
     (long long)b.running, (long long)b.ended);
  for (int hour = 1; hour <= 240; hour++)
    breaker_move(&b, 0, now + hour * 3600 + 60, now + hour * 3600);
  sum = 0;
  for (int i = 0; i < BREAKER_SLOTS; i++) sum += b.endings[i];
  ok(b.added == 0 && sum == b.running + b.ended && b.running == 1, "all end: %lld run, %lld ended",
     (long long)b.running, (long long)b.ended);
  breaker_admit(&b, INT64_MAX - 100, now + 240 * 3600);
  ok(b.running == 2, "an end beyond all bounds");
  breaker_admit(&b, now, now + INT64_C(100) * 365 * DAY);
  ok(b.running == 1 && b.added == 1, "a clock that jumps a century");
}

int main(void) {
  test_trips();
  test_freeze();
  test_slow();
  test_net();
  test_moves();
  test_restart();
  test_thaw();
  test_long_run();
  return done();
}
