#include "policy/ratecap.h"

static int64_t budget(const struct ratecap *r) {
  return r->rate * (r->span > 0 ? r->span : 1);
}

/* At least 1. */
static int64_t part(const struct ratecap *r, int64_t of) {
  int64_t share = budget(r) / of;
  return share > 0 ? share : 1;
}

static void fill(struct ratecap *r, int64_t now) {
  int64_t was = r->at;
  r->at = now;
  if (now <= was || r->held) return;
  uint64_t seconds = (uint64_t)now - (uint64_t)was;
  if (seconds >= SPAN_MAX || r->rate * (int64_t)seconds >= r->spent) r->spent = 0;
  else r->spent -= r->rate * (int64_t)seconds;
}

static uint64_t seen(const struct ratecap *r, const struct addr *about, enum network_size size) {
  struct network n = network_of(about, size);
  return netcount_get(&r->networks, &n);
}

/* One of its networks has reached its limit. */
static bool is_over(const struct ratecap *r, const struct addr *about) {
  static const int64_t parts[NETWORK_SIZES] = {8, 4, 2};
  for (int size = NETWORK_SMALL; size < NETWORK_SIZES; size++)
    if (seen(r, about, (enum network_size)size) >= (uint64_t)part(r, parts[size])) return true;
  return false;
}

static int64_t limit(const struct ratecap *r, const struct addr *about) {
  bool fresh = about && seen(r, about, NETWORK_SMALL) == 0;
  return fresh ? budget(r) : budget(r) - budget(r) / 4;
}

bool ratecap_take(struct ratecap *r, const struct addr *about, int64_t now) {
  if (r->rate == 0) return true;
  if (now != r->at) fill(r, now);
  bool counts = r->spent >= part(r, 8);
  if (!counts) netcount_clear(&r->networks);
  if (counts && about && is_over(r, about)) return false;
  if (r->spent >= limit(r, about)) return false;
  r->spent++;
  r->networks.max = RATECAP_NETWORKS;
  if (counts && about) netcount_add(&r->networks, about);
  return true;
}

void ratecap_free(struct ratecap *r) {
  netcount_clear(&r->networks);
}
