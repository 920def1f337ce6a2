/* files.h: replaces files in a directory that another program reads.

   Each file is replaced as a whole (sys/atomicfile.h). rbldnsd recognises a new file only by its
   size and by its modification time in whole seconds. So a file that replaces one of the same second
   is made larger than it, by comment lines at its end.

   files_find, files_replace and files_update return false on an error of the system, and set
   `failure`, `error` and `path`: a message is FAILURE PATH: text of ERROR. */
#ifndef SINBIN_PUBLISH_FILES_H
#define SINBIN_PUBLISH_FILES_H

#include "base/span.h"
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define FILES_NAME_MAX 16 /* with a NUL */

struct files {
  const char *dir;
  bool changed;        /* a file was replaced; only the caller sets it to false */
  const char *failure; /* "unable to write "; NULL: no error yet */
  int error;           /* of errno(3) */
  char path[PATH_MAX];
};

/* What the reader may have loaded last of one file. Initialise it with {0}. */
struct file_state {
  uint64_t hash; /* of the text that files_update wrote; 0: it has not written one */
  off_t size;    /* 0: there is no file */
  time_t mtime;
};

/* False if the name of the directory is too long. */
bool files_init(struct files *f, const char *dir);

/* Whether the file exists; if it does, *file is its state. */
bool files_find(struct files *f, const char *name, struct file_state *file, bool *exists);
bool files_replace(struct files *f, const char *name, struct file_state *file, struct span text);
/* Replaces the file unless its last files_update had the same text. */
bool files_update(struct files *f, const char *name, struct file_state *file, struct span text);

/* Exactly n bytes of comment lines. */
void files_padding(char *out, size_t n);

#endif
