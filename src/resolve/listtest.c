#include "resolve/listtest.h"

void listtests_init(struct listtests *t, struct dnslists *lists) {
  t->count = 0;
  for (size_t i = 0; i < lists->count; i++)
    for (int family = 0; family < LIST_FAMILIES; family++) {
      struct dnslist *l = &lists->list[i];
      if (!l->serves[family]) continue;
      struct listtest *one = &t->trial[t->count++];
      *one = (struct listtest){.list = l, .family = (enum list_family)family, .all = t};
      dnslist_test_question(l, one->family, true, &one->question[0]);
      dnslist_test_question(l, one->family, false, &one->question[1]);
    }
}

static void conclude(struct listtest *one, int64_t now) {
  struct listtests *t = one->all;
  const char *wrong = dnslist_check(one->list, &one->result[0], &one->result[1]);
  bool is_news =
      wrong ? !one->was_tested || one->was_passing : one->was_tested && !one->was_passing;
  one->was_tested = true;
  one->was_passing = one->list->passing[one->family] = !wrong;
  one->next = now + (wrong && t->every > TRIALS_RETRY ? TRIALS_RETRY : t->every);
  if (is_news) t->tell(one->list, one->family, wrong);
}

static void on_answer(struct dnsquery *a, const struct dnsresult *f, int64_t now) {
  struct listtest *one = a->owner;
  one->result[a - one->asked] = *f;
  if (--one->awaited == 0) conclude(one, now);
}

static void start(struct listtest *one, int64_t now) {
  one->awaited = 2;
  for (int i = 0; i < 2; i++) {
    one->asked[i] = (struct dnsquery){
        .question = &one->question[i], .answered = on_answer, .owner = one, .since = now};
    one->all->ask.ask(one->all->ask.client, &one->asked[i]);
  }
}

/* A list that has passed and yet is mute has refused to answer. */
static void notice_refusal(struct listtest *one, int64_t now) {
  struct listtests *t = one->all;
  if (!one->was_passing || one->list->passing[one->family]) return;
  one->was_passing = false;
  if (one->next > now + TRIALS_RETRY) one->next = now + TRIALS_RETRY;
  t->tell(one->list, one->family, "it refuses to answer");
}

void listtests_run(struct listtests *t, int64_t now) {
  for (size_t i = 0; i < t->count; i++) {
    struct listtest *one = &t->trial[i];
    if (one->awaited) continue;
    notice_refusal(one, now);
    if (now >= one->next) start(one, now);
  }
}

int64_t listtests_next(const struct listtests *t) {
  int64_t next = INT64_MAX;
  for (size_t i = 0; i < t->count; i++)
    if (t->trial[i].awaited == 0 && t->trial[i].next < next) next = t->trial[i].next;
  return next;
}

bool listtests_done(const struct listtests *t) {
  for (size_t i = 0; i < t->count; i++)
    if (!t->trial[i].was_tested) return false;
  return true;
}
