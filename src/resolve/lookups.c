#include "resolve/lookups.h"
#include <stdlib.h>

#define DECODED_MAX 1024 /* a longer name is not a host's */

static void set_due(struct lookups *q, int slot) {
  if (q->state[slot] == SLOT_UNUSED) q->state[slot] = SLOT_DUE;
}

/* question_host with a percent-encoded name. */
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

/* The last name of a list that was cut may itself be cut, so it is not asked. */
static void add_helo(struct lookups *q, const struct sessionline *line) {
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
    set_due(q, SLOT_HELO + q->helos);
    q->helo[q->helos++] = element;
  }
}

static void add_sender(struct lookups *q, const struct sessionline *line) {
  struct question ignored;
  if (line->from.len == 0 || was_cut(line, "from")) return;
  struct span domain = span_from(line->from, span_find_last(line->from, '@') + 1);
  if (domain.len == 0 || !encoded_host(&ignored, TYPE_MX, domain)) return;
  q->sender = domain;
  set_due(q, SLOT_MX);
}

static void add_lists(struct lookups *q) {
  enum list_family family = dnslist_family(&q->peer);
  for (size_t i = 0; i < q->lists->count; i++)
    if (q->lists->list[i].serves[family] && q->lists->list[i].passing[family])
      set_due(q, SLOT_LIST + (int)i);
}

void lookups_init(struct lookups *q, const struct sessionline *line, const struct dnslists *lists,
                  bool ask_special) {
  *q = (struct lookups){.peer = line->peer, .lists = lists};
  add_sender(q, line);
  if (!ask_special && question_addr_is_special(&line->peer)) return;
  set_due(q, SLOT_PTR);
  add_helo(q, line);
  add_lists(q);
}

void lookups_free(struct lookups *q) {
  free(q->names);
  q->names = NULL;
}

static struct span ptr_name(const struct lookups *q, int n) {
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
  if (slot >= SLOT_FORWARD) return question_host(out, own, ptr_name(q, slot - SLOT_FORWARD));
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
    /* A PTR name that cannot be the name of a host does not lead back to the peer. */
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

enum match lookups_match_addresses(const struct dnsresult *result, const struct addr *peer) {
  enum match best = result->partial ? MATCH_UNKNOWN : MATCH_OTHER;
  if (result->status == DNS_NODATA) return MATCH_NODATA;
  if (result->status == DNS_NXDOMAIN) return MATCH_NXDOMAIN;
  if (result->status != DNS_DATA) return MATCH_UNKNOWN;
  for (size_t i = 0; i < result->count; i++) {
    struct addr a = dnsresult_address(result, i);
    if (addr_compare(&a, peer) == 0) return MATCH_PEER;
    if (addr_is_near(&a, peer)) best = MATCH_NEAR;
  }
  return best;
}

static void put_names(struct lookups *q, const struct dnsresult *result) {
  q->names = result->status == DNS_DATA ? malloc(result->len) : NULL;
  if (result->status == DNS_DATA && !q->names) q->status[SLOT_PTR] = DNS_UNKNOWN;
  if (!q->names) return;
  memcpy(q->names, result->data, result->len);
  q->names_len = result->len;
  q->names_count = result->count;
  q->names_incomplete = result->partial;
  for (int i = 0; i < result->count; i++) set_due(q, SLOT_FORWARD + i);
}

static void put_sender(struct lookups *q, int slot, const struct dnsresult *result) {
  if (slot == SLOT_MX) {
    q->null_mx = result->status == DNS_DATA && result->count == 0;
    if (result->status == DNS_NODATA || result->status == DNS_NXDOMAIN) set_due(q, SLOT_SENDER_A);
  } else if (slot == SLOT_SENDER_A && result->status == DNS_NODATA &&
             q->status[SLOT_MX] == DNS_NODATA) {
    set_due(q, SLOT_SENDER_AAAA);
  }
}

/* If not all addresses are known, the missing one may be the peer. */
static void put_forward(struct lookups *q, int slot, const struct dnsresult *result) {
  enum match match = lookups_match_addresses(result, &q->peer);
  q->match[slot] = (uint8_t)(result->partial && match != MATCH_PEER ? MATCH_UNKNOWN : match);
}

static void put_helo(struct lookups *q, int slot, const struct dnsresult *result) {
  q->match[slot] = (uint8_t)lookups_match_addresses(result, &q->peer);
  if (slot < SLOT_HELO_CHECK && result->status == DNS_NXDOMAIN)
    set_due(q, slot - SLOT_HELO + SLOT_HELO_CHECK);
}

static void put_list(struct lookups *q, int n, const struct dnsresult *result) {
  q->listed[n] = (uint8_t)dnslist_decode(&q->lists->list[n], result, &q->codes[n]);
}

void lookups_put(struct lookups *q, int slot, const struct dnsresult *result) {
  q->state[slot] = SLOT_ANSWERED;
  q->status[slot] = (uint8_t)result->status;
  if (slot >= SLOT_LIST) put_list(q, slot - SLOT_LIST, result);
  else if (slot >= SLOT_HELO) put_helo(q, slot, result);
  else if (slot >= SLOT_FORWARD) put_forward(q, slot, result);
  else if (slot == SLOT_PTR) put_names(q, result);
  else put_sender(q, slot, result);
}
