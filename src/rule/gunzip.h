/* gunzip.h: gzip data in memory made text (RFC 1952), never more of it than is wanted.

   Several members behind one another are one text, as gzip(1) has it; anything else behind the last
   is refused, and so is data that is cut short or fails its check. */
#ifndef SINBIN_RULE_GUNZIP_H
#define SINBIN_RULE_GUNZIP_H

#include "base/span.h"

bool gunzip_is(struct span data);

/* *out, which the caller frees, has *len bytes, at most `max`. False: *reason says why, NULL for
   errno ENOMEM. */
struct gunzipped {
  char *text;
  size_t len;
  const char *reason;
};
bool gunzip(struct span data, size_t max, struct gunzipped *out);

#endif
