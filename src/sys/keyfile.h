/* keyfile.h: a secret key from a file.

   The file holds 64 lower-case hexadecimal digits and LF, nothing else; it must be a regular file
   that neither group nor others can touch (mode 0400 or 0600). 64 zeros are no key. Returns NULL
   and fills key, or says what is wrong with it; errno is 0 unless the system gave the reason. The
   file's content never appears in a message, and stays in no memory but key. */
#ifndef SINBIN_SYS_KEYFILE_H
#define SINBIN_SYS_KEYFILE_H

#include <stdint.h>

#define KEYFILE_BYTES 32

/* path is relative to the directory open on dirfd (AT_FDCWD: the working directory). */
const char *keyfile_read(int dirfd, const char *path, uint8_t key[KEYFILE_BYTES]);

#endif
