#include "resolve/listtest.h"

static void add_test(struct listtests *t, struct dnslist *list, enum list_family family) {
  struct listtest *test = &t->test[t->count++];
  *test = (struct listtest){.tests = t, .list = list, .family = family};
  dnslist_test_question(list, family, true, &test->question[0]);
  dnslist_test_question(list, family, false, &test->question[1]);
}

void listtests_init(struct listtests *t, struct dnslists *lists) {
  t->count = 0;
  for (size_t i = 0; i < lists->count; i++)
    for (int family = 0; family < LIST_FAMILIES; family++)
      if (lists->list[i].serves[family]) add_test(t, &lists->list[i], (enum list_family)family);
}

static bool is_change(const struct listtest *test, bool passes) {
  return test->was_tested ? passes != test->was_passing : !passes;
}

static void finish(struct listtest *test, int64_t now) {
  struct listtests *t = test->tests;
  const char *wrong = dnslist_check(test->list, &test->result[0], &test->result[1]);
  bool must_report = is_change(test, !wrong);
  test->was_tested = true;
  test->was_passing = test->list->passing[test->family] = !wrong;
  test->next_at =
      now + (wrong && t->every_ms > LISTTEST_RETRY_MS ? LISTTEST_RETRY_MS : t->every_ms);
  if (must_report) t->report(test->list, test->family, wrong);
}

static void on_answer(struct dnsquery *query, const struct dnsresult *result, int64_t now) {
  struct listtest *test = query->owner;
  test->result[query - test->query] = *result;
  if (--test->pending == 0) finish(test, now);
}

static void start(struct listtest *test, int64_t now) {
  const struct dnssender *sender = &test->tests->sender;
  test->pending = 2;
  for (int i = 0; i < 2; i++) {
    test->query[i] = (struct dnsquery){
        .question = &test->question[i], .answered = on_answer, .owner = test, .since = now};
    sender->send(sender->client, &test->query[i]);
  }
}

/* A list that passed its last test and is muted now has refused to answer. */
static void check_refusal(struct listtest *test, int64_t now) {
  if (!test->was_passing || test->list->passing[test->family]) return;
  test->was_passing = false;
  if (test->next_at > now + LISTTEST_RETRY_MS) test->next_at = now + LISTTEST_RETRY_MS;
  test->tests->report(test->list, test->family, "it refuses to answer");
}

void listtests_run(struct listtests *t, int64_t now) {
  for (size_t i = 0; i < t->count; i++) {
    struct listtest *test = &t->test[i];
    if (test->pending) continue;
    check_refusal(test, now);
    if (now >= test->next_at) start(test, now);
  }
}

int64_t listtests_next(const struct listtests *t) {
  int64_t next = INT64_MAX;
  for (size_t i = 0; i < t->count; i++)
    if (t->test[i].pending == 0 && t->test[i].next_at < next) next = t->test[i].next_at;
  return next;
}

bool listtests_done(const struct listtests *t) {
  for (size_t i = 0; i < t->count; i++)
    if (!t->test[i].was_tested) return false;
  return true;
}
