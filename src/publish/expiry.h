/* expiry.h: until when rbldnsd answers if the publisher ends.

   A listing leaves its dataset only when the publisher rewrites it. rbldnsd answers SERVFAIL for a
   whole zone when one of its datasets has expired. So both zones have one small dataset more,
   EXPIRY_NAME. It has no entries, only the date END. The publisher moves END on as long as it can
   read the store and write the datasets:

     $TIMESTAMP 0 END

   rbldnsd takes dates of the years 1970 to 2038, in UTC. It takes the first second of 1970 as no
   date, and ignores a line with a date of other years: such a dataset would never expire. So END is
   always a date that rbldnsd takes, and after 2038 the zones are expired.

   Pure. Times are unix seconds. A lifetime is at least EXPIRY_LIFETIME_MIN seconds. */
#ifndef SINBIN_PUBLISH_EXPIRY_H
#define SINBIN_PUBLISH_EXPIRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPIRY_NAME         "expiry"
#define EXPIRY_TEXT_MAX     160
#define EXPIRY_LIFETIME_MIN 3
#define EXPIRY_END_MIN      INT64_C(1)
#define EXPIRY_END_MAX      INT64_C(2177452799) /* 2038-12-31 23:59:59 */

/* END for a dataset written now. */
int64_t expiry_end(int64_t now, int64_t lifetime);
/* False if now + lifetime is not a date that rbldnsd takes. expiry_end is then the nearest one that
   is. */
bool expiry_is_possible(int64_t now, int64_t lifetime);

/* Whether END must be written again: after ten minutes (after a third of the lifetime if that is
   less), and if the clock was set so that END is too early or too late. */
bool expiry_is_due(int64_t end, int64_t now, int64_t lifetime);

/* The dataset. Returns its length; there is no NUL. */
size_t expiry_format(char out[EXPIRY_TEXT_MAX], int64_t end);

#endif
