/* detectoredit.h: changes the directory of detectors (sinbin-collect(8)), one file at a time.

   This module reads and writes files. After a power cut, too, a file has its old or its new
   content, and a new detector exists completely or not at all, so a collector may read the
   directory at any time: unfinished files have a name that begins with a dot. An open directory is
   locked against other programs that change it through this module. If the user is root, new files
   belong to the owner of the directory. The caller passes valid names of detectors only. Errors are
   returned as text that names the file. */
#ifndef SINBIN_COLLECT_DETECTOREDIT_H
#define SINBIN_COLLECT_DETECTOREDIT_H

#include "collect/detectordir.h"
#include <sys/types.h>

#define DETECTOREDIT_KEY_HEX (2 * MAC_KEY_BYTES)

struct detectoredit {
  int dir;
  bool change_owner; /* to uid and gid */
  uid_t uid;
  gid_t gid;
};

/* A file of a detector. Mode 0 means 0644. */
struct detectoredit_file {
  const char *name;
  struct span text; /* without the line end, which is added */
  mode_t mode;
};

bool detectoredit_open(struct detectoredit *e, const char *path, struct diagnosis *p);
void detectoredit_close(struct detectoredit *e);

/* Makes a random key, as hexadecimal digits and a NUL. The caller must wipe it after use. */
bool detectoredit_make_key(char hex[DETECTOREDIT_KEY_HEX + 1]);

/* Adds a detector with these files. */
bool detectoredit_add(struct detectoredit *e, const char *detector,
                      const struct detectoredit_file *files, size_t count, struct diagnosis *p);
/* detector ".": the file is in the directory itself. */
bool detectoredit_put(struct detectoredit *e, const char *detector,
                      const struct detectoredit_file *file, struct diagnosis *p);
/* True also if there is no such file. */
bool detectoredit_remove(struct detectoredit *e, const char *detector, const char *file,
                         struct diagnosis *p);

#endif
