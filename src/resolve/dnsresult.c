#include "resolve/dnsresult.h"
#include <ares.h>
#include <ares_dns.h>

#define HEADER_BYTES     12
#define FIXED_BYTES      10 /* type, class, TTL and length of a record */
#define TYPE_CNAME       5
#define TYPE_SOA         6
#define CLASS_IN         1
#define RCODE_NXDOMAIN   3
#define TEXT_MAX         1024 /* a name of 255 bytes, all of them escaped */
#define TTL_MAX          86400
#define NEGATIVE_TTL_MAX 10800

struct packet {
  const uint8_t *data;
  size_t len, at;
};

struct dnsrecord {
  char owner[TEXT_MAX];
  uint16_t type, class;
  uint32_t ttl;
  size_t rdata, rdlen;
};

/* Reads the name at *at and sets *at to the byte after it. */
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

static bool read_record(struct packet *p, struct dnsrecord *r) {
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

/* True if the packet is a complete response to exactly this question. p->at is then after it. */
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

static void lower_ttl(struct dnsresult *out, uint32_t ttl) {
  if (ttl < out->ttl) out->ttl = ttl;
}

static bool add_address(struct dnsresult *out, const uint8_t *bytes, size_t len) {
  struct addr a = {{0}};
  if (out->count == DNSRESULT_ADDRESSES_MAX) out->partial = true;
  if (out->partial) return true;
  if (len == 4) a.byte[10] = a.byte[11] = 0xff;
  memcpy(a.byte + 16 - len, bytes, len);
  memcpy(out->data + out->len, a.byte, sizeof a.byte);
  out->len += (uint16_t)sizeof a.byte;
  out->count++;
  return true;
}

static void add_name(struct dnsresult *out, const char *text) {
  struct span name = span_head(span_str(*text ? text : "."), DNSRESULT_NAME_MAX);
  if (out->count == DNSRESULT_NAMES_MAX) out->partial = true;
  if (out->partial) return;
  out->data[out->len] = (uint8_t)name.len;
  memcpy(out->data + out->len + 1, name.s, name.len);
  out->len += (uint16_t)(name.len + 1);
  out->count++;
}

/* False if the record is malformed. */
static bool add_data(struct dnsresult *out, const struct packet *p, const struct dnsrecord *r) {
  char name[TEXT_MAX];
  size_t at = r->rdata;
  size_t end = at + r->rdlen;
  lower_ttl(out, r->ttl);
  switch (r->type) {
  case TYPE_A: return r->rdlen == 4 && add_address(out, p->data + at, 4);
  case TYPE_AAAA: return r->rdlen == 16 && add_address(out, p->data + at, 16);
  case TYPE_PTR:
    if (!read_name(p, &at, name) || at != end) return false;
    add_name(out, name);
    return true;
  case TYPE_MX:
    at += 2;
    if (r->rdlen < 3 || !read_name(p, &at, name) || at != end) return false;
    if (*name && out->count < UINT8_MAX) out->count++;
    return true;
  }
  return false;
}

struct decoder {
  const struct question *question;
  struct dnsresult *out;
  char name[TEXT_MAX]; /* records of this owner count: the question's name, or a CNAME's target */
  unsigned int cnames; /* followed so far */
  bool has_data, malformed;
};

/* False if the CNAME is malformed or one too many. */
static bool follow_cname(struct decoder *d, const struct packet *p, const struct dnsrecord *r) {
  size_t at = r->rdata;
  lower_ttl(d->out, r->ttl);
  return ++d->cnames <= DNSRESULT_CNAMES_MAX && read_name(p, &at, d->name);
}

/* Reads the answer section once, up to a CNAME of d->name. Returns true if there was one: d->name
   is then its target, and the section must be read again from its beginning. */
static bool read_answers(struct packet p, struct decoder *d) {
  struct dnsrecord record;
  size_t count = DNS_HEADER_ANCOUNT(p.data);
  for (size_t i = 0; i < count && i < DNSRESULT_RECORDS_MAX; i++) {
    if (!read_record(&p, &record)) {
      d->malformed = true;
      return false;
    }
    if (record.class != CLASS_IN || !is_same_name(record.owner, d->name)) continue;
    if (record.type == d->question->type) {
      d->has_data = true;
      if (!add_data(d->out, &p, &record)) d->malformed = true;
    } else if (record.type == TYPE_CNAME && !d->has_data) {
      d->malformed = !follow_cname(d, &p, &record);
      return !d->malformed;
    }
  }
  d->out->partial = d->out->partial || count > DNSRESULT_RECORDS_MAX;
  return false;
}

/* Finds the SOA record of a zone that the name is in. *ttl is 0 if there is none. */
static bool find_soa(struct packet p, const struct decoder *d, uint32_t *ttl) {
  struct dnsrecord record;
  size_t skip = DNS_HEADER_ANCOUNT(p.data), count = skip + DNS_HEADER_NSCOUNT(p.data);
  *ttl = 0;
  for (size_t i = 0; i < count && i < DNSRESULT_RECORDS_MAX; i++) {
    if (!read_record(&p, &record)) return false;
    if (i < skip || record.class != CLASS_IN || record.type != TYPE_SOA || record.rdlen < 22 ||
        !question_name_is_in(span_str(d->name), span_str(record.owner)))
      continue;
    uint32_t minimum = DNS__32BIT(p.data + record.rdata + record.rdlen - 4);
    *ttl = minimum < record.ttl ? minimum : record.ttl;
    if (*ttl > NEGATIVE_TTL_MAX) *ttl = NEGATIVE_TTL_MAX;
    return true;
  }
  return false;
}

/* An empty answer means NODATA only if it has a SOA record: a referral is empty as well, and so are
   the answers of some broken forwarders. NXDOMAIN needs no SOA record. */
static void set_negative(const struct packet *p, const struct decoder *d, int rcode) {
  uint32_t ttl;
  bool has_soa = find_soa(*p, d, &ttl);
  lower_ttl(d->out, ttl);
  if (rcode == RCODE_NXDOMAIN) d->out->status = d->cnames ? DNS_NODATA : DNS_NXDOMAIN;
  else if (has_soa) d->out->status = DNS_NODATA;
}

void dnsresult_decode(const uint8_t *packet, size_t len, const struct question *q,
                      struct dnsresult *out) {
  struct packet p = {packet, len, 0};
  struct decoder d = {.question = q, .out = out};
  *out = (struct dnsresult){.status = DNS_UNKNOWN, .ttl = TTL_MAX};
  if (!read_question(&p, q)) return;
  memcpy(d.name, q->name, (size_t)q->len + 1);
  while (read_answers(p, &d)) {
  }
  int rcode = DNS_HEADER_RCODE(packet);
  if (d.malformed || (rcode != 0 && rcode != RCODE_NXDOMAIN)) return;
  if (d.has_data && rcode == 0) out->status = DNS_DATA;
  if (!d.has_data && !out->partial) set_negative(&p, &d, rcode);
}

struct addr dnsresult_address(const struct dnsresult *r, size_t i) {
  struct addr a;
  memcpy(a.byte, r->data + i * sizeof a.byte, sizeof a.byte);
  return a;
}

struct span dnsresult_names(const struct dnsresult *r) {
  return span_of((const char *)r->data, r->len);
}

bool dnsresult_next_name(struct span *rest, struct span *name) {
  if (rest->len == 0) return false;
  *name = span_head(span_from(*rest, 1), (unsigned char)rest->s[0]);
  *rest = span_from(*rest, 1 + name->len);
  return true;
}
