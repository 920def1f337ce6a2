/* growtext.h: appends formatted text to a text that grows (a stralloc of libowfat).

   One call appends at most GROWTEXT_MAX bytes and cuts off the rest. It returns false if there is no
   memory. */
#ifndef SINBIN_BASE_GROWTEXT_H
#define SINBIN_BASE_GROWTEXT_H

#include "base/owfat.h"
#include <stdbool.h>

#define GROWTEXT_MAX 2048

__attribute__((format(printf, 2, 3))) bool growtext_printf(stralloc *out, const char *format, ...);

#endif
