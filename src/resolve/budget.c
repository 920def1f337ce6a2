#include "resolve/budget.h"
#include <sodium.h>
#include <stdlib.h>

#define BUCKETS 16384 /* a power of two */

bool budget_init(struct budget *b, uint64_t limit, const uint8_t *key) {
  *b = (struct budget){.limit = limit};
  memcpy(b->key, key, sizeof b->key);
  b->pool = calloc(BUDGET_ACCOUNTS, sizeof *b->pool);
  b->bucket = calloc(BUCKETS, sizeof *b->bucket);
  return b->pool && b->bucket;
}

void budget_free(struct budget *b) {
  free(b->pool);
  free(b->bucket);
}

/* ---- accounts ---- */

static struct account **bucket_of(struct budget *b, uint64_t id) {
  return &b->bucket[id & (BUCKETS - 1)];
}

static void unlink_idle(struct budget *b, struct account *a) {
  *(a->older ? &a->older->newer : &b->oldest) = a->newer;
  *(a->newer ? &a->newer->older : &b->newest) = a->older;
}

static void link_idle(struct budget *b, struct account *a) {
  a->newer = NULL;
  a->older = b->newest;
  *(b->newest ? &b->newest->newer : &b->oldest) = a;
  b->newest = a;
}

static void unlink_bucket(struct budget *b, struct account *a) {
  struct account **at = bucket_of(b, a->id);
  while (*at != a) at = &(*at)->chained;
  *at = a->chained;
}

/* NULL if all accounts have open questions. */
static struct account *new_account(struct budget *b) {
  if (b->used < BUDGET_ACCOUNTS) return &b->pool[b->used++];
  struct account *a = b->oldest;
  if (!a) return NULL;
  unlink_idle(b, a);
  unlink_bucket(b, a);
  return a;
}

/* What an account is for, as text that is hashed, and its limits. Zero failures_max: no pause. */
struct account_spec {
  uint8_t text[1 + QUESTION_NAME_MAX];
  size_t len;
  uint64_t limit;
  uint32_t failures_max;
};

static uint64_t spec_id(const struct budget *b, const struct account_spec *s) {
  uint64_t id;
  _Static_assert(sizeof id == crypto_shorthash_BYTES, "the hash has 64 bits");
  _Static_assert(BUDGET_KEY_BYTES == crypto_shorthash_KEYBYTES, "its key has 128 bits");
  crypto_shorthash((uint8_t *)&id, s->text, s->len, b->key);
  return id;
}

static struct account *add_account(struct budget *b, uint64_t id, const struct account_spec *s) {
  struct account *a = new_account(b), **bucket = bucket_of(b, id);
  if (!a) return NULL;
  *a = (struct account){.id = id, .limit = s->limit, .failures_max = s->failures_max};
  a->chained = *bucket;
  *bucket = a;
  return a;
}

/* Finds or adds the account, and takes it off the list of idle ones: the caller opens a question.
   NULL if all accounts have open questions. */
static struct account *take_account(struct budget *b, const struct account_spec *s) {
  uint64_t id = spec_id(b, s);
  struct account *a = *bucket_of(b, id);
  while (a && a->id != id) a = a->chained;
  if (!a) return add_account(b, id, s);
  if (a->open == 0) unlink_idle(b, a);
  return a;
}

static bool account_allows(const struct account *a, int64_t now) {
  if (!a || a->slow >= a->limit) return false;
  if (a->failures_max == 0 || a->failures < a->failures_max) return true;
  return now >= a->paused_until && a->open == 0;
}

/* ---- the accounts of a question ---- */

/* prefix: the length for IPv4; IPv6 has twice that. kind tells accounts apart that have the same
   network. */
static struct account_spec network_spec(char kind, const struct addr *peer, unsigned int prefix) {
  struct addr net = addr_mask(peer, addr_is_ipv4(peer) ? 96 + prefix : 2 * prefix);
  struct account_spec s = {.text = {(uint8_t)kind}, .len = 1 + sizeof net.byte};
  memcpy(s.text + 1, net.byte, sizeof net.byte);
  return s;
}

/* The index at which the last `labels` labels of the name begin. */
static size_t last_labels(struct span name, int labels) {
  size_t at = name.len;
  while (labels-- > 0 && at > 0) {
    size_t dot = span_find_last(span_head(name, at), '.');
    if (dot == at) return 0;
    at = dot;
  }
  return at ? at + 1 : 0;
}

static struct account_spec zone_spec(const struct question *q) {
  struct span name = span_of(q->name, q->len);
  size_t last = last_labels(name, 1), second = last_labels(name, 2);
  bool is_public = name.len - last == 2 && last - second <= 4; /* like co.uk; <= 4: 3 and the dot */
  struct span zone = span_from(name, is_public ? last_labels(name, 3) : second);
  struct account_spec s = {.text = {'z'}, .len = 1 + zone.len};
  memcpy(s.text + 1, zone.s, zone.len);
  return s;
}

static void find_specs(const struct budget *b, const struct budget_use *use,
                       struct account_spec s[2]) {
  if (use->question->type == TYPE_PTR) {
    s[0] = network_spec('r', use->peer, 24);
    s[0].limit = b->limit;
    s[0].failures_max = BUDGET_FAILURES;
    s[1] = network_spec('w', use->peer, 16);
  } else {
    s[0] = network_spec('n', use->peer, 24);
    s[0].limit = b->limit * BUDGET_NAMES;
    s[1] = zone_spec(use->question);
  }
  s[1].limit = b->limit * BUDGET_WIDE;
  s[1].failures_max = BUDGET_FAILURES * BUDGET_WIDE;
}

/* ---- open questions, the oldest first ---- */

/* Marks the questions that have become slow since the last call. */
static void mark_slow(struct budget *b, int64_t now) {
  for (struct charge *c = b->next_slow; c && c->since + BUDGET_SLOW_MS <= now; c = c->newer) {
    b->next_slow = c->newer;
    c->is_slow = true;
    b->slow++;
    for (int i = 0; i < 2; i++)
      if (c->account[i]) c->account[i]->slow++;
  }
}

static void link_charge(struct budget *b, struct charge *c, int64_t now) {
  b->open++;
  c->since = now;
  c->is_open = true;
  c->is_slow = false;
  c->newer = NULL;
  c->older = b->last;
  *(b->last ? &b->last->newer : &b->first) = c;
  b->last = c;
  if (!b->next_slow) b->next_slow = c;
}

static void unlink_charge(struct budget *b, struct charge *c) {
  if (b->next_slow == c) b->next_slow = c->newer;
  *(c->older ? &c->older->newer : &b->first) = c->newer;
  *(c->newer ? &c->newer->older : &b->last) = c->older;
  c->is_open = false;
  b->open--;
}

bool budget_is_slow(struct budget *b, const struct charge *c, int64_t now) {
  mark_slow(b, now);
  return c->is_open && c->is_slow;
}

/* A question asked within the last BUDGET_PROBE_MS may still be answered, so more of them are
   allowed. */
static bool server_is_silent(const struct budget *b, int64_t now) {
  bool recent = !b->next_slow || b->next_slow->since + BUDGET_PROBE_MS >= now;
  return b->slow >= b->limit && b->last_answer + BUDGET_SLOW_MS < now &&
         b->open - b->slow >= (recent ? b->limit * BUDGET_PROBES : b->limit);
}

/* ---- charging ---- */

/* Opens the question in its accounts. allowed[i] is whether account i allows it. */
static void open_accounts(struct budget *b, struct charge *c, const struct budget_use *use,
                          bool allowed[2], int64_t now) {
  struct account_spec s[2];
  find_specs(b, use, s);
  for (int i = 0; i < 2; i++) {
    c->account[i] = take_account(b, &s[i]);
    allowed[i] = account_allows(c->account[i], now);
    if (c->account[i]) c->account[i]->open++;
  }
}

static void close_account(struct budget *b, struct account *a) {
  if (--a->open == 0) link_idle(b, a);
}

enum budget_result budget_charge(struct budget *b, struct charge *c, const struct budget_use *use,
                                 int64_t now) {
  bool allowed[2] = {true, true};
  *c = (struct charge){.is_open = false};
  if (b->limit == 0) return BUDGET_ALLOWED;
  mark_slow(b, now);
  if (!use->is_list) open_accounts(b, c, use, allowed, now);
  bool accounts_allow = allowed[0] && allowed[1];
  if (accounts_allow && !server_is_silent(b, now)) {
    link_charge(b, c, now);
    return BUDGET_ALLOWED;
  }
  for (int i = 0; i < 2; i++)
    if (c->account[i]) close_account(b, c->account[i]);
  if (accounts_allow) return BUDGET_SERVER;
  return allowed[0] && use->question->type != TYPE_PTR ? BUDGET_ZONE : BUDGET_NETWORK;
}

static void count_failure(struct account *a, int64_t now) {
  if (a->failures < a->failures_max) a->failures++;
  if (a->failures == a->failures_max) a->paused_until = now + BUDGET_PAUSE_MS;
}

void budget_release(struct budget *b, struct charge *c, bool answered, int64_t now) {
  if (!c->is_open) return;
  mark_slow(b, now);
  if (answered) b->last_answer = now;
  unlink_charge(b, c);
  if (c->is_slow) b->slow--;
  bool failed = !answered && c->is_slow && b->last_answer > c->since;
  for (int i = 0; i < 2; i++) {
    struct account *a = c->account[i];
    if (!a) continue;
    if (c->is_slow) a->slow--;
    if (answered) a->failures = 0;
    if (failed) count_failure(a, now);
    close_account(b, a);
  }
}
