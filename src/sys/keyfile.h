/* keyfile.h: a secret key from a file.

   The file holds exactly 64 lower-case hexadecimal digits and LF. It must be a regular file that
   group and others cannot access (mode 0400 or 0600). 64 zeros are refused. Returns NULL and fills
   key, or returns what is wrong; errno is 0 unless the system gave the reason. The content never
   appears in a message, and all copies but key are wiped. */
#ifndef SINBIN_SYS_KEYFILE_H
#define SINBIN_SYS_KEYFILE_H

#include <stdint.h>

#define KEYFILE_BYTES 32

/* path is relative to the directory open on dirfd (AT_FDCWD: the working directory). */
const char *keyfile_read(int dirfd, const char *path, uint8_t key[KEYFILE_BYTES]);

#endif
