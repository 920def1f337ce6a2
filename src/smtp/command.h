/* command.h: one command line taken apart (RFC 5321 section 4.1.1).

   The line is one of linebuffer.h: without its end, and without blanks before its first other byte.
   NULs at the end of a command that is known are left out. A verb is what comes before the first
   blank, in any case. All spans borrow from the line. Nothing is refused here: what an argument is
   worth, its command's handler says. */
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
  COMMAND_FOREIGN, /* known to some RFC, implemented nowhere here: EXPN, ETRN, TURN, ... */
  COMMAND_UNKNOWN,
  COMMANDS
};

struct command_line {
  enum command command;
  struct span line, verb;
  struct span argument; /* behind the blanks behind the verb, without trailing blanks */
};

struct command_line command_parse(struct span line);

/* True for what stands in a message and not in a dialogue: a header (`Word:`), a lone dot, or text.
   A line whose first word is 3 to 16 capitals, digits and hyphens, a capital first, is rather a
   command that is not known here, such as XCLIENT, and so is a single word of letters. */
bool command_is_body(const struct command_line *command);

#endif
