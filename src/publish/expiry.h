/* expiry.h: until when rbldnsd may answer, should the publisher end.

   The listings in a dataset end only when the publisher rewrites it. rbldnsd answers SERVFAIL for a
   whole zone when one of its datasets has expired, so one small dataset, EXPIRY_NAME, is part of
   both zones. It has no entries, only the date END, which the publisher moves on as long as it can
   read the store and write the datasets:

     $TIMESTAMP 0 END

   rbldnsd takes dates of the years 1970 to 2038, in UTC, takes the very first second for no date,
   and ignores a line with any other date: such a dataset would never expire. END is kept within
   what rbldnsd takes. After 2038 the zones are therefore expired.

   Pure. Times are unix seconds, a lifetime is at least EXPIRY_LIFETIME_MIN seconds. */
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

/* True when END wants to be written again: after ten minutes, after a third of a lifetime of less
   than half an hour, and when the clock was set so that END is too near or too far. */
bool expiry_is_due(int64_t end, int64_t now, int64_t lifetime);

/* The dataset. Returns its length; there is no NUL. */
size_t expiry_format(char out[EXPIRY_TEXT_MAX], int64_t end);

#endif
