/* command.h: parses one command line (RFC 5321 section 4.1.1).

   The line comes from linebuffer.h: without its line end and without leading blanks. NULs and CRs
   at the end of a known command are removed. The verb is the text before the first blank, in upper
   or lower case. All spans borrow from the line. Every line is accepted here; the handler of a
   command checks the argument. */
#ifndef SINBIN_SMTP_COMMAND_H
#define SINBIN_SMTP_COMMAND_H

#include "base/span.h"

enum command {
  COMMAND_HELO,
  COMMAND_EHLO,
  COMMAND_MAIL,
  COMMAND_RCPT,
  COMMAND_DATA,
  COMMAND_RSET,
  COMMAND_NOOP,
  COMMAND_QUIT,
  COMMAND_VRFY,
  COMMAND_HELP,
  COMMAND_AUTH,
  COMMAND_STARTTLS,
  COMMAND_BDAT,
  COMMAND_FOREIGN, /* in some RFC, not implemented here: EXPN, ETRN, TURN, ... */
  COMMAND_UNKNOWN,
  COMMANDS
};

struct command_line {
  enum command command;
  struct span line, verb;
  struct span argument; /* the text after the verb, without blanks around it */
};

struct command_line command_parse(struct span line);
/* The line without a byte order mark. Some programs write one at the start of a text in UTF-8. It is
   removed in front of a known command. */
struct span command_without_mark(struct span line);

/* True if the line looks like a line of a message: a header (`Word:`), a lone dot, or text.
   False for an unknown command such as XCLIENT: a first word of 3 to 16 capital letters, digits and
   hyphens that begins with a letter. False, too, for a single word of letters. */
bool command_is_body(const struct command_line *command);

#endif
