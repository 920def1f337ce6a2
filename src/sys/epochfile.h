/* epochfile.h: a number that is greater at each start than at any before.

   The file holds the last one, a whole number and LF. The next is that and 1, or the time in unix
   seconds where that is greater, and is on the disk before epochfile_next returns. Returns NULL and
   fills *epoch, or says what is wrong; errno is 0 unless the system gave the reason. */
#ifndef SINBIN_SYS_EPOCHFILE_H
#define SINBIN_SYS_EPOCHFILE_H

#include <stdint.h>

#define EPOCHFILE_MAX UINT64_C(253402300799) /* the last second of the year 9999 */

const char *epochfile_next(const char *path, uint64_t unixtime, uint64_t *epoch);

#endif
