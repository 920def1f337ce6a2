/* unreadmark.h: the field that marks a line which a program could not read, as the last field:
   " unread=PROGRAM:PIECE".

   The program passes the line on unchanged and appends the mark. PROGRAM is its name without
   "sinbin-". PIECE is the part of the line that it could not read, encoded (escape.h). Later
   programs pass the line on without a message (field_line_is_passthrough). Client data never
   contains a space, so a client cannot forge the mark. */
#ifndef SINBIN_LINE_UNREADMARK_H
#define SINBIN_LINE_UNREADMARK_H

#include "base/span.h"

#define UNREADMARK_PIECE_MAX   48 /* bytes of the piece that are shown */
#define UNREADMARK_PROGRAM_MAX 16
#define UNREADMARK_TEXT_MAX    (9 + UNREADMARK_PROGRAM_MAX + 3 * UNREADMARK_PIECE_MAX)

/* Writes the mark, at most UNREADMARK_TEXT_MAX bytes; returns the length. */
size_t unreadmark_format(const char *program, struct span piece, char *out);

/* True if the line has a field `unread=` of any program. */
bool unreadmark_is_set(struct span line);

/* Returns the line without its last field if that is a mark of this program. */
struct span unreadmark_strip(struct span line, const char *program);

#endif
