#include "score/verdict.h"

#define WITNESS_MIN 2 /* of a family that counts for VERDICT_FAMILIES_MIN */

/* A new heaviest counts whole, and the previous one is halved. */
static void add_positive(struct family_sum *f, int points) {
  f->sum += points > f->heaviest ? points - f->heaviest + f->heaviest / 2 : points / 2;
  if (points > f->heaviest) f->heaviest = points;
}

static void add_hit(struct total *t, int family, const struct hit *hit) {
  if (hit->points < t->credit[family]) t->credit[family] = hit->points;
  if (hit->points <= 0) return;
  t->sure = t->sure || hit->sure;
  add_positive(&t->counted[family], hit->points);
  if (hit->witness > 0) add_positive(&t->witness[family], hit->witness);
}

void verdict_total(const struct hits *h, struct total *out) {
  *out = (struct total){.score = 0};
  for (int sin = 0; sin < SIN_COUNT; sin++)
    if (h->fired[sin]) add_hit(out, sin_families[sin], &h->hit[sin]);
  for (int family = 0; family < FAMILY_COUNT; family++) {
    out->score += out->counted[family].sum;
    if (!out->sure) out->score += out->credit[family];
  }
  if (out->score < SCORE_MIN) out->score = SCORE_MIN;
  if (out->score > SCORE_MAX) out->score = SCORE_MAX;
}

int verdict_families(const struct total *t) {
  int families = 0;
  for (int family = 0; family < FAMILY_COUNT; family++)
    if (family != FAMILY_TOPOLOGY && t->witness[family].sum >= WITNESS_MIN) families++;
  return families;
}

enum verdict verdict_of(const struct hits *h, const struct total *t,
                        const struct verdict_input *in) {
  if (in->exempt) return VERDICT_EXEMPT;
  bool delivers = in->got_mail || in->got_451, no_smtp = h->fired[SIN_NO_SMTP];
  if (!delivers && (in->silent || no_smtp)) return VERDICT_SCANNER;
  bool condemned =
      in->got_451 ? t->sure || verdict_families(t) >= VERDICT_FAMILIES_MIN : t->sure && !no_smtp;
  if (t->score >= h->rules->bot && condemned) return VERDICT_BOT;
  return t->score >= h->rules->suspect ? VERDICT_SUSPECT : VERDICT_CLEAN;
}
