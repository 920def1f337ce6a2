/* txt.h: the TXT record of a listing, as a template for rbldnsd.

     COLOUR: SINS; last seen TIME; detectors BAND; URL

   rbldnsd puts the address that was asked for in the place of `$` in the URL; the record is at most
   TXT_MAX bytes long after that. Sins that do not fit are left out, with "..." in their place.

   The sins come from the store and are not trusted. Only [a-z0-9-] of a name, and the commas
   between names, are kept. `$`, `:`, `#`, `;` and line ends, which mean something to rbldnsd, are
   dropped. Times are unix seconds, written in UTC and rounded down to ten minutes:
   a bot cannot find out which of its sessions was the last one that was seen. Pure. */
#ifndef SINBIN_PUBLISH_TXT_H
#define SINBIN_PUBLISH_TXT_H

#include "base/textbuf.h"
#include "store/reader.h"

#define TXT_MAX      255 /* bytes of the record's one string (RFC 1035 section 3.3.14) */
#define TXT_URL_MAX  120 /* with the longest address in the place of `$` */
#define TXT_TIME_LEN 20

/* An http or https URL of printable bytes that are safe within a TXT, with at most one `$`, in whose
   place rbldnsd puts an address. */
bool txt_url_is_valid(struct span url);

/* `url` may be empty. Returns the length; 0 for a row without a colour. */
size_t txt_format(const struct listing_row *l, struct span url, char out[TXT_MAX]);

/* A list of sins, at most `room` bytes, cut between two sins. */
void txt_add_sins(struct textbuf *t, struct span sins, size_t room);
/* "2026-11-23 23:20 UTC"; nothing for a time that is not within the years 1970 to 9999. */
void txt_add_time(struct textbuf *t, int64_t unixtime);
/* The number of detectors, as a band: 1, 2-4, 5-9, 10+. */
const char *txt_band(uint64_t detectors);

#endif
