/* lists.h: writes the lists (list.h) of outlets as files in one directory.

   A writing gives each list that is due all listings of one snapshot of the store:

     lists_begin, then lists_add for all listings in ascending order, then lists_end

   A list that cannot be written does not stop the others. It stays due, and its `failure`, `error`
   and `path` say why: a message is FAILURE PATH: text of ERROR. Its last file stays as it was. Each
   file is replaced as a whole (sys/atomicfile.h).

   If `sums` is set, the SHA-256 of each file is computed before the file gets its name.
   lists_write_sums writes them to the file LISTS_SUMS, in the form of sha256sum(1). A list that was
   not written since the start is left out. */
#ifndef SINBIN_PUBLISH_LISTS_H
#define SINBIN_PUBLISH_LISTS_H

#include "publish/list.h"
#include "sys/atomicfile.h"

#define LISTS_MAX       16
#define LISTS_SUMS      "SHA256SUMS"
#define LISTS_SUM_BYTES 32

struct list_file {
  const struct list_form *form;
  bool due;                     /* to be written by the next writing */
  const char *failure;          /* "unable to write "; NULL: the last writing succeeded */
  int error;                    /* of errno(3) */
  uint64_t count;               /* entries when it was last written */
  bool written;                 /* since the start */
  uint8_t sum[LISTS_SUM_BYTES]; /* of the file that was written last; only with lists.sums */
  size_t head;                  /* bytes; of the file that is being written */
  struct atomicfile file;
  struct list_text text;
};

struct lists {
  struct list_file *list[LISTS_MAX];
  size_t count;
  const char *dir;
  bool sums;
};

/* Adds the lists of an outlet, which are due. False: no memory. */
bool lists_add_outlet(struct lists *l, const struct list_form *forms);
void lists_free(struct lists *l);

void lists_set_due(struct lists *l);
bool lists_are_due(const struct lists *l); /* at least one */

/* *info is used until lists_end. */
void lists_begin(struct lists *l, const struct list_info *info);
/* A listing with these answers (answers.h); only black ones are in lists. */
void lists_add(struct lists *l, const struct listing_row *row, uint8_t answers);
/* complete: all listings were given. If not, no file is replaced, and the lists stay due. */
void lists_end(struct lists *l, bool complete);

/* False on an error of the system, in errno. */
bool lists_write_sums(const struct lists *l);

#endif
