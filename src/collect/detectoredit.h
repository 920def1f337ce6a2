/* detectoredit.h: changes the directory of detectors (sinbin-collect(8)), one file at a time.

   This is one of the parts of this floor that touch files. Each file is the old one or the new one,
   also after a power cut, and a detector is there whole or not at all, so that a collector may read
   the directory at any time: what is being written has a name that begins with a dot. Whoever has
   the directory open here excludes others who change it. Where root runs this, what is made belongs
   to the owner of the directory. Names of detectors are valid ones. False with what is wrong, and
   where. */
#ifndef SINBIN_COLLECT_DETECTOREDIT_H
#define SINBIN_COLLECT_DETECTOREDIT_H

#include "collect/detectordir.h"
#include <sys/types.h>

#define KEY_DIGITS (2 * MAC_KEY_BYTES)

struct detectoredit {
  int dir;
  bool give;
  uid_t uid;
  gid_t gid;
};

/* A file of a detector; a mode of 0 is 0644. */
struct detectoredit_file {
  const char *name;
  struct span text; /* without a line end, which is added */
  mode_t mode;
};

bool detectoredit_open(struct detectoredit *e, const char *path, struct diagnosis *p);
void detectoredit_close(struct detectoredit *e);

/* A new secret, in hexadecimal digits and a NUL; to be wiped once it is written. */
bool detectoredit_make_key(char hex[KEY_DIGITS + 1]);

/* A new detector with those files. */
bool detectoredit_add(struct detectoredit *e, const char *detector,
                      const struct detectoredit_file *files, size_t count, struct diagnosis *p);
/* detector ".": a file of the directory itself. */
bool detectoredit_put(struct detectoredit *e, const char *detector,
                      const struct detectoredit_file *file, struct diagnosis *p);
/* True where it is not there, as well. */
bool detectoredit_remove(struct detectoredit *e, const char *detector, const char *file,
                         struct diagnosis *p);

#endif
