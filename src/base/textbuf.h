/* textbuf.h: formatted text at the end of a stralloc. */
#ifndef SINBIN_BASE_TEXTBUF_H
#define SINBIN_BASE_TEXTBUF_H

#include "base/owfat.h"
#include <stdbool.h>

#define TEXTOUT_MAX 2048 /* bytes of one call; more are cut off */

/* False without memory. */
__attribute__((format(printf, 2, 3))) bool textbuf_printf(stralloc *out, const char *format, ...);

#endif
