/* hostpart.h: what a registered domain leaves of a host name.

   The registered domain is the last two labels, or three where the last is a country's and the one
   before it a category (isp.co.uk, isp.com.br). The categories are a short fixed list: one that is
   missing makes the firm's own label a part of the host's, nothing worse. Total and pure. */
#ifndef SINBIN_SCORE_HOSTPART_H
#define SINBIN_SCORE_HOSTPART_H

#include "base/span.h"

/* What stands before the registered domain, without the dot between: "a.b" of "a.b.isp.co.uk".
   name is in lower case and without a trailing dot. */
struct span hostpart_of(struct span name);

#endif
