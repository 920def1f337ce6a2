/* Apart from textbuf.c, so that only what formats into a stralloc is linked with libowfat. */
#include "base/textbuf.h"
#include "base/owfat.h"
#include <stdarg.h>
#include <stdio.h>

bool textbuf_printf(stralloc *out, const char *format, ...) {
  char text[TEXTOUT_MAX + 1];
  va_list args;
  va_start(args, format);
  int len = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (len < 0) return false;
  return stralloc_catb(out, text, len <= TEXTOUT_MAX ? (size_t)len : TEXTOUT_MAX);
}
