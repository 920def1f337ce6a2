/* dnsresult.h: what a DNS message says to a question.

   The packet is untrusted data read directly from the network. Names in it are expanded by c-ares
   (ares_expand_name), which bounds compression and writes strange bytes as `\` and digits; this
   module only walks the records, since the parsers of c-ares tell neither the time to live of PTR
   and MX records nor that of a negative answer. It believes what stands in the answer section under
   the name asked for, or under the name that at most DNSRESULT_CNAMES_MAX CNAME records lead to from there,
   and nothing else. At most DNSRESULT_RECORDS_MAX records are looked at; `partial` tells that there was more.

   NODATA and NXDOMAIN are told apart as in RFC 2308, section 2, but NODATA needs a SOA record.
   NXDOMAIN for the end of a chain of CNAMEs is NODATA, since the name asked for does exist. An
   empty answer, a referral, a contradiction, an error or anything malformed is UNKNOWN. ttl is in
   seconds: the least of the records used, at most a day; for negative answers that of the SOA
   record, bounded by its MINIMUM (RFC 2308, section 5), at most three hours, and 0 where there is
   none. */
#ifndef SINBIN_RESOLVE_DNSRESULT_H
#define SINBIN_RESOLVE_DNSRESULT_H

#include "resolve/question.h"

#define DNSRESULT_CNAMES_MAX    8
#define DNSRESULT_RECORDS_MAX   256
#define DNSRESULT_ADDRESSES_MAX 64
#define DNSRESULT_NAMES_MAX     10
#define DNSRESULT_NAME_MAX      255 /* bytes of a name's text that are kept */
#define DNSRESULT_BYTES_MAX     (DNSRESULT_NAMES_MAX * (DNSRESULT_NAME_MAX + 1))

enum dnsstatus { DNS_UNKNOWN, DNS_DATA, DNS_NODATA, DNS_NXDOMAIN };

struct dnsresult {
  enum dnsstatus status;
  bool partial;
  uint8_t
      count;    /* of addresses or names; of MX, those that name a host: 0 is a null MX, RFC 7505 */
  uint16_t len; /* bytes of data in use */
  uint32_t ttl;
  /* A, AAAA: struct addr after struct addr; PTR: a length byte and the text, name after name. */
  uint8_t data[DNSRESULT_BYTES_MAX];
};

void dnsresult_decode(const uint8_t *packet, size_t len, const struct question *q,
                      struct dnsresult *out);

struct addr dnsresult_address(const struct dnsresult *f, size_t i);
/* The next name of *rest, which begins as all of the data. False at the end. */
bool dnsresult_next_name(struct span *rest, struct span *name);
struct span dnsresult_names(const struct dnsresult *f);

#endif
