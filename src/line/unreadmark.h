/* unreadmark.h: the mark of a line that a program could not read: " unread=WHO:PIECE", its last field.

   A program that passes such a line on keeps it whole and appends the mark: WHO is the program's
   name without "sinbin-", PIECE the piece that stopped it, encoded (escape.h). Whoever comes later
   passes the line on and has nothing to say (field_line_is_passthrough). What a peer sent holds no space in
   a line, so it cannot look like a mark. */
#ifndef SINBIN_LINE_UNREADMARK_H
#define SINBIN_LINE_UNREADMARK_H

#include "base/span.h"

#define UNREADMARK_PIECE_MAX      48 /* bytes of the piece that are shown */
#define UNREADMARK_PROGRAM_MAX        16
#define UNREADMARK_TEXT_MAX (9 + UNREADMARK_PROGRAM_MAX + 3 * UNREADMARK_PIECE_MAX)

/* Writes the mark, at most UNREADMARK_TEXT_MAX bytes; returns the length. */
size_t unreadmark_format(const char *who, struct span piece, char *out);

/* The line has a field `unread=`, whoever put it there. */
bool unreadmark_is_set(struct span line);

/* The line without a mark of `who` that it ends with: that is how it was before. */
struct span unreadmark_strip(struct span line, const char *who);

#endif
