/* owfat.h: the only door to libowfat.

   The build keeps a private copy of the library (package/owfat) from which the members with known
   defects have been removed, and whose headers no longer declare writing functions `pure`. What is
   used: str_*, byte_*, case_*, stralloc_* (without its integer appenders), fmt_* for numbers, and
   buffer_* with an op that does not write partially behind its back. Not used, and not linkable:
   scan_ip*, io*, iopause, dns*, cdb*, errmsg*. buffer_getline is not used because it cannot tell an
   empty line from the end of the file; linereader.h can. */
#ifndef SINBIN_BASE_OWFAT_H
#define SINBIN_BASE_OWFAT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <libowfat/byte.h>
#include <libowfat/case.h>
#include <libowfat/fmt.h>
#include <libowfat/str.h>
#include <libowfat/stralloc.h>

#endif
