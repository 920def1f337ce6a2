/* dialect.h: a template of the commands as the client typed them, joined by `|`.

     EHLO H|MAIL FROM:<A>|RCPT TO:<A>*2|DATA

   Verbs, blanks and brackets are kept as typed. An argument is replaced:

     H        a host name
     I        a bare IP address
     L        an address literal
     A        an address
     P=NAME   a parameter; its value is left out
     X        anything else

   After AUTH, a known mechanism is written as a parameter, and the rest is X. Each whole line from
   there to the next known command is X, too. In verbs and in names of parameters, a byte other than
   a letter, a digit or `-` becomes `?`, and at most DIALECT_WORD bytes are kept. With hide_local an
   unknown verb becomes `?` and an unknown parameter X. A line that contains a CR without LF ends in
   `/CR`. A line that ends in LF alone ends in `/LF`. Equal RCPT lines in a row are written once
   with their number (`*2`). A template longer than DIALECT_MAX loses its last pieces and ends in
   `+`. The text is not encoded. */
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
  uint16_t last, last_len; /* the last piece, without its `*N` */
  uint16_t repeats;
  bool cut;
  bool hide_local; /* keep no text that may be part of an address; set by the caller */
  bool after_auth; /* an unknown command is a credential */
};

struct dialect_line {
  const struct command_line *command;
  const struct path *path; /* for MAIL and RCPT; else unused, may be NULL */
  bool bare_lf, bare_cr;
};

void dialect_add(struct dialect *d, const struct dialect_line *line);

#endif
