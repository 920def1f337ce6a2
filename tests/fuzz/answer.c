/* Any bytes as a DNS response. The result must keep the rules of dnsresult.h, and the fields from it
   must fit a line. The first byte chooses the question. */
#include "resolve/dnsfields.h"
#include <stdlib.h>

static void need(bool condition) {
  if (!condition) abort();
}

static struct question choose(uint8_t byte) {
  static const enum question_type types[] = {TYPE_A, TYPE_AAAA, TYPE_MX, TYPE_PTR};
  struct question q;
  struct addr a = addr_from_ipv4(0x09010107);
  if (types[byte % 4] == TYPE_PTR) question_reverse(&q, &a);
  else need(question_host(&q, types[byte % 4], span_str("www.example.org")));
  return q;
}

static void check_result(const struct dnsresult *f, const struct question *q) {
  struct span rest = dnsresult_names(f), name;
  int names = 0;
  need(f->status <= DNS_NXDOMAIN && f->ttl <= 86400 && f->len <= DNSRESULT_BYTES_MAX);
  if (f->status != DNS_DATA || q->type == TYPE_MX) return;
  need(f->count > 0);
  if (q->type != TYPE_PTR) {
    need(f->len == f->count * sizeof(struct addr) && f->count <= DNSRESULT_ADDRESSES_MAX);
    return;
  }
  while (dnsresult_next_name(&rest, &name)) {
    need(name.len > 0);
    names++;
  }
  need(names == f->count && names <= DNSRESULT_NAMES_MAX);
}

static void check_fields(const struct dnsresult *f) {
  static struct dnslists lists;
  char out[DNSFIELDS_TEXT_MAX];
  struct sessionline l = {.peer = addr_from_ipv4(0x09010107), .helo = span_str("www.example.org")};
  struct lookups q;
  struct question question;
  struct span rest, key, value;
  int slot;
  if (lists.count == 0) dnslists_add(&lists, LIST_BLACK, span_str("bl.example"));
  lists.list[0].passing[LIST_IPV4] = true;
  lookups_init(&q, &l, &lists, false);
  while ((slot = lookups_next(&q, &question)) >= 0) lookups_put(&q, slot, f);
  size_t len = dnsfields_format(&q, out);
  need(len > 0 && len <= sizeof out && lookups_is_done(&q));
  rest = span_of(out + 1, len - 1);
  while (rest.len) need(field_next(&rest, &key, &value) == FIELD_NEXT);
  lookups_free(&q);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct dnsresult f;
  if (size == 0) return 0;
  struct question q = choose(data[0]);
  dnsresult_decode(data + 1, size - 1, &q, &f);
  check_result(&f, &q);
  check_fields(&f);
  return 0;
}
