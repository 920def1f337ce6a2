/* Budgets of networks and zones: which questions are refused, and for how long. */
#include "resolve/budget.h"
#include "tap.h"
#include <stdlib.h>

#define LIMIT 4
static struct budget budget;
static struct charge charges[1000];
static int64_t now;

static void start(uint64_t limit) {
  static const uint8_t key[BUDGET_KEY_BYTES] = {1};
  budget_free(&budget);
  if (!budget_init(&budget, limit, key)) abort();
  now = 100000;
  budget.last_answer = now;
}

static struct addr address(const char *text) {
  struct addr a = {{0}};
  if (!addr_parse(span_str(text), &a)) abort();
  return a;
}

static enum budget_result reverse(struct charge *c, const char *peer) {
  struct addr a = address(peer);
  struct question q;
  question_reverse(&q, &a);
  return budget_charge(&budget, c, &(struct budget_use){&q, &a, false}, now);
}

static enum budget_result name(struct charge *c, const char *peer, const char *host) {
  struct addr a = address(peer);
  struct question q;
  if (!question_host(&q, TYPE_A, span_str(host))) abort();
  return budget_charge(&budget, c, &(struct budget_use){&q, &a, false}, now);
}

/* Another question is answered, so the name server is not at fault. */
static void answer_another(void) {
  struct charge c;
  if (reverse(&c, "203.0.113.9") == BUDGET_ALLOWED) budget_release(&budget, &c, true, now);
}

static void networks(void) {
  static const struct {
    const char *name, *peer;
    enum budget_result want;
  } rows[] = {
      {"the same address", "9.1.1.1", BUDGET_NETWORK},
      {"the same /24", "9.1.1.255", BUDGET_NETWORK},
      {"the next /24", "9.1.2.1", BUDGET_ALLOWED},
      {"another network", "9.2.1.1", BUDGET_ALLOWED},
      {"the same /48", "2a00:1:2:ffff::9", BUDGET_NETWORK},
      {"the next /48", "2a00:1:3::1", BUDGET_ALLOWED},
  };
  start(LIMIT);
  for (int i = 0; i < 20; i++)
    if (reverse(&charges[i], "9.1.1.1") != BUDGET_ALLOWED) abort();
  ok(reverse(&charges[100], "9.1.1.1") == BUDGET_ALLOWED, "twenty questions that are not slow yet");
  for (int i = 0; i < 4; i++) reverse(&charges[200 + i], "2a00:1:2::1");
  now += BUDGET_SLOW_MS - 1;
  answer_another();
  ok(reverse(&charges[101], "9.1.1.1") == BUDGET_ALLOWED,
     "they are not slow after one millisecond less");
  now++;
  answer_another();
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    ok(reverse(&charges[300 + i], rows[i].peer) == rows[i].want, "slow: %s", rows[i].name);
  ok(budget_is_slow(&budget, &charges[0], now) && !budget_is_slow(&budget, &charges[101], now),
     "budget_is_slow");
  for (int i = 0; i <= 101; i++) budget_release(&budget, &charges[i], true, now);
  ok(reverse(&charges[0], "9.1.1.1") == BUDGET_ALLOWED,
     "after their answers the network is asked about again");
}

/* One question about each /48 of a /32. */
static void wide(void) {
  char peer[64];
  int asked = 0;
  start(LIMIT);
  for (int i = 0; i < LIMIT * BUDGET_WIDE; i++) {
    snprintf(peer, sizeof peer, "2a0b:dead:%x::1", i + 1);
    asked += reverse(&charges[i], peer) == BUDGET_ALLOWED;
  }
  now += BUDGET_SLOW_MS;
  answer_another();
  ok(asked == LIMIT * BUDGET_WIDE && reverse(&charges[100], "2a0b:dead:ffff::1") == BUDGET_NETWORK,
     "a /32 has a budget");
  ok(reverse(&charges[101], "2a0b:deae::1") == BUDGET_ALLOWED, "another /32 has its own");
}

static void zones(void) {
  static const struct {
    const char *name, *peer, *host;
    enum budget_result want;
  } rows[] = {
      {"a name of the zone", "9.1.1.1", "x.y.dead.example", BUDGET_ZONE},
      {"the zone from another peer", "198.51.100.1", "dead.example", BUDGET_ZONE},
      {"a zone that ends with the same letters", "9.1.1.1", "undead.example", BUDGET_ALLOWED},
      {"another zone", "9.1.1.1", "a.example", BUDGET_ALLOWED},
      {"a zone in co.uk", "9.1.1.1", "x.bad.co.uk", BUDGET_ZONE},
      {"another zone in co.uk", "9.1.1.1", "x.good.co.uk", BUDGET_ALLOWED},
      {"co.uk itself", "9.1.1.1", "co.uk", BUDGET_ALLOWED},
  };
  char peer[64];
  start(LIMIT);
  for (int i = 0; i < 2 * LIMIT * BUDGET_WIDE; i++) {
    snprintf(peer, sizeof peer, "9.1.%d.1", i + 10);
    name(&charges[i], peer, i % 2 ? "a.dead.example" : "b.bad.co.uk");
  }
  now += BUDGET_SLOW_MS;
  answer_another();
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    ok(name(&charges[300 + i], rows[i].peer, rows[i].host) == rows[i].want, "slow: %s",
       rows[i].name);
  ok(reverse(&charges[400], "9.1.10.1") == BUDGET_ALLOWED,
     "PTR questions are not charged to zones");
  start(LIMIT);
  for (int i = 0; i < LIMIT * BUDGET_NAMES; i++) {
    snprintf(peer, sizeof peer, "a.zone%d.example", i);
    name(&charges[i], "9.1.1.1", peer);
  }
  now += BUDGET_SLOW_MS;
  answer_another();
  ok(name(&charges[300], "9.1.1.2", "a.fresh.example") == BUDGET_NETWORK,
     "a network whose clients give a new zone each time");
  ok(name(&charges[301], "9.1.2.2", "a.fresh.example") == BUDGET_ALLOWED, "another network");
}

/* Slow questions without an answer, one after the other. */
static void fail(int times, bool alive) {
  for (int i = 0; i < times; i++) {
    if (reverse(&charges[0], "9.1.1.1") != BUDGET_ALLOWED) return;
    now += BUDGET_SLOW_MS + 1;
    if (alive) answer_another();
    budget_release(&budget, &charges[0], false, now);
  }
}

static void pauses(void) {
  start(LIMIT);
  fail(BUDGET_FAILURES - 1, true);
  ok(reverse(&charges[1], "9.1.1.1") == BUDGET_ALLOWED, "seven failures in a row");
  budget_release(&budget, &charges[1], true, now);
  fail(BUDGET_FAILURES, true);
  ok(reverse(&charges[1], "9.1.1.1") == BUDGET_NETWORK, "eight failures: a pause");
  now += BUDGET_PAUSE_MS - 1;
  ok(reverse(&charges[1], "9.1.1.1") == BUDGET_NETWORK, "it lasts a minute");
  now++;
  ok(reverse(&charges[1], "9.1.1.1") == BUDGET_ALLOWED, "then one question is asked");
  ok(reverse(&charges[2], "9.1.1.2") == BUDGET_NETWORK, "at the same time no other one");
  budget_release(&budget, &charges[1], true, now);
  ok(reverse(&charges[1], "9.1.1.1") == BUDGET_ALLOWED &&
         reverse(&charges[2], "9.1.1.2") == BUDGET_ALLOWED,
     "after its answer all are asked");
  start(LIMIT);
  fail(3 * BUDGET_FAILURES, false);
  ok(reverse(&charges[1], "9.1.1.1") == BUDGET_ALLOWED, "without any answer there is no pause");
}

/* Both questions become slow without a call of the module, and the other one is answered first. */
static void slow_at_release(void) {
  struct charge other;
  start(LIMIT);
  for (int i = 0; i < BUDGET_FAILURES; i++) {
    if (reverse(&charges[0], "9.1.1.1") != BUDGET_ALLOWED) abort();
    reverse(&other, "203.0.113.9");
    now += BUDGET_SLOW_MS;
    budget_release(&budget, &other, true, now);
    budget_release(&budget, &charges[0], false, now);
  }
  ok(reverse(&charges[0], "9.1.1.1") == BUDGET_NETWORK, "questions that are slow when they end");
  ok(budget.slow == 0 && budget.open == 0, "no question is left");
}

static void silence(void) {
  char peer[64];
  start(LIMIT);
  for (int i = 0; i < LIMIT; i++) {
    snprintf(peer, sizeof peer, "9.1.%d.1", i);
    reverse(&charges[i], peer);
  }
  now += BUDGET_SLOW_MS + 1;
  for (int i = 0; i < LIMIT; i++) {
    snprintf(peer, sizeof peer, "9.2.%d.1", i);
    ok(reverse(&charges[10 + i], peer) == BUDGET_ALLOWED, "nothing is answered: question %d",
       i + 1);
  }
  ok(reverse(&charges[20], "9.3.1.1") == BUDGET_ALLOWED,
     "questions within BUDGET_PROBE_MS are allowed");
  now += BUDGET_PROBE_MS + 1;
  ok(reverse(&charges[21], "9.3.2.1") == BUDGET_SERVER, "after that the name server is silent");
  budget_release(&budget, &charges[20], true, now);
  ok(reverse(&charges[21], "9.3.2.1") == BUDGET_ALLOWED, "until a question is answered");
}

/* More networks than there are accounts. */
static void bounds(void) {
  struct charge c;
  char peer[64];
  int asked = 0;
  start(LIMIT);
  for (int i = 0; i < 3 * BUDGET_ACCOUNTS; i++) {
    snprintf(peer, sizeof peer, "%d.%d.%d.1", 20 + i / 60000, i / 250 % 240, i % 250);
    asked += reverse(&c, peer) == BUDGET_ALLOWED;
    budget_release(&budget, &c, true, now);
  }
  ok(asked == 3 * BUDGET_ACCOUNTS && budget.used == BUDGET_ACCOUNTS,
     "the oldest account is used again");
  ok(budget.open == 0 && budget.slow == 0 && !budget.first && !budget.last, "no question is open");
  start(0);
  for (int i = 0; i < 900; i++) reverse(&charges[i], "9.1.1.1");
  now += BUDGET_PAUSE_MS;
  ok(reverse(&charges[900], "9.1.1.1") == BUDGET_ALLOWED, "with limit 0 no question is refused");
}

/* The accounts without an open question, in both directions; -1 if the list is damaged. */
static int count_idle(void) {
  int forward = 0, backward = 0;
  for (struct account *a = budget.oldest; a && forward <= 100; a = a->newer) forward++;
  for (struct account *a = budget.newest; a && backward <= 100; a = a->older) backward++;
  return forward == backward ? forward : -1;
}

static void idle_accounts(void) {
  static const char *const peers[] = {"9.1.1.1", "9.2.1.1", "9.3.1.1"};
  start(LIMIT);
  for (int i = 0; i < 3; i++) reverse(&charges[i], peers[i]);
  ok(count_idle() == 0 && budget.used == 6, "two accounts for each of three networks, all open");
  for (int i = 0; i < 3; i++) budget_release(&budget, &charges[i], true, now);
  ok(count_idle() == 6, "all six are idle");
  for (int i = 0; i < 3; i++) {
    reverse(&charges[i], peers[i]);
    ok(count_idle() == 4, "network %d has a question again", i);
    budget_release(&budget, &charges[i], true, now);
    ok(count_idle() == 6, "and its answer");
  }
  ok(budget.used == 6, "no other account was used");
}

/* Accounts are hashed with the key, so that clients cannot make them collide. */
static void keyed(void) {
  static const uint8_t key[BUDGET_KEY_BYTES] = {2};
  start(LIMIT);
  reverse(&charges[0], "9.1.1.1");
  uint64_t id = budget.pool[0].id;
  budget_free(&budget);
  if (!budget_init(&budget, LIMIT, key)) abort();
  reverse(&charges[0], "9.1.1.1");
  ok(budget.pool[0].id != id, "another key, another account");
}

/* A charge that was refused, or that nothing limits, can be released and changes nothing. */
static void releases(void) {
  struct charge c;
  start(0);
  reverse(&c, "9.1.1.1");
  budget_release(&budget, &c, true, now);
  ok(budget.open == 0 && !budget.first, "released without a limit");
  start(LIMIT);
  for (int i = 0; i < LIMIT; i++) reverse(&charges[i], "9.1.1.1");
  now += BUDGET_SLOW_MS;
  answer_another();
  ok(reverse(&c, "9.1.1.1") == BUDGET_NETWORK, "a question that is refused");
  budget_release(&budget, &c, false, now);
  ok(budget.open == LIMIT && budget.slow == LIMIT, "released");
}

static enum budget_result list(struct charge *c, const char *peer) {
  struct addr a = address(peer);
  struct question q;
  if (!question_list(&q, &a, span_str("bl.example"))) abort();
  return budget_charge(&budget, c, &(struct budget_use){&q, &a, true}, now);
}

static void list_questions(void) {
  start(LIMIT);
  for (int i = 0; i < LIMIT; i++) reverse(&charges[i], "9.1.1.1");
  for (int i = 0; i < 100; i++) list(&charges[100 + i], "9.1.1.1");
  now += BUDGET_SLOW_MS;
  answer_another();
  ok(list(&charges[200], "9.1.1.1") == BUDGET_ALLOWED, "a DNS list is asked about a slow network");
  ok(!charges[200].account[0] && !charges[200].account[1], "and has no account");
  for (int i = 201; i < 300; i++) list(&charges[i], "9.1.1.1");
  now += BUDGET_SLOW_MS + 1;
  for (int i = 300; i < 300 + LIMIT * BUDGET_PROBES; i++) list(&charges[i], "9.1.1.1");
  ok(list(&charges[400], "9.1.1.1") == BUDGET_SERVER, "not if the name server is silent");
}

int main(void) {
  networks();
  wide();
  zones();
  pauses();
  slow_at_release();
  silence();
  bounds();
  idle_accounts();
  releases();
  keyed();
  list_questions();
  budget_free(&budget);
  return done();
}
