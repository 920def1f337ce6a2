/* publication.h: one publication: reads a snapshot of the store, updates the state of the listings
   (published.h), and gives an output (output.h) every partition that may have changed.

   The base partitions come first, the hot ones last. So while the output replaces its files, a
   listing may be in two of them for a moment, but it is never in none.

   The result is that of the reader, READER_MEMORY, or READER_STOPPED if the output stopped the
   publication. Unless it is READER_OK, the next publication goes on with what is still due. */
#ifndef SINBIN_PUBLISH_PUBLICATION_H
#define SINBIN_PUBLISH_PUBLICATION_H

#include "publish/output.h"
#include "publish/published.h"
#include "store/reader.h"

struct publication {
  struct published *published;
  struct output output;
  int64_t seen; /* the highest `changed` of the rows that were noted; at first -1 */
};

enum reader_result publication_run(struct publication *p, struct reader *reader, int64_t now);

#endif
