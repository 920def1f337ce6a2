/* textbuf.h: appends formatted text to a stralloc. */
#ifndef SINBIN_BASE_TEXTBUF_H
#define SINBIN_BASE_TEXTBUF_H

#include "base/owfat.h"
#include <stdbool.h>

#define TEXTOUT_MAX 2048 /* bytes that one call appends at most; the rest is cut off */

/* False if there is no memory. */
__attribute__((format(printf, 2, 3))) bool textbuf_printf(stralloc *out, const char *format, ...);

#endif
