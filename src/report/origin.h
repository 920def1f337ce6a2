/* origin.h: the detector, key generation and epoch at the head of every line between a detector and
   a collector. sinbin-report(5) specifies them. */
#ifndef SINBIN_REPORT_ORIGIN_H
#define SINBIN_REPORT_ORIGIN_H

#include "base/span.h"
#include <stdint.h>

#define DETECTOR_MAX 32
#define KEYGEN_MAX   UINT64_C(4294967295)
#define EPOCH_MAX    UINT64_C(253402300799) /* the last second of the year 9999 */

/* The same on every line of a datagram. */
struct origin {
  struct span detector;
  uint64_t keygen, epoch; /* from 1 */
};

bool origin_equal(const struct origin *a, const struct origin *b);
bool origin_is_valid(const struct origin *o);
bool origin_detector_is_valid(struct span name); /* [a-z0-9-]{1,32} */

#endif
