/* unread.h: the line that replaces a line which no program can read:

     [LABEL ]unread1 why=WHY bytes=N text=BEGINNING

   N is the length of the original line without its label. BEGINNING is the beginning of that line,
   encoded. All programs pass the line on, because its kind is not that of a session. */
#ifndef SINBIN_LINE_UNREAD_H
#define SINBIN_LINE_UNREAD_H

#include "base/span.h"
#include <stdint.h>

#define UNREAD_HEAD_MAX 1024 /* bytes of the line that are kept */
#define UNREAD_TEXT_MAX (3 * UNREAD_HEAD_MAX + 128)

/* line: the line, or its beginning. length: of the whole line, label included. why: a short word.
   Writes at most UNREAD_TEXT_MAX bytes without LF; returns the length. */
size_t unread_format(struct span line, uint64_t length, const char *why, char *out);

#endif
