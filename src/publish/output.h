/* output.h: what the listings are written as. rbldnsd.h is one output; others can be added.

   A publication (publication.h) gives an output the listings of each partition that may have
   changed: begin, then add for each listing in ascending order of the keys, then end. The output
   replaces what it wrote of the partition before end returns. What it wrote of other partitions
   stays as it is: their answers have not changed. An output whose reader needs all listings in one
   file keeps the text of each partition, and joins them.

   begin and add return false if there is no memory. end returns false to stop the publication, for
   example after a failed write. A partition whose end was not reached, or was false, is given again
   in the next publication. */
#ifndef SINBIN_PUBLISH_OUTPUT_H
#define SINBIN_PUBLISH_OUTPUT_H

#include "store/reader.h"
#include <stdbool.h>
#include <stdint.h>

struct output {
  bool (*begin)(void *context, unsigned int partition);
  /* `answers` (answers.h) is not 0. */
  bool (*add)(void *context, const struct listing_row *l, uint8_t answers);
  bool (*end)(void *context);
  void *context;
};

#endif
