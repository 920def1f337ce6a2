/* epochfile.h: a number that is greater at each start than at all earlier ones.

   The file holds the last number, a whole number and LF. The next number is the last plus 1, or the
   unix time if that is greater; it is on the disk before epochfile_next returns. Returns NULL and
   fills *epoch, or returns what is wrong; errno is 0 unless the system gave the reason. */
#ifndef SINBIN_SYS_EPOCHFILE_H
#define SINBIN_SYS_EPOCHFILE_H

#include <stdint.h>

#define EPOCHFILE_MAX UINT64_C(253402300799) /* the last second of the year 9999 */

const char *epochfile_next(const char *path, uint64_t unixtime, uint64_t *epoch);

#endif
