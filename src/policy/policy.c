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

bool policy_listing_is_plausible(int64_t until, int64_t now) {
  return until <= now || (uint64_t)until - (uint64_t)now <= LISTING_LONGEST;
}

bool policy_listing_runs(const struct listing *l, int64_t now) {
  return has_listing_colour(l) && l->until > now && policy_listing_is_plausible(l->until, now);
}

/* Corrects what a clock that was ahead has left: a listing that ends too late is over and is not
   counted in `times`, and no time is later than now. */
static void clamp_listing(struct listing *l, int64_t now) {
  if (!policy_listing_is_plausible(l->until, now)) {
    l->colour = COLOUR_NONE;
    l->until = now;
    if (l->times > 0) l->times--;
  }
  l->since = evidence_clamp_time(l->since, now);
  l->last = evidence_clamp_time(l->last, now);
}

/* Reports from the future are in the evidence, too, but do not count. */
static bool counts(const struct testimony *t) {
  const struct evidence *e = &t->evidence;
  return t->weight > 0 && e->bots + e->suspects + e->cleans > 0;
}

static bool counts_as_bot(const struct testimony *t) {
  return t->weight > 0 && t->evidence.bots > 0;
}

/* ---- groups: the largest contribution of each counts ---- */

/* How the contribution of a testimony is measured. */
struct measure {
  double (*of)(const struct testimony *t, const struct measure *m);
  int64_t at;
  double wanted;
};

/* True if testimony i is the one that counts for its group: the largest, the first of equals. */
static bool leads_group(const struct testimony *t, size_t count, size_t i,
                        const struct measure *m) {
  double own = m->of(&t[i], m);
  for (size_t other = 0; other < count && own > 0; other++) {
    if (other == i || !span_equal(t[other].group, t[i].group)) continue;
    double others = m->of(&t[other], m);
    if (others > own || (others == own && other < i)) return false;
  }
  return own > 0;
}

static double sum_of(const struct testimony *t, size_t count, const struct measure *m,
                     size_t *groups) {
  double sum = 0;
  *groups = 0;
  for (size_t i = 0; i < count; i++)
    if (leads_group(t, count, i, m)) {
      sum += m->of(&t[i], m);
      ++*groups;
    }
  return sum;
}

static double weight_of(const struct testimony *t) {
  return t->weight / (double)WEIGHT_ONE;
}

/* The sum of 0.7, 0.2 and 0.1 is less than 1, but only by rounding. */
static bool reaches_one(double sum) {
  return sum >= 1 - 1e-9;
}

/* ---- rule (b) ---- */

static int64_t newest_bot(const struct testimony *t, size_t count) {
  int64_t newest = 0;
  for (size_t i = 0; i < count; i++)
    if (counts_as_bot(&t[i]) && t[i].evidence.last_bot > newest) newest = t[i].evidence.last_bot;
  return newest;
}

/* Sessions later than `as_of` are not known then. */
static double contribution(const struct testimony *t, int64_t as_of) {
  if (!counts_as_bot(t) || t->evidence.last_bot > as_of) return 0;
  return weight_of(t) * exp2(-(double)(as_of - t->evidence.last_bot) / HALF_LIFE);
}

static double share(const struct testimony *t, const struct measure *m) {
  return contribution(t, m->at);
}

static double sum_at(const struct testimony *testimonies, size_t count, int64_t as_of,
                     size_t *groups) {
  const struct measure m = {.of = share, .at = as_of};
  return sum_of(testimonies, count, &m, groups);
}

double policy_sum(const struct testimony *testimonies, size_t count, size_t *groups) {
  return sum_at(testimonies, count, newest_bot(testimonies, count), groups);
}

double policy_contribution(const struct testimony *testimonies, size_t count, size_t i,
                           int64_t *newest) {
  *newest = newest_bot(testimonies, count);
  return contribution(&testimonies[i], *newest);
}

bool policy_suffices(double sum, size_t groups) {
  return reaches_one(sum) && groups >= 2;
}

static bool lists(const struct policy_case *c) {
  size_t groups;
  if (c->report->verdict != VERDICT_BOT) return false;
  if (c->weight >= WEIGHT_ONE) return true;
  double sum = policy_sum(c->testimonies, c->count, &groups);
  return policy_suffices(sum, groups);
}

/* ---- the run of a listing ---- */

_Static_assert(LISTING_MAX == 8 * LISTING_TTL, "doubling reaches the longest listing");

static int64_t run_length(int64_t times) {
  int64_t length = LISTING_TTL;
  for (int64_t i = 1; i < times && length < LISTING_MAX; i++) length *= 2;
  return length;
}

/* A session belongs to the last listing if it ended before the listing did. If brown or none
   followed that listing, its end is not stored any more; it was over when they began. */
static bool belongs_to_last(const struct listing *l, int64_t time) {
  if (!l->exists || l->times == 0) return false;
  return has_listing_colour(l) ? time < l->until : time < l->since;
}

/* Sets the times of the listing. False if it would be over already. */
static bool run_listing(struct listing *l, int64_t time, int64_t now) {
  bool same = belongs_to_last(l, time);
  int64_t times = same ? l->times : l->times + 1;
  int64_t until = time + run_length(times);
  if (until <= now) return false;
  bool runs_on = same && has_listing_colour(l);
  if (!runs_on || until > l->until) l->until = until;
  /* A report that came late: its session ended before the one that began the listing. For a
     relisting it is not known whether it belongs to it. */
  bool began = times == 1 && time < l->since && l->since < time + LISTING_TTL;
  if (!runs_on || began) l->since = time;
  l->times = times;
  return true;
}

/* ---- colours and counts ---- */

static double weighted_bots(const struct testimony *t, const struct measure *m) {
  return weight_of(t) * hourcounts_recent(&t->evidence.recent_bots, m->at);
}

static double weighted_cleans(const struct testimony *t, const struct measure *m) {
  double part = hourcounts_recent(&t->evidence.recent_cleans, m->at) / m->wanted;
  return weight_of(t) * (part < 1 ? part : 1);
}

struct clearing policy_clearing(const struct testimony *testimonies, size_t count, int64_t now) {
  struct measure m = {.of = weighted_bots, .at = now};
  size_t groups;
  struct clearing c = {.bots = sum_of(testimonies, count, &m, &groups)};
  c.wanted = m.wanted = c.bots > CLEANS_MIN ? c.bots : CLEANS_MIN;
  m.of = weighted_cleans;
  c.sum = sum_of(testimonies, count, &m, &groups);
  c.suffices = reaches_one(c.sum);
  return c;
}

static enum colour listed_colour(const struct policy_case *c) {
  return policy_clearing(c->testimonies, c->count, c->now).suffices ? COLOUR_YELLOW : COLOUR_BLACK;
}

static void set_weak_colour(const struct policy_case *c, struct listing *l, int64_t last,
                            int64_t since) {
  enum colour colour = COLOUR_NONE;
  for (size_t i = 0; i < c->count; i++) {
    const struct evidence *e = &c->testimonies[i].evidence;
    if (!counts(&c->testimonies[i])) continue;
    if ((e->bots && e->last_bot > last - DAY) || (e->suspects && e->last_suspect > last - DAY))
      colour = COLOUR_BROWN;
  }
  bool goes_on = l->exists && l->colour == colour && l->until > c->now;
  bool has_colour = colour == COLOUR_NONE || !c->report || c->report->verdict != VERDICT_CLEAN;
  bool began = has_colour && since < l->since && l->since < since + DAY;
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

static void set_counts(const struct policy_case *c, struct listing *l) {
  int64_t newest = has_listing_colour(l) ? newest_bot(c->testimonies, c->count) : l->last;
  l->detectors = l->quits = l->noquits = 0;
  l->sins_len = 0;
  for (size_t i = 0; i < c->count; i++) {
    const struct testimony *t = &c->testimonies[i];
    if (!counts(t)) continue;
    l->quits += t->evidence.quits;
    l->noquits += t->evidence.noquits;
    if (has_listing_colour(l) && !counts_as_bot(t)) continue;
    int64_t time = has_listing_colour(l) ? t->evidence.last_bot : t->evidence.last;
    l->detectors++;
    if (time >= l->since || time == newest) add_sins(l, evidence_sins(&t->evidence));
  }
}

static int64_t last_session(const struct policy_case *c) {
  int64_t last = 0;
  for (size_t i = 0; i < c->count; i++)
    if (counts(&c->testimonies[i]) && c->testimonies[i].evidence.last > last)
      last = c->testimonies[i].evidence.last;
  return last;
}

bool policy_decide(const struct policy_case *c, struct listing *l) {
  if (c->weight == 0 || evidence_is_future(c->report, c->now)) return false;
  clamp_listing(l, c->now);
  int64_t last = last_session(c);
  bool may_list = !c->frozen || policy_listing_runs(l, c->now);
  bool listed = may_list && lists(c) && run_listing(l, (int64_t)c->report->unixtime, c->now);
  if (listed || policy_listing_runs(l, c->now)) l->colour = listed_colour(c);
  else if (last + DAY > c->now) set_weak_colour(c, l, last, (int64_t)c->report->unixtime);
  else return false;
  l->last = last;
  l->exists = true;
  set_counts(c, l);
  return true;
}

/* ---- after evidence was removed ---- */

/* The latest bot session at which the rules would have listed the address; 0: there is none. */
static int64_t justified_at(const struct policy_case *c) {
  int64_t best = 0;
  size_t groups;
  for (size_t i = 0; i < c->count; i++) {
    const struct testimony *t = &c->testimonies[i];
    if (!counts_as_bot(t) || t->evidence.last_bot <= best) continue;
    double sum = sum_at(c->testimonies, c->count, t->evidence.last_bot, &groups);
    if (t->weight >= WEIGHT_ONE || policy_suffices(sum, groups)) best = t->evidence.last_bot;
  }
  return best;
}

static bool keep_running(const struct policy_case *c, struct listing *l) {
  int64_t time = justified_at(c), until = time + run_length(l->times);
  if (time == 0 || until <= c->now) return false;
  if (until < l->until) l->until = until;
  if (time < l->since) l->since = time;
  l->colour = listed_colour(c);
  return true;
}

bool policy_recompute(const struct policy_case *c, struct listing *l) {
  int64_t last = last_session(c);
  if (!l->exists) return false;
  clamp_listing(l, c->now);
  if (last) l->last = last;
  if (newest_bot(c->testimonies, c->count) == 0) l->times = 0;
  if (!(policy_listing_runs(l, c->now) && keep_running(c, l))) {
    if (last + DAY > c->now) set_weak_colour(c, l, last, last);
    else if (l->until > c->now) l->until = c->now;
  }
  set_counts(c, l);
  return true;
}
