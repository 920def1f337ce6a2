/* snapshot.h: gives an output (output.h) all listings of one snapshot of the store, base partition
   after base partition (partition.h), so in ascending order of the keys.

   Unlike a publication (publication.h) it has no state, and there are no hot partitions. It is for
   outputs that write all listings into one file. The result is that of the reader, READER_MEMORY, or
   READER_STOPPED if the output stopped it. Unix seconds; INT64_MAX is never. */
#ifndef SINBIN_PUBLISH_SNAPSHOT_H
#define SINBIN_PUBLISH_SNAPSHOT_H

#include "publish/output.h"
#include "store/reader.h"

struct snapshot {
  int64_t newest;     /* the highest `changed` of the rows; -1: there are none */
  int64_t next_end;   /* when the first of the listings ends */
  int64_t next_begin; /* when the first row begins to count that was left out as too far ahead */
};

enum reader_result snapshot_read(struct snapshot *s, struct reader *reader,
                                 const struct output *output, int64_t now);

#endif
