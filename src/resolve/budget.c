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

static void unchain(struct budget *b, struct account *a) {
  struct account **at = bucket_of(b, a->id);
  while (*at != a) at = &(*at)->chained;
  *at = a->chained;
}

/* NULL: all accounts have open questions. */
static struct account *new_account(struct budget *b) {
  if (b->used < BUDGET_ACCOUNTS) return &b->pool[b->used++];
  struct account *a = b->oldest;
  if (!a) return NULL;
  unlink_idle(b, a);
  unchain(b, a);
  return a;
}

struct account_key {
  uint8_t text[1 + QUESTION_NAME_MAX];
  size_t len;
  uint64_t limit;
  uint32_t failures_max;
};

/* What was found idle is idle no more, and is to be opened or linked again. */
static struct account *find_account(struct budget *b, const struct account_key *s) {
  uint64_t id;
  _Static_assert(sizeof id == crypto_shorthash_BYTES, "the hash is 64 bits");
  _Static_assert(BUDGET_KEY_BYTES == crypto_shorthash_KEYBYTES, "its key is 128");
  crypto_shorthash((uint8_t *)&id, s->text, s->len, b->key);
  struct account **bucket = bucket_of(b, id), *a = *bucket;
  while (a && a->id != id) a = a->chained;
  if (a) {
    if (a->open == 0) unlink_idle(b, a);
    return a;
  }
  a = new_account(b);
  if (!a) return NULL;
  *a = (struct account){.id = id, .limit = s->limit, .failures_max = s->failures_max};
  a->chained = *bucket;
  *bucket = a;
  return a;
}

static bool may_ask(const struct account *a, int64_t now) {
  if (!a || a->slow >= a->limit) return false;
  if (a->failures_max == 0 || a->failures < a->failures_max) return true;
  return now >= a->until && a->open == 0;
}

/* ---- what a question is charged to ---- */

static struct account_key network_subject(char kind, const struct addr *peer, unsigned int bits) {
  struct addr net = addr_mask(peer, addr_is_ipv4(peer) ? 96 + bits : 2 * bits);
  struct account_key s = {.text = {(uint8_t)kind}, .len = 1 + sizeof net.byte};
  memcpy(s.text + 1, net.byte, sizeof net.byte);
  return s;
}

/* Where the last `labels` labels of the name begin. */
static size_t last_labels(struct span name, int labels) {
  size_t at = name.len;
  while (labels-- > 0 && at > 0) {
    size_t dot = span_find_last(span_head(name, at), '.');
    if (dot == at) return 0;
    at = dot;
  }
  return at ? at + 1 : 0;
}

static struct account_key zone_subject(const struct question *q) {
  struct span name = span_of(q->name, q->len);
  size_t top = last_labels(name, 1), second = last_labels(name, 2);
  bool is_public = name.len - top == 2 && top - second <= 4; /* with its dot */
  struct span zone = span_from(name, is_public ? last_labels(name, 3) : second);
  struct account_key s = {.text = {'z'}, .len = 1 + zone.len};
  memcpy(s.text + 1, zone.s, zone.len);
  return s;
}

static void find_subjects(const struct budget *b, const struct question *q, const struct addr *peer,
                          struct account_key s[2]) {
  if (q->type == TYPE_PTR) {
    s[0] = network_subject('r', peer, 24);
    s[0].limit = b->limit;
    s[0].failures_max = BUDGET_FAILURES;
    s[1] = network_subject('w', peer, 16);
  } else {
    s[0] = network_subject('n', peer, 24);
    s[0].limit = b->limit * BUDGET_NAMES;
    s[1] = zone_subject(q);
  }
  s[1].limit = b->limit * BUDGET_WIDE;
  s[1].failures_max = BUDGET_FAILURES * BUDGET_WIDE;
}

/* ---- open questions, the oldest first ---- */

static void mark_slow(struct budget *b, int64_t now) {
  for (struct charge *c = b->next_slow; c && c->since + BUDGET_SLOW <= now; c = c->newer) {
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

/* Questions that were asked a moment ago prove little yet. */
static bool server_is_silent(const struct budget *b, int64_t now) {
  bool recent = !b->next_slow || b->next_slow->since + BUDGET_PROBE >= now;
  return b->slow >= b->limit && b->answered + BUDGET_SLOW < now &&
         b->open - b->slow >= (recent ? b->limit * BUDGET_PROBES : b->limit);
}

enum budget_result budget_charge(struct budget *b, struct charge *c, const struct question *q,
                                 const struct addr *peer, bool list, int64_t now) {
  struct account_key s[2];
  bool may[2] = {true, true};
  *c = (struct charge){.is_open = false};
  if (b->limit == 0) return BUDGET_ALLOWED;
  mark_slow(b, now);
  if (!list) find_subjects(b, q, peer, s);
  for (int i = 0; !list && i < 2; i++) {
    c->account[i] = find_account(b, &s[i]);
    may[i] = may_ask(c->account[i], now);
    if (c->account[i]) c->account[i]->open++;
  }
  bool silent = server_is_silent(b, now);
  if (may[0] && may[1] && !silent) {
    link_charge(b, c, now);
    return BUDGET_ALLOWED;
  }
  for (int i = 0; i < 2; i++)
    if (c->account[i] && --c->account[i]->open == 0) link_idle(b, c->account[i]);
  if (may[0] && may[1]) return BUDGET_SERVER;
  return may[0] && q->type != TYPE_PTR ? BUDGET_ZONE : BUDGET_NETWORK;
}

static void settle(struct budget *b, struct account *a, const struct charge *c, bool answered,
                   int64_t now) {
  bool failed = !answered && c->is_slow && b->answered > c->since;
  if (c->is_slow) a->slow--;
  if (answered) a->failures = 0;
  if (failed && a->failures < a->failures_max) a->failures++;
  if (failed && a->failures == a->failures_max) a->until = now + BUDGET_PAUSE;
  if (--a->open == 0) link_idle(b, a);
}

void budget_release(struct budget *b, struct charge *c, bool answered, int64_t now) {
  if (!c->is_open) return;
  mark_slow(b, now);
  if (answered) b->answered = now;
  unlink_charge(b, c);
  if (c->is_slow) b->slow--;
  for (int i = 0; i < 2; i++)
    if (c->account[i]) settle(b, c->account[i], c, answered, now);
}
