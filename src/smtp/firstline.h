/* firstline.h: what the first line of a connection is, if it is no SMTP.

   The line is one of linebuffer.h: without its end and without the blanks and NULs before its first
   other byte. It may be unfinished. nul: a NUL was in it, before its first other byte or later.
   Returns the kind as the field nosmtp of sinbin-session(5) names it, or NULL for a line that is a
   command, could be one, or is empty. */
#ifndef SINBIN_SMTP_FIRSTLINE_H
#define SINBIN_SMTP_FIRSTLINE_H

#include "base/span.h"

#define FIRSTLINE_TEXT_MAX 8

const char *firstline_kind(struct span line, bool nul);

#endif
