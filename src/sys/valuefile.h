/* valuefile.h: a file that holds one short value.

   The value is what the file holds without blanks and line ends around it; it borrows from the
   caller's buffer, and may be empty. Returns: 1 read, 0 there is no such file, -1 with errno set
   (EFBIG where there is more than VALUEFILE_MAX bytes). */
#ifndef SINBIN_SYS_VALUEFILE_H
#define SINBIN_SYS_VALUEFILE_H

#include "base/span.h"

#define VALUEFILE_MAX 256

/* path is relative to the directory open on dirfd (AT_FDCWD: the working directory). */
int valuefile_read(int dirfd, const char *path, char buf[VALUEFILE_MAX + 1], struct span *value);

#endif
