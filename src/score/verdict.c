#include "score/verdict.h"

#define FAMILY_CONVINCES 2 /* a family that sums to so much is a witness */

/* Whoever was the heaviest until now becomes one of the halves. */
static void add_positive(struct tally *t, int family, int points) {
  int *heaviest = &t->heaviest[family];
  t->sum[family] += points > *heaviest ? points - *heaviest + *heaviest / 2 : points / 2;
  if (points > *heaviest) *heaviest = points;
}

static void add_hit(struct tally *t, int family, const struct hit *hit) {
  if (hit->points < t->credit[family]) t->credit[family] = hit->points;
  if (hit->points <= 0) return;
  t->sure = t->sure || hit->sure;
  add_positive(t, family, hit->points);
}

void tally_hits(const struct hits *h, struct tally *out) {
  *out = (struct tally){.score = 0};
  for (int sin = 0; sin < SIN_COUNT; sin++)
    if (h->fired[sin]) add_hit(out, sin_families[sin], &h->hit[sin]);
  for (int family = 0; family < FAMILY_COUNT; family++) {
    out->score += out->sum[family];
    if (!out->sure) out->score += out->credit[family];
  }
  if (out->score < SCORE_MIN) out->score = SCORE_MIN;
  if (out->score > SCORE_MAX) out->score = SCORE_MAX;
}

int tally_witnesses(const struct tally *t) {
  int witnesses = 0;
  for (int family = 0; family < FAMILY_COUNT; family++)
    if (family != FAMILY_TOPOLOGY && t->sum[family] >= FAMILY_CONVINCES) witnesses++;
  return witnesses;
}

enum verdict verdict_of(const struct hits *h, const struct tally *t,
                        const struct circumstances *c) {
  if (c->exempt) return VERDICT_EXEMPT;
  if (c->silent || h->fired[SIN_HTTP] || h->fired[SIN_BINARY]) return VERDICT_SCANNER;
  bool convicted = t->sure || (c->got_451 && tally_witnesses(t) >= WITNESSES_WANTED);
  if (t->score >= h->rules->bot && convicted) return VERDICT_BOT;
  return t->score >= h->rules->suspect ? VERDICT_SUSPECT : VERDICT_CLEAN;
}
