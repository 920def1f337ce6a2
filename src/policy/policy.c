#include "policy/policy.h"
#include "line/sessionline.h"
#include <math.h>

#define DAY (24 * 3600)

static const char *const colours[] = {"none", "brown", "yellow", "black"};

const char *colour_name(enum colour colour) {
  return colours[colour];
}

bool colour_parse(struct span name, enum colour *out) {
  for (int i = COLOUR_NONE; i <= COLOUR_BLACK; i++)
    if (span_is(name, colours[i])) {
      *out = (enum colour)i;
      return true;
    }
  return false;
}

static bool has_listing_colour(const struct listing *l) {
  return l->exists && l->colour >= COLOUR_YELLOW;
}

bool listing_is_plausible(int64_t until, int64_t now) {
  return until <= now || (uint64_t)until - (uint64_t)now <= LISTING_LONGEST;
}

bool policy_listing_runs(const struct listing *l, int64_t now) {
  return has_listing_colour(l) && l->until > now && listing_is_plausible(l->until, now);
}

/* What a clock that was ahead has left is over, no listing, and was never later than now. */
static void tame(struct listing *l, int64_t now) {
  if (!listing_is_plausible(l->until, now)) {
    l->colour = COLOUR_NONE;
    l->until = now;
    if (l->times > 0) l->times--;
  }
  l->since = time_tame(l->since, now);
  l->last = time_tame(l->last, now);
}

/* Reports from the future are in the evidence too, but say nothing. */
static bool counts(const struct testimony *w) {
  const struct evidence *e = &w->evidence;
  return w->weight > 0 && e->bots + e->suspects + e->cleans > 0;
}

static bool counts_as_bot(const struct testimony *w) {
  return w->weight > 0 && w->evidence.bots > 0;
}

/* ---- groups: each has one voice ---- */

/* What a witness brings, 0: nothing. */
struct measure {
  double (*of)(const struct testimony *w, const struct measure *m);
  int64_t at;
  double wanted;
};

/* True for the witness that speaks for its group: the heaviest, the first of equals. */
static bool leads_group(const struct testimony *w, size_t count, size_t i,
                        const struct measure *m) {
  double own = m->of(&w[i], m);
  for (size_t other = 0; other < count && own > 0; other++) {
    if (other == i || !span_equal(w[other].group, w[i].group)) continue;
    double rival = m->of(&w[other], m);
    if (rival > own || (rival == own && other < i)) return false;
  }
  return own > 0;
}

static double sum_of(const struct testimony *w, size_t count, const struct measure *m,
                     size_t *groups) {
  double sum = 0;
  *groups = 0;
  for (size_t i = 0; i < count; i++)
    if (leads_group(w, count, i, m)) {
      sum += m->of(&w[i], m);
      ++*groups;
    }
  return sum;
}

static double weight_of(const struct testimony *w) {
  return w->weight / (double)WEIGHT_ONE;
}

/* The sum of 0.7, 0.2 and 0.1 falls short of 1 by rounding alone. */
static bool makes_one(double sum) {
  return sum >= 1 - 1e-9;
}

/* ---- rule (b) ---- */

static int64_t newest_bot(const struct testimony *w, size_t count) {
  int64_t newest = 0;
  for (size_t i = 0; i < count; i++)
    if (counts_as_bot(&w[i]) && w[i].evidence.last_bot > newest) newest = w[i].evidence.last_bot;
  return newest;
}

/* What was said later than `as_of` is not known then. */
static double contribution(const struct testimony *w, int64_t as_of) {
  if (!counts_as_bot(w) || w->evidence.last_bot > as_of) return 0;
  return weight_of(w) * exp2(-(double)(as_of - w->evidence.last_bot) / HALF_LIFE);
}

static double share(const struct testimony *w, const struct measure *m) {
  return contribution(w, m->at);
}

static double sum_at(const struct testimony *witnesses, size_t count, int64_t as_of,
                     size_t *groups) {
  const struct measure m = {.of = share, .at = as_of};
  return sum_of(witnesses, count, &m, groups);
}

double policy_sum(const struct testimony *witnesses, size_t count, size_t *groups) {
  return sum_at(witnesses, count, newest_bot(witnesses, count), groups);
}

double policy_contribution(const struct testimony *witnesses, size_t count, size_t i,
                           int64_t *newest) {
  *newest = newest_bot(witnesses, count);
  return contribution(&witnesses[i], *newest);
}

bool policy_suffices(double sum, size_t groups) {
  return makes_one(sum) && groups >= 2;
}

static bool lists(const struct policy_case *c) {
  size_t groups;
  if (c->report->verdict != VERDICT_BOT) return false;
  if (c->weight >= WEIGHT_ONE) return true;
  double sum = policy_sum(c->witnesses, c->count, &groups);
  return policy_suffices(sum, groups);
}

/* ---- the run of a listing ---- */

_Static_assert(LISTING_MAX == 8 * LISTING_TTL, "doubling reaches the longest listing");

static int64_t run_length(int64_t times) {
  int64_t length = LISTING_TTL;
  for (int64_t i = 1; i < times && length < LISTING_MAX; i++) length *= 2;
  return length;
}

/* A session belongs to the last listing where it ended before that did; of a listing that was
   followed by brown or none, all that is known is that it was over when those began. */
static bool belongs_to_last(const struct listing *l, int64_t time) {
  if (!l->exists || l->times == 0) return false;
  return has_listing_colour(l) ? time < l->until : time < l->since;
}

/* False where the listing would be over already. */
static bool run_listing(struct listing *l, int64_t time, int64_t now) {
  bool same = belongs_to_last(l, time);
  int64_t times = same ? l->times : l->times + 1;
  int64_t until = time + run_length(times);
  if (until <= now) return false;
  bool runs_on = same && has_listing_colour(l);
  if (!runs_on || until > l->until) l->until = until;
  /* One that comes late, and began what a later one has begun before it came; of a relisting that
     cannot be told. */
  bool began = times == 1 && time < l->since && l->since < time + LISTING_TTL;
  if (!runs_on || began) l->since = time;
  l->times = times;
  l->colour = COLOUR_BLACK;
  return true;
}

/* ---- colours and facts ---- */

static double bots_weighed(const struct testimony *w, const struct measure *m) {
  return weight_of(w) * hourcounts_recent(&w->evidence.recent_bots, m->at);
}

static double cleans_weighed(const struct testimony *w, const struct measure *m) {
  double part = hourcounts_recent(&w->evidence.recent_cleans, m->at) / m->wanted;
  return weight_of(w) * (part < 1 ? part : 1);
}

struct clearing policy_clearing(const struct testimony *witnesses, size_t count, int64_t now) {
  struct measure m = {.of = bots_weighed, .at = now};
  size_t groups;
  struct clearing c = {.bots = sum_of(witnesses, count, &m, &groups)};
  c.wanted = m.wanted = c.bots > CLEANS_MIN ? c.bots : CLEANS_MIN;
  m.of = cleans_weighed;
  c.sum = sum_of(witnesses, count, &m, &groups);
  c.suffices = makes_one(c.sum);
  return c;
}

static enum colour shade(const struct policy_case *c) {
  return policy_clearing(c->witnesses, c->count, c->now).suffices ? COLOUR_YELLOW : COLOUR_BLACK;
}

static void set_weak_colour(const struct policy_case *c, struct listing *l, int64_t last,
                            int64_t since) {
  enum colour colour = COLOUR_NONE;
  for (size_t i = 0; i < c->count; i++) {
    const struct evidence *e = &c->witnesses[i].evidence;
    if (!counts(&c->witnesses[i])) continue;
    if ((e->bots && e->last_bot > last - DAY) || (e->suspects && e->last_suspect > last - DAY))
      colour = COLOUR_BROWN;
  }
  bool goes_on = l->exists && l->colour == colour && l->until > c->now;
  bool of_colour = colour == COLOUR_NONE || !c->report || c->report->verdict != VERDICT_CLEAN;
  bool began = of_colour && since < l->since && l->since < since + DAY;
  if (!goes_on || began) l->since = since;
  l->colour = colour;
  l->until = last + DAY;
}

static bool has_name(struct span list, struct span name) {
  while (list.len)
    if (span_equal(span_cut(&list, ','), name)) return true;
  return false;
}

static void add_sins(struct listing *l, struct span sins) {
  while (sins.len) {
    struct span name = span_cut(&sins, ',');
    size_t comma = l->sins_len ? 1 : 0;
    if (has_name(span_of(l->sins, l->sins_len), name)) continue;
    if (name.len + comma > sizeof l->sins - l->sins_len) return;
    if (comma) l->sins[l->sins_len++] = ',';
    memcpy(l->sins + l->sins_len, name.s, name.len);
    l->sins_len += name.len;
  }
}

static void gather(const struct policy_case *c, struct listing *l) {
  int64_t newest = has_listing_colour(l) ? newest_bot(c->witnesses, c->count) : l->last;
  l->detectors = l->quits = l->noquits = 0;
  l->sins_len = 0;
  for (size_t i = 0; i < c->count; i++) {
    const struct testimony *w = &c->witnesses[i];
    if (!counts(w)) continue;
    l->quits += w->evidence.quits;
    l->noquits += w->evidence.noquits;
    if (has_listing_colour(l) && !counts_as_bot(w)) continue;
    int64_t said = has_listing_colour(l) ? w->evidence.last_bot : w->evidence.last;
    l->detectors++;
    if (said >= l->since || said == newest) add_sins(l, evidence_sins(&w->evidence));
  }
}

static int64_t last_session(const struct policy_case *c) {
  int64_t last = 0;
  for (size_t i = 0; i < c->count; i++)
    if (counts(&c->witnesses[i]) && c->witnesses[i].evidence.last > last)
      last = c->witnesses[i].evidence.last;
  return last;
}

bool policy_decide(const struct policy_case *c, struct listing *l) {
  if (c->weight == 0 || evidence_is_future(c->report, c->now)) return false;
  tame(l, c->now);
  int64_t last = last_session(c);
  bool may_list = !c->frozen || policy_listing_runs(l, c->now);
  bool listed = may_list && lists(c) && run_listing(l, (int64_t)c->report->unixtime, c->now);
  if (listed || policy_listing_runs(l, c->now)) l->colour = shade(c);
  else if (last + DAY > c->now) set_weak_colour(c, l, last, (int64_t)c->report->unixtime);
  else return false;
  l->last = last;
  l->exists = true;
  gather(c, l);
  return true;
}

/* ---- when evidence was taken away ---- */

/* The latest bot session at which the rules would have listed; 0: there is none. */
static int64_t justified_at(const struct policy_case *c) {
  int64_t best = 0;
  size_t groups;
  for (size_t i = 0; i < c->count; i++) {
    const struct testimony *w = &c->witnesses[i];
    if (!counts_as_bot(w) || w->evidence.last_bot <= best) continue;
    double sum = sum_at(c->witnesses, c->count, w->evidence.last_bot, &groups);
    if (w->weight >= WEIGHT_ONE || policy_suffices(sum, groups)) best = w->evidence.last_bot;
  }
  return best;
}

static bool keep_running(const struct policy_case *c, struct listing *l) {
  int64_t time = justified_at(c), until = time + run_length(l->times);
  if (time == 0 || until <= c->now) return false;
  if (until < l->until) l->until = until;
  if (time < l->since) l->since = time;
  l->colour = shade(c);
  return true;
}

bool policy_recompute(const struct policy_case *c, struct listing *l) {
  int64_t last = last_session(c);
  if (!l->exists) return false;
  tame(l, c->now);
  if (last) l->last = last;
  if (newest_bot(c->witnesses, c->count) == 0) l->times = 0;
  if (!(policy_listing_runs(l, c->now) && keep_running(c, l))) {
    if (last + DAY > c->now) set_weak_colour(c, l, last, last);
    else if (l->until > c->now) l->until = c->now;
  }
  gather(c, l);
  return true;
}
