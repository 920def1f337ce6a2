/* dnsresult.h: decodes a DNS response into the result of a question.

   The packet is untrusted data read directly from the network. c-ares (ares_expand_name) expands
   the names in it: it limits compression and escapes unusual bytes as `\` and three digits. This
   module walks the records itself, because the parsers of c-ares return neither the TTL of PTR and
   MX records nor that of a negative answer.

   Only records of the answer section are used. Their owner is the name of the question, or a name
   that CNAME records lead to from there, at most DNSRESULT_CNAMES_MAX of them. At most
   DNSRESULT_RECORDS_MAX records are read; `partial` is set if there were more records or data than
   are kept.

     DNS_DATA      there are records of the type asked for
     DNS_NODATA    there are none, and a SOA record names the zone (RFC 2308, 2.2). Also if a
                   chain of CNAMEs ends in NXDOMAIN: the name of the question exists
     DNS_NXDOMAIN  the name does not exist
     DNS_UNKNOWN   everything else: an empty answer, a referral, a contradiction, another response
                   code, anything malformed

   ttl is in seconds: the least of the records used, at most a day. For a negative answer it is the
   TTL of the SOA record or its MINIMUM, whichever is less (RFC 2308, 5), at most three hours, and 0
   without a SOA record. */
#ifndef SINBIN_RESOLVE_DNSRESULT_H
#define SINBIN_RESOLVE_DNSRESULT_H

#include "resolve/question.h"

#define DNSRESULT_CNAMES_MAX    8
#define DNSRESULT_RECORDS_MAX   256
#define DNSRESULT_ADDRESSES_MAX 64
#define DNSRESULT_NAMES_MAX     10
#define DNSRESULT_NAME_MAX      255 /* bytes of a name's text; the rest is cut off */
#define DNSRESULT_BYTES_MAX     (DNSRESULT_NAMES_MAX * (DNSRESULT_NAME_MAX + 1))

enum dnsstatus { DNS_UNKNOWN, DNS_DATA, DNS_NODATA, DNS_NXDOMAIN };

struct dnsresult {
  enum dnsstatus status;
  bool partial;
  /* Addresses or names in data. For MX, the records that name a host: 0 is a null MX (RFC 7505). */
  uint8_t count;
  uint16_t len; /* bytes of data in use */
  uint32_t ttl;
  /* A and AAAA: one struct addr after the other. PTR: for each name a length byte and the text. */
  uint8_t data[DNSRESULT_BYTES_MAX];
};

void dnsresult_decode(const uint8_t *packet, size_t len, const struct question *q,
                      struct dnsresult *out);

struct addr dnsresult_address(const struct dnsresult *r, size_t i);
/* All names of a PTR result; dnsresult_next_name splits them. */
struct span dnsresult_names(const struct dnsresult *r);
/* Removes the next name from *rest. False at the end. */
bool dnsresult_next_name(struct span *rest, struct span *name);

#endif
