/* rbldnsd.h: the output (output.h) that rbldnsd reads: the datasets of dataset.h and the expiry of
   expiry.h, in one directory.

   rbldnsd serves no zone if one of its files is missing. rbldnsd_create_missing therefore writes
   every file that does not exist yet, without listings, before the store is opened. It keeps the
   files of an earlier run: rbldnsd answers from them until the store was read, or until they expire.

   A function that returns bool returns false on an error of the system, which is in `files`, or if
   there is no memory: files.failure is then NULL. The output's end also returns false when *stop is
   set; the file that is being written is finished. */
#ifndef SINBIN_PUBLISH_RBLDNSD_H
#define SINBIN_PUBLISH_RBLDNSD_H

#include "publish/dataset.h"
#include "publish/files.h"
#include "publish/output.h"
#include <signal.h>

struct rbldnsd {
  struct files files;
  const struct zone_settings *zone;
  int64_t lifetime; /* seconds for which rbldnsd answers after the expiry was written */
  const volatile sig_atomic_t *stop;
  unsigned int partition; /* which is being written */
  struct dataset_texts texts;
  struct file_state dataset[PARTITIONS][DATASET_KINDS];
  struct file_state expiry;
  int64_t end; /* the date in the expiry; 0: not known */
};

/* The output; it borrows r. */
struct output rbldnsd_output(struct rbldnsd *r);
void rbldnsd_free(struct rbldnsd *r);

bool rbldnsd_create_missing(struct rbldnsd *r, int64_t now);

/* The expiry must be written only if the store was read and all datasets are up to date. */
bool rbldnsd_expiry_is_due(const struct rbldnsd *r, int64_t now);
bool rbldnsd_write_expiry(struct rbldnsd *r, int64_t now);

#endif
