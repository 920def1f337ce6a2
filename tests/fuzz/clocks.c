/* Wild clocks for breaker, rate cap and policy: an input is a run of steps of 16 bytes, each a
   clock, an address, an end and what is to be done. Whatever the clock says: no crash, no count
   below zero, nothing is frozen for longer than an hour of the clock that goes on, no listing ends
   later than policy.h allows, and one that does runs not. */
#include "policy/breaker.h"
#include "policy/policy.h"
#include "policy/ratecap.h"
#include "line/sessionline.h"
#include <stdlib.h>
#include <string.h>

static struct breaker b;
static struct ratecap cap;

static const int64_t clocks[] = {0,          60,           3599,
                                 86400,      1764000000,   INT64_C(4294967295),
                                 4294967296, 253402300799, INT64_C(9007199254740992),
                                 -1,         -3600,        INT64_MAX / 1000,
                                 1767456000, 1763996400,   1764000060,
                                 1764600000};

static int64_t number(const uint8_t *at, int bytes) {
  uint64_t value = 0;
  for (int i = 0; i < bytes; i++) value = value << 8 | at[i];
  return (int64_t)value;
}

/* Near one of the clocks, by up to nine hours either way. */
static int64_t clock_of(const uint8_t *at) {
  return clocks[at[0] % (sizeof clocks / sizeof *clocks)] + (int16_t)number(at + 1, 2);
}

static void check_breaker(int64_t now) {
  if (b.running < 0 || b.ended < 0 || breaker_additions(&b) < 0) abort();
  breaker_tick(&b, now);
  for (size_t i = 0; i < b.freeze_count; i++)
    if (b.freezes[i].since > now || now - b.freezes[i].since >= BREAKER_SPAN) abort();
}

static void check_ends(void) {
  uint64_t ends = 0;
  for (size_t i = 0; i < BREAKER_SLOTS; i++) ends += b.endings[i];
  if (ends != (uint64_t)(b.running + b.ended)) abort();
}

static void step_breaker(const uint8_t *at, int64_t now) {
  struct addition a = {addr_from_ipv4((uint32_t)number(at + 3, 4)), at[7] % 3};
  int64_t until = now + number(at + 8, 3);
  if (breaker_is_lost(&b, now)) breaker_clear(&b, now);
  switch (at[11] % 6) {
  case 0: breaker_thaw(&b, clock_of(at + 12), now); break;
  case 1: breaker_move(&b, until, until + at[12], now); break;
  case 2: breaker_added(&b, &a, clock_of(at + 12)); break;
  case 3: breaker_count(&b, clock_of(at + 12)); break;
  default:
    for (int i = 0; i < at[12] % 16; i++, a.key.byte[15]++) breaker_admit(&b, &a, until, now);
  }
  check_breaker(now);
}

static void step_cap(const uint8_t *at, int64_t now) {
  struct addr about = addr_from_ipv4((uint32_t)number(at + 3, 4));
  cap.held = at[7] & 1;
  for (int i = 0; i < at[8] % 32; i++) ratecap_take(&cap, &about, now);
  if (cap.spent < 0 || cap.spent > cap.rate * cap.span) abort();
}

/* Evidence and a listing of one address, by reports of any time. */
static void step_policy(const uint8_t *at, int64_t now, struct testimony *w, struct listing *l) {
  struct report r = {.verdict = at[4] & 1 ? VERDICT_BOT : VERDICT_CLEAN, .end = END_FIN};
  int64_t time = at[5] & 1 ? now - at[6] * 600 : clock_of(at + 7);
  r.unixtime = time < 0 ? 0 : time > (int64_t)UNIXTIME_MAX ? UNIXTIME_MAX : (uint64_t)time;
  struct policy_case c = {.testimonies = w,
                          .count = 1,
                          .report = &r,
                          .weight = w->weight,
                          .now = now,
                          .frozen = at[10] & 1};
  if (at[11] % 8 == 0) { /* as a damaged clock, or a hand, may have left it */
    l->until = number(at + 8, 8);
    l->since = clock_of(at + 12);
  }
  evidence_add(&w->evidence, &r, now);
  if (evidence_is_future(&r, now)) return;
  evidence_clamp(&w->evidence, now);
  bool again = at[11] % 8 == 1;
  if (again ? policy_recompute(&c, l) : policy_decide(&c, l)) {
    if (!policy_listing_is_plausible(l->until, now)) abort();
    if (!again && l->colour == COLOUR_BLACK && !policy_listing_runs(l, now)) abort();
  }
  policy_clearing(w, 1, now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct testimony w = {.weight = WEIGHT_ONE};
  struct listing l = {.exists = false};
  breaker_free(&b);
  ratecap_free(&cap);
  memset(&b, 0, sizeof b);
  cap = (struct ratecap){.rate = 1 + (size ? data[0] % 50 : 0), .span = 60};
  b.least = size > 1 ? data[1] % 64 : 0;
  b.percent = 5;
  b.network = size > 2 ? data[2] % 16 : 0;
  breaker_clear(&b, size > 6 ? clock_of(data + 3) : 0);
  for (size_t at = 6; at + 16 <= size; at += 16) {
    int64_t now = clock_of(data + at);
    step_breaker(data + at, now);
    step_cap(data + at, now);
    step_policy(data + at, now, &w, &l);
  }
  check_ends();
  return 0;
}
