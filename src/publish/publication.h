/* publication.h: one publication, from a snapshot of the store to the texts of all datasets that may have
   changed.

   Every place that is due is read, made into a sheet and handed to `emit`, the bases first and the
   hot places last: while files are being replaced a listing may for a moment stand in two of them,
   but never in none. emit returns false to stop; the round then ends with READER_STOPPED and is
   taken up again by the next one. On any result but READER_OK nothing is lost: the board knows what
   is still to be done. */
#ifndef SINBIN_PUBLISH_PUBLICATION_H
#define SINBIN_PUBLISH_PUBLICATION_H

#include "publish/published.h"
#include "store/reader.h"

struct publication {
  const struct zone_head *head;
  struct published *published;
  struct datasets_text sheet; /* scratch, kept from round to round */
  int64_t seen;               /* the highest `changed` that the board knows */
  bool (*write_dataset)(void *context, unsigned int partition, const struct datasets_text *sheet);
  void *context;
};

enum reader_result publication_run(struct publication *r, struct reader *reader, int64_t now);

#endif
