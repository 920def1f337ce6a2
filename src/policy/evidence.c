#include "policy/evidence.h"
#include "line/sessionline.h"

bool evidence_is_future(const struct report *r, int64_t now) {
  return (int64_t)r->unixtime - FUTURE_MAX > now;
}

int64_t evidence_clamp_time(int64_t time, int64_t now) {
  return time > now && (uint64_t)time - (uint64_t)now > CLAMP_AHEAD ? now : time;
}

static void clamp_hours(struct hourcounts *h, int64_t now) {
  if (h->hour - CLAMP_AHEAD / 3600 > now / 3600) *h = (struct hourcounts){.hour = 0};
}

void evidence_clamp(struct evidence *e, int64_t now) {
  int64_t *const times[] = {&e->first,        &e->last,       &e->last_bot,
                            &e->last_suspect, &e->last_clean, &e->received};
  for (size_t i = 0; i < sizeof times / sizeof *times; i++)
    *times[i] = evidence_clamp_time(*times[i], now);
  clamp_hours(&e->recent_bots, now);
  clamp_hours(&e->recent_cleans, now);
}

struct span evidence_sins(const struct evidence *e) {
  return span_of(e->sins, e->sins_len);
}

static bool has_sin(struct span sins, const char *name) {
  while (sins.len)
    if (span_is(span_cut(&sins, ','), name)) return true;
  return false;
}

/* Closing the connection is not a fault in itself. Only these sins show that the client got the 451
   and sent nothing after it. */
static bool left_without_quit(const struct report *r) {
  return (r->end == END_FIN || r->end == END_RST || r->end == END_IDLE) &&
         (has_sin(r->sins, "no-quit") || has_sin(r->sins, "reset") ||
          has_sin(r->sins, "abandoned"));
}

static void set_sins(struct evidence *e, struct span sins) {
  if (sins.len) memcpy(e->sins, sins.s, sins.len);
  e->sins_len = sins.len;
}

static int64_t later(int64_t a, int64_t b) {
  return a > b ? a : b;
}

static void add_verdict(struct evidence *e, const struct report *r, int64_t time) {
  if (r->verdict == VERDICT_BOT) {
    if (time >= e->last_bot) set_sins(e, r->sins);
    e->last_bot = later(e->last_bot, time);
    e->bots++;
    hourcounts_add(&e->recent_bots, time);
    return;
  }
  if (e->bots == 0 && time >= e->last) set_sins(e, r->sins);
  if (r->verdict == VERDICT_SUSPECT) {
    e->last_suspect = later(e->last_suspect, time);
    e->suspects++;
  } else {
    e->last_clean = later(e->last_clean, time);
    e->cleans++;
    hourcounts_add(&e->recent_cleans, time);
  }
}

void evidence_add(struct evidence *e, const struct report *r, int64_t now) {
  int64_t time = (int64_t)r->unixtime;
  bool first = e->bots + e->suspects + e->cleans == 0;
  e->received = later(evidence_clamp_time(e->received, now), now);
  if (evidence_is_future(r, now)) {
    if (first && e->future == 0) e->first = e->last = now;
    e->future++;
    return;
  }
  evidence_clamp(e, now);
  if (first) {
    e->first = e->last = time;
    e->score = r->score;
  }
  add_verdict(e, r, time);
  if (time < e->first) e->first = time;
  e->last = later(e->last, time);
  if (r->score > e->score) e->score = r->score;
  e->quits += r->end == END_QUIT;
  e->noquits += left_without_quit(r);
}
