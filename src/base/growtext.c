#include "base/growtext.h"
#include <stdarg.h>
#include <stdio.h>

bool growtext_printf(stralloc *out, const char *format, ...) {
  char text[GROWTEXT_MAX + 1];
  va_list args;
  va_start(args, format);
  int len = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (len < 0) return false;
  return stralloc_catb(out, text, len <= GROWTEXT_MAX ? (size_t)len : GROWTEXT_MAX);
}
