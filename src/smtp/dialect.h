/* dialect.h: the template of how a client types, one piece a command, joined by `|`.

     EHLO H|MAIL FROM:<A>|RCPT TO:<A>*2|DATA

   Verbs stand as typed, blanks and brackets are kept, arguments become H (a host name), I (a bare
   IP address), L (an address literal), A (an address), P=NAME (a parameter, its value left out) or
   X (anything else). Behind AUTH stands its mechanism as a parameter, if it is a known one, and X
   for the rest; until the next command, whole lines are X. Bytes of an unknown verb or a
   parameter's name that are no letter, digit or `-` show as `?`; at most DIALECT_WORD of them are
   kept. With hide_local an unknown verb is `?` and an unknown parameter X. A line that did not end
   in CRLF ends in `/LF`, one that held another CR in `/CR`. Equal RCPT in a row are folded (`*2`).
   A template longer than DIALECT_MAX loses its last pieces whole and ends in `+`. The text is not
   encoded. */
#ifndef SINBIN_SMTP_DIALECT_H
#define SINBIN_SMTP_DIALECT_H

#include "smtp/path.h"
#include "smtp/command.h"
#include <stdint.h>

#define DIALECT_MAX  200
#define DIALECT_WORD 16

struct dialect {
  char text[DIALECT_MAX];
  uint16_t len;
  uint16_t last, last_len; /* the last piece, its fold mark not counted */
  uint16_t repeats;
  bool cut;
  bool hide_local;  /* no text that may be of an address is kept; the owner's to set */
  bool after_auth; /* what is no command is a credential */
};

struct dialect_line {
  const struct command_line *command;
  const struct path *path; /* of MAIL and RCPT, else NULL */
  bool bare_lf, bare_cr;
};

void dialect_add(struct dialect *d, const struct dialect_line *line);

#endif
