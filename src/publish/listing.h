/* listing.h: one row of the collector's store, and what DNS answers for it.

   The answers of a row at a moment are a small number (0: the address is not in DNS at all): its
   colour and, beside a colour, its habit of ending sessions. Two rows with the same number have the
   same A records, so comparing numbers tells whether a dataset must be written anew.

     colour  black 127.0.0.2 (bl. and all.)  yellow 127.0.0.3 (all.)  brown 127.0.0.4 (all.)
     habit   quits 127.0.1.1   never quits 127.0.1.2   mixed 127.0.1.3   (all.)

   A row of colour `none`, or whose `until` has come, answers nothing, whatever its habit. Nor does
   one whose `until` is further ahead than any listing lasts: it was written under another clock.
   Never published: addresses that no peer can have (0/8, 224/3), the test addresses of RFC 5782
   (127.0.0.1, 127.0.0.2, and ::/64, which holds ::1 too) and an IPv6 row that is no /64. The rest
   of 127/8 is for the never-list to keep out, so that a trap can be tried out on loopback. */
#ifndef SINBIN_PUBLISH_LISTING_H
#define SINBIN_PUBLISH_LISTING_H

#include "base/addr.h"
#include "base/span.h"
#include "policy/evidence.h"
#include "policy/policy.h"
#include "store/reader.h"
#include <stdint.h>

enum quit_history {
  QUIT_HISTORY_UNKNOWN,
  QUIT_HISTORY_QUITS,
  QUIT_HISTORY_NEVER,
  QUIT_HISTORY_MIXED
};

/* The first second at which a row with that `until` can count. */
int64_t listed_begin(int64_t until);
bool listed_is_publishable(const struct addr *ip);
/* 0 or answers that answers_colour and answers_quit_history take apart. */
uint8_t listed_answers(const struct listing_row *l, int64_t now);
enum colour answers_colour(uint8_t answers);
enum quit_history answers_quit_history(uint8_t answers);

#define TXT_MAX        255 /* bytes of a TXT record's one string (RFC 1035 section 3.3.14) */
#define LOOKUP_URL_MAX 120 /* with `$` grown to an address */

/* A look-up URL holds printable bytes that are safe in a dataset, and at most one `$`, for which
   rbldnsd puts the address that was asked for. */
bool lookup_url_is_valid(struct span url);

/* The TXT record as a template for rbldnsd: no longer than TXT_MAX once `$` is an address. `url`
   may be empty. Returns the length; 0 for a row without a colour. */
size_t listed_text(const struct listing_row *l, struct span url, char out[TXT_MAX]);

#endif
