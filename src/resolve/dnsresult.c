#include "resolve/dnsresult.h"
#include <ares.h>
#include <ares_dns.h>

#define HEADER_BYTES 12
#define FIXED_BYTES  10 /* type, class, ttl and length of a record */
#define TYPE_CNAME   5
#define TYPE_SOA     6
#define CLASS_IN     1
#define TEXT_MAX     1024 /* the longest text of a name, every byte of it escaped */
#define POSITIVE_MAX 86400
#define NEGATIVE_MAX 10800

struct packet {
  const uint8_t *data;
  size_t len, at;
};

struct record {
  char owner[TEXT_MAX];
  uint16_t type, class;
  uint32_t ttl;
  size_t rdata, rdlen;
};

/* Reads the name at *at and moves behind it. */
static bool read_name(const struct packet *p, size_t *at, char *out) {
  char *text = NULL;
  long used;
  if (*at >= p->len) return false;
  if (ares_expand_name(p->data + *at, p->data, (int)p->len, &text, &used) != ARES_SUCCESS)
    return false;
  size_t len = strlen(text);
  bool fits = len < TEXT_MAX;
  if (fits) memcpy(out, text, len + 1);
  ares_free_string(text);
  *at += (size_t)used;
  return fits;
}

static bool read_record(struct packet *p, struct record *r) {
  if (!read_name(p, &p->at, r->owner) || p->len - p->at < FIXED_BYTES) return false;
  const uint8_t *fixed = p->data + p->at;
  r->type = DNS_RR_TYPE(fixed);
  r->class = DNS_RR_CLASS(fixed);
  r->ttl = DNS_RR_TTL(fixed);
  if (r->ttl > INT32_MAX) r->ttl = 0; /* RFC 2181, section 8 */
  r->rdlen = DNS_RR_LEN(fixed);
  r->rdata = p->at + FIXED_BYTES;
  if (r->rdlen > p->len - r->rdata) return false;
  p->at = r->rdata + r->rdlen;
  return true;
}

static bool is_same_name(const char *a, const char *b) {
  return span_equal_nocase(span_str(a), span_str(b));
}

/* A response to exactly this question, whole; p->at is then behind the question. */
static bool read_question(struct packet *p, const struct question *q) {
  char name[TEXT_MAX];
  if (p->len < HEADER_BYTES || p->len > UINT16_MAX) return false;
  if (!DNS_HEADER_QR(p->data) || DNS_HEADER_OPCODE(p->data) != 0 || DNS_HEADER_TC(p->data) ||
      DNS_HEADER_QDCOUNT(p->data) != 1)
    return false;
  p->at = HEADER_BYTES;
  if (!read_name(p, &p->at, name) || p->len - p->at < 4 || !is_same_name(name, q->name))
    return false;
  const uint8_t *fixed = p->data + p->at;
  p->at += 4;
  return DNS_QUESTION_TYPE(fixed) == q->type && DNS_QUESTION_CLASS(fixed) == CLASS_IN;
}

static void lower_ttl(struct dnsresult *f, uint32_t ttl) {
  if (ttl < f->ttl) f->ttl = ttl;
}

static bool add_address(struct dnsresult *f, const uint8_t *bytes, size_t len) {
  struct addr a = {{0}};
  if (f->count == DNSRESULT_ADDRESSES_MAX) f->partial = true;
  if (f->partial) return true;
  if (len == 4) a.byte[10] = a.byte[11] = 0xff;
  memcpy(a.byte + 16 - len, bytes, len);
  memcpy(f->data + f->len, a.byte, sizeof a.byte);
  f->len += (uint16_t)sizeof a.byte;
  f->count++;
  return true;
}

static void add_name(struct dnsresult *f, const char *text) {
  struct span name = span_head(span_str(*text ? text : "."), DNSRESULT_NAME_MAX);
  if (f->count == DNSRESULT_NAMES_MAX) f->partial = true;
  if (f->partial) return;
  f->data[f->len] = (uint8_t)name.len;
  memcpy(f->data + f->len + 1, name.s, name.len);
  f->len += (uint16_t)(name.len + 1);
  f->count++;
}

/* False where the record is malformed. */
static bool add_data(struct dnsresult *f, const struct packet *p, const struct record *r) {
  char name[TEXT_MAX];
  size_t at = r->rdata;
  size_t end = at + r->rdlen;
  lower_ttl(f, r->ttl);
  switch (r->type) {
  case TYPE_A: return r->rdlen == 4 && add_address(f, p->data + at, 4);
  case TYPE_AAAA: return r->rdlen == 16 && add_address(f, p->data + at, 16);
  case TYPE_PTR:
    if (!read_name(p, &at, name) || at != end) return false;
    add_name(f, name);
    return true;
  case TYPE_MX:
    at += 2;
    if (r->rdlen < 3 || !read_name(p, &at, name) || at != end) return false;
    if (*name && f->count < UINT8_MAX) f->count++;
    return true;
  }
  return false;
}

struct reading {
  struct dnsresult *out;
  const struct question *q;
  char name[TEXT_MAX]; /* whose data is looked for: the question's, or where CNAMEs led */
  unsigned int hops;
  bool has_data, broken;
};

/* One run over the answer section. True where a CNAME led on and another run is due. */
static bool read_answers(struct packet p, struct reading *r) {
  struct record record;
  size_t count = DNS_HEADER_ANCOUNT(p.data);
  for (size_t i = 0; i < count && i < DNSRESULT_RECORDS_MAX; i++) {
    if (!read_record(&p, &record)) {
      r->broken = true;
      return false;
    }
    if (record.class != CLASS_IN || !is_same_name(record.owner, r->name)) continue;
    if (record.type == r->q->type) {
      r->has_data = true;
      if (!add_data(r->out, &p, &record)) r->broken = true;
    } else if (record.type == TYPE_CNAME && !r->has_data) {
      size_t at = record.rdata;
      lower_ttl(r->out, record.ttl);
      if (++r->hops > DNSRESULT_CNAMES_MAX || !read_name(&p, &at, r->name)) r->broken = true;
      return !r->broken;
    }
  }
  r->out->partial = r->out->partial || count > DNSRESULT_RECORDS_MAX;
  return false;
}

static bool is_at_or_below(const char *name, const char *zone) {
  struct span n = span_str(name), z = span_str(zone);
  if (z.len == 0) return true;
  return span_ends_nocase(n, z) && (n.len == z.len || n.s[n.len - z.len - 1] == '.');
}

/* The SOA record of a zone that the name is in. */
static bool find_soa(struct packet p, const struct reading *r, uint32_t *ttl) {
  struct record record;
  size_t skip = DNS_HEADER_ANCOUNT(p.data), count = skip + DNS_HEADER_NSCOUNT(p.data);
  *ttl = 0;
  for (size_t i = 0; i < count && i < DNSRESULT_RECORDS_MAX; i++) {
    if (!read_record(&p, &record)) return false;
    if (i < skip || record.class != CLASS_IN || record.type != TYPE_SOA || record.rdlen < 22 ||
        !is_at_or_below(r->name, record.owner))
      continue;
    uint32_t minimum = DNS__32BIT(p.data + record.rdata + record.rdlen - 4);
    *ttl = minimum < record.ttl ? minimum : record.ttl;
    if (*ttl > NEGATIVE_MAX) *ttl = NEGATIVE_MAX;
    return true;
  }
  return false;
}

/* An empty answer is a fact only where a SOA record says who speaks: a referral, and some broken
   forwarder, is empty as well. NXDOMAIN speaks for itself. */
static void conclude_negative(const struct packet *p, const struct reading *r, int rcode) {
  uint32_t ttl;
  bool has_soa = find_soa(*p, r, &ttl);
  lower_ttl(r->out, ttl);
  if (rcode == 3) r->out->status = r->hops ? DNS_NODATA : DNS_NXDOMAIN;
  else if (has_soa) r->out->status = DNS_NODATA;
}

void dnsresult_decode(const uint8_t *packet, size_t len, const struct question *q,
                      struct dnsresult *out) {
  struct packet p = {packet, len, 0};
  struct reading r = {.out = out, .q = q};
  *out = (struct dnsresult){.status = DNS_UNKNOWN, .ttl = POSITIVE_MAX};
  if (!read_question(&p, q)) return;
  memcpy(r.name, q->name, (size_t)q->len + 1);
  while (read_answers(p, &r)) {
  }
  int rcode = DNS_HEADER_RCODE(packet);
  if (r.broken || (rcode != 0 && rcode != 3)) return;
  if (r.has_data && rcode == 0) out->status = DNS_DATA;
  if (!r.has_data && !out->partial) conclude_negative(&p, &r, rcode);
}

struct addr dnsresult_address(const struct dnsresult *f, size_t i) {
  struct addr a;
  memcpy(a.byte, f->data + i * sizeof a.byte, sizeof a.byte);
  return a;
}

struct span dnsresult_names(const struct dnsresult *f) {
  return span_of((const char *)f->data, f->len);
}

bool dnsresult_next_name(struct span *rest, struct span *name) {
  if (rest->len == 0) return false;
  *name = span_head(span_from(*rest, 1), (unsigned char)rest->s[0]);
  *rest = span_from(*rest, 1 + name->len);
  return true;
}
