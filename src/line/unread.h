/* unread.h: what stands in the place of a line that no reader could use:

     [LABEL ]unread1 why=WHY bytes=N text=BEGINNING

   N is its length without label, BEGINNING what it began with, encoded. Being of another kind than
   all other lines, it is passed on by everyone and taken for a session by none. */
#ifndef SINBIN_LINE_UNREAD_H
#define SINBIN_LINE_UNREAD_H

#include "base/span.h"
#include <stdint.h>

#define UNREAD_HEAD_MAX 1024 /* bytes of the line that are kept */
#define UNREAD_TEXT_MAX (3 * UNREAD_HEAD_MAX + 128)

/* line: the line, or its beginning; length: that of the whole, label included. why: a short word.
   Writes at most UNREAD_TEXT_MAX bytes without LF, returns the length. */
size_t unread_format(struct span line, uint64_t length, const char *why, char *out);

#endif
