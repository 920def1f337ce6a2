#include "collect/detectorlist.h"
#include "base/growtext.h"
#include "base/utc.h"
#include "policy/breaker.h"
#include <stdio.h>

struct list {
  const struct registry *registry;
  stralloc *out;
  size_t next; /* of the registry, in the order of names */
  bool ok;
};

const char *detectorlist_state(const struct registry *r, const struct detector *d) {
  if (!d) return "unknown";
  if (detector_is_quarantined(d)) return "quarantined";
  return detector_learns(d, r->learning, r->updated_at) ? "learning" : "heard";
}

const char *detectorlist_weight_text(char out[8], uint32_t weight) {
  int len = snprintf(out, 8, "%u.%03u", weight / 1000 % 10, weight % 1000);
  while (out[len - 1] == '0') len--;
  if (out[len - 1] == '.') len--;
  out[len] = '\0';
  return out;
}

static const char *date(char out[UTC_TEXT + 1], int64_t time) {
  return time ? utc_format(out, time) : "-";
}

static bool put_settings(const struct detector *d, stralloc *out) {
  char weight[8];
  bool ok = growtext_printf(
      out, " weight=%s group=%s keys=", detectorlist_weight_text(weight, d->weight), d->group);
  for (size_t i = 0; i < d->key_count; i++)
    ok = ok && growtext_printf(out, "%s%llu", i ? "," : "", (unsigned long long)d->keys[i].keygen);
  return ok &&
         (!d->orders.has_rate || growtext_printf(out, " rate=%lld", (long long)d->orders.rate));
}

static bool put_heartbeat(const struct detector_row *r, stralloc *out) {
  if (r->version.len == 0) return true;
  return growtext_printf(out, " behind=%lld pending=%lld version=%.*s",
                         (long long)(r->heartbeat - r->sent), (long long)r->pending,
                         (int)r->version.len, r->version.s);
}

static bool put_surplus(const struct detector_state *s, stralloc *out) {
  char last[UTC_TEXT + 1];
  return s->surplus == 0 || growtext_printf(out, " surplus=%lld lastsurplus=%s",
                                            (long long)s->surplus, date(last, s->surplus_at));
}

static void put_line(struct list *l, const struct detector *d, const struct detector_row *r) {
  char last[UTC_TEXT + 1], beat[UTC_TEXT + 1], first[UTC_TEXT + 1];
  l->ok = l->ok &&
          growtext_printf(l->out, "detector=%.*s state=%s", (int)r->name.len, r->name.s,
                          detectorlist_state(l->registry, d)) &&
          (!d || put_settings(d, l->out)) &&
          growtext_printf(l->out, " first=%s last=%s heartbeat=%s", date(first, r->state.first),
                          date(last, r->last), date(beat, r->heartbeat)) &&
          growtext_printf(l->out, " addresses=%lld bots=%lld suspects=%lld cleans=%lld",
                          (long long)r->rows, (long long)r->bots, (long long)r->suspects,
                          (long long)r->cleans) &&
          put_heartbeat(r, l->out) && put_surplus(&r->state, l->out) &&
          growtext_printf(l->out, "\n");
}

/* The detectors of the registry that sort before the name and are not in the store. */
static void put_unstored(struct list *l, const char *before) {
  for (; l->next < l->registry->count; l->next++) {
    const struct detector *d = &l->registry->detectors[l->next];
    if (before && strcmp(d->name, before) >= 0) return;
    const struct detector_row nothing = {.name = span_str(d->name)};
    put_line(l, d, &nothing);
  }
}

static void put_known(void *context, const struct detector_row *r) {
  struct list *l = context;
  char name[DETECTOR_MAX + 1];
  if (!origin_detector_is_valid(r->name)) return;
  snprintf(name, sizeof name, "%.*s", (int)r->name.len, r->name.s);
  put_unstored(l, name);
  const struct detector *d = registry_find(l->registry, r->name);
  if (d) l->next++;
  put_line(l, d, r);
}

static void put_freeze(void *context, struct span what, int64_t since) {
  struct list *l = context;
  char begun[UTC_TEXT + 1], until[UTC_TEXT + 1];
  if (since + BREAKER_SPAN <= l->registry->updated_at) return;
  l->ok =
      l->ok && growtext_printf(l->out, "frozen=%.*s since=%s until=%s\n", (int)what.len, what.s,
                               utc_format(begun, since), utc_format(until, since + BREAKER_SPAN));
}

bool detectorlist_format(const struct registry *r, struct store *s, stralloc *out,
                         bool *no_memory) {
  struct list l = {.registry = r, .out = out, .ok = true};
  bool read = !s || store_each_detector(s, put_known, &l);
  put_unstored(&l, NULL);
  read = read && (!s || store_each_freeze(s, put_freeze, &l));
  *no_memory = !l.ok;
  return read && l.ok;
}
