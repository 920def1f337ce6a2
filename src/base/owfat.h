/* owfat.h: the only file that includes headers of libowfat.

   The build keeps a private copy of the library (package/owfat) from which the members with known
   defects are removed, and whose headers do not declare writing functions `pure`. These may be used: str_*,
   byte_*, case_*, stralloc_* (without its integer appenders), fmt_* for numbers, and buffer_* with
   an op that never writes a part only. These cannot be linked: scan_ip*, io*, iopause, dns*, cdb*,
   errmsg*. buffer_getline is not used: it gives the same result for an empty line and for the end of
   the file; linereader.h does not. */
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
