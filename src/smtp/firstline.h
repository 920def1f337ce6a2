/* firstline.h: the protocol of the first line of a connection, if it is not SMTP.

   The line comes from linebuffer.h: without its line end and without leading blanks and NULs. It
   may be unfinished. nul: the line had a NUL, even a leading one. Returns the kind as the field
   nosmtp of sinbin-session(5) names it. Returns NULL if the line is a command, could be one, or is
   empty. */
#ifndef SINBIN_SMTP_FIRSTLINE_H
#define SINBIN_SMTP_FIRSTLINE_H

#include "base/span.h"

#define FIRSTLINE_TEXT_MAX 8

const char *firstline_kind(struct span line, bool nul);
/* True if the line begins a TLS handshake. */
bool firstline_is_tls(struct span line);

#endif
