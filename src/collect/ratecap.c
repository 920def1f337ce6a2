#include "collect/ratecap.h"

static int64_t budget(const struct ratecap *r) {
  return r->rate * (r->span > 0 ? r->span : 1);
}

static void fill(struct ratecap *r, int64_t now) {
  int64_t seconds = now - r->at;
  r->at = now;
  if (seconds <= 0) return;
  if (seconds >= SPAN_MAX || r->rate * seconds >= r->spent) r->spent = 0;
  else r->spent -= r->rate * seconds;
}

bool ratecap_take(struct ratecap *r, int64_t now) {
  if (r->rate == 0) return true;
  if (now != r->at) fill(r, now);
  if (r->spent >= budget(r)) return false;
  r->spent++;
  return true;
}
