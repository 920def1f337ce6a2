/* gunzip.h: unpacks gzip data in memory (RFC 1952), up to a given size.

   Several members one after another are one text, as in gzip(1). Anything else after the last
   member is refused, and so is data that is cut short or fails its check. */
#ifndef SINBIN_RULE_GUNZIP_H
#define SINBIN_RULE_GUNZIP_H

#include "base/span.h"

bool gunzip_is(struct span data);

/* The caller frees text, which has len bytes, at most `max`. If false, reason says why; NULL means
   errno ENOMEM. */
struct gunzipped {
  char *text;
  size_t len;
  const char *reason;
};
bool gunzip(struct span data, size_t max, struct gunzipped *out);

#endif
