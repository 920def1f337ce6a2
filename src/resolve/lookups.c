#include "resolve/lookups.h"
#include <stdlib.h>

#define DECODED_MAX 1024

static void need(struct lookups *q, int slot) {
  if (q->state[slot] == SLOT_UNUSED) q->state[slot] = SLOT_DUE;
}

static bool encoded_host(struct question *out, enum question_type type, struct span encoded) {
  char name[DECODED_MAX];
  size_t len;
  return escape_get(name, sizeof name, encoded, &len) &&
         question_host(out, type, span_of(name, len));
}

static bool was_cut(const struct sessionline *line, const char *key) {
  struct span rest = line->cut, element;
  while (field_list_next(&rest, &element))
    if (span_is(element, key)) return true;
  return false;
}

/* The last name of a list that was cut may be the beginning of another one. */
static void start_helo(struct lookups *q, const struct sessionline *line) {
  struct span rest = line->helo, element;
  struct question ignored;
  q->helo_incomplete = was_cut(line, "helo");
  while (field_list_next(&rest, &element)) {
    if (rest.len == 0 && q->helo_incomplete) break;
    if (!encoded_host(&ignored, TYPE_A, element)) continue;
    if (q->helos == LOOKUPS_HELOS_MAX) {
      q->helo_incomplete = true;
      break;
    }
    need(q, SLOT_HELO + q->helos);
    q->helo[q->helos++] = element;
  }
}

static void start_sender(struct lookups *q, const struct sessionline *line) {
  struct question ignored;
  if (line->from.len == 0 || was_cut(line, "from")) return;
  struct span domain = span_from(line->from, span_find_last(line->from, '@') + 1);
  if (domain.len == 0 || !encoded_host(&ignored, TYPE_MX, domain)) return;
  q->sender = domain;
  need(q, SLOT_MX);
}

static void start_lists(struct lookups *q) {
  enum list_family family = dnslist_family(&q->peer);
  for (size_t i = 0; i < q->lists->count; i++)
    if (q->lists->list[i].serves[family] && q->lists->list[i].passing[family])
      need(q, SLOT_LIST + (int)i);
}

void lookups_init(struct lookups *q, const struct sessionline *line, const struct dnslists *lists,
                  bool ask_special) {
  *q = (struct lookups){.peer = line->peer, .lists = lists};
  q->asks_peer = ask_special || !question_addr_is_special(&line->peer);
  start_sender(q, line);
  if (!q->asks_peer) return;
  need(q, SLOT_PTR);
  start_helo(q, line);
  start_lists(q);
}

void lookups_free(struct lookups *q) {
  free(q->names);
  q->names = NULL;
}

static struct span name_of(const struct lookups *q, int n) {
  struct span rest = span_of(q->names, q->names_len), name = span_of("", 0);
  for (int i = 0; i <= n && dnsresult_next_name(&rest, &name); i++) {
  }
  return name;
}

static enum question_type other_family(const struct addr *a) {
  return question_family(a) == TYPE_A ? TYPE_AAAA : TYPE_A;
}

static bool make_question(const struct lookups *q, int slot, struct question *out) {
  enum question_type own = question_family(&q->peer);
  if (slot >= SLOT_LIST) return question_list(out, &q->peer, q->lists->list[slot - SLOT_LIST].zone);
  if (slot >= SLOT_HELO_CHECK)
    return encoded_host(out, other_family(&q->peer), q->helo[slot - SLOT_HELO_CHECK]);
  if (slot >= SLOT_HELO) return encoded_host(out, own, q->helo[slot - SLOT_HELO]);
  if (slot >= SLOT_FORWARD) return question_host(out, own, name_of(q, slot - SLOT_FORWARD));
  if (slot == SLOT_MX) return encoded_host(out, TYPE_MX, q->sender);
  if (slot == SLOT_SENDER_A) return encoded_host(out, TYPE_A, q->sender);
  if (slot == SLOT_SENDER_AAAA) return encoded_host(out, TYPE_AAAA, q->sender);
  question_reverse(out, &q->peer);
  return true;
}

int lookups_next(struct lookups *q, struct question *question) {
  for (int slot = 0; slot < SLOTS; slot++) {
    if (q->state[slot] != SLOT_DUE) continue;
    if (make_question(q, slot, question)) {
      q->state[slot] = SLOT_ASKED;
      return slot;
    }
    /* A PTR name that cannot name a host leads nowhere. */
    q->state[slot] = SLOT_ANSWERED;
    q->match[slot] = MATCH_OTHER;
  }
  return -1;
}

bool lookups_is_done(const struct lookups *q) {
  for (int slot = 0; slot < SLOTS; slot++)
    if (q->state[slot] == SLOT_DUE || q->state[slot] == SLOT_ASKED) return false;
  return true;
}

enum match lookups_match_addresses(const struct dnsresult *f, const struct addr *peer) {
  unsigned int bits = addr_is_ipv4(peer) ? 96 + 24 : 48;
  struct addr net = addr_mask(peer, bits);
  enum match best = f->partial ? MATCH_UNKNOWN : MATCH_OTHER;
  if (f->status == DNS_NODATA) return MATCH_NODATA;
  if (f->status == DNS_NXDOMAIN) return MATCH_NXDOMAIN;
  if (f->status != DNS_DATA) return MATCH_UNKNOWN;
  for (size_t i = 0; i < f->count; i++) {
    struct addr a = dnsresult_address(f, i), its = addr_mask(&a, bits);
    if (addr_compare(&a, peer) == 0) return MATCH_PEER;
    if (addr_compare(&its, &net) == 0) best = MATCH_NEAR;
  }
  return best;
}

static void take_names(struct lookups *q, const struct dnsresult *f) {
  q->names = f->status == DNS_DATA ? malloc(f->len) : NULL;
  if (f->status == DNS_DATA && !q->names) q->status[SLOT_PTR] = DNS_UNKNOWN;
  if (!q->names) return;
  memcpy(q->names, f->data, f->len);
  q->names_len = f->len;
  q->names_count = f->count;
  q->names_incomplete = f->partial;
  for (int i = 0; i < f->count; i++) need(q, SLOT_FORWARD + i);
}

static void take_sender(struct lookups *q, int slot, const struct dnsresult *f) {
  if (slot == SLOT_MX) {
    q->null_mx = f->status == DNS_DATA && f->count == 0;
    if (f->status == DNS_NODATA || f->status == DNS_NXDOMAIN) need(q, SLOT_SENDER_A);
  } else if (slot == SLOT_SENDER_A && f->status == DNS_NODATA && q->status[SLOT_MX] == DNS_NODATA) {
    need(q, SLOT_SENDER_AAAA);
  }
}

void lookups_put(struct lookups *q, int slot, const struct dnsresult *f) {
  q->state[slot] = SLOT_ANSWERED;
  q->status[slot] = (uint8_t)f->status;
  if (slot >= SLOT_LIST) {
    int n = slot - SLOT_LIST;
    q->listed[n] = (uint8_t)dnslist_decode(&q->lists->list[n], f, &q->codes[n]);
  } else if (slot >= SLOT_FORWARD) {
    q->match[slot] = (uint8_t)lookups_match_addresses(f, &q->peer);
    if (slot < SLOT_HELO && f->partial && q->match[slot] != MATCH_PEER)
      q->match[slot] = MATCH_UNKNOWN;
    if (slot >= SLOT_HELO && slot < SLOT_HELO_CHECK && f->status == DNS_NXDOMAIN)
      need(q, slot - SLOT_HELO + SLOT_HELO_CHECK);
  } else if (slot == SLOT_PTR) {
    take_names(q, f);
  } else {
    take_sender(q, slot, f);
  }
}
