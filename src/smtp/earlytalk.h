/* earlytalk.h: commands that came before the greeting was complete, in three kinds.

     early-quit    only QUIT, or RSET and QUIT
     teaser-talk   one command, a round trip or more after the first line of the greeting: the
                   client listens, but takes that line for the whole greeting. A QUIT may follow
                   when it has lost patience.
     early-talk    all else: a command before the first line or within a round trip of it, several
                   commands, a QUIT in one piece with the command before; or a client of the second
                   kind that later did not wait for an answer

   A command counts from its first byte; bytes that make no command (linebuffer_is_blank) never come
   here. In one piece are two commands if the second begins less than a round trip after the last
   byte of the first, or in the same millisecond: no answer to the first can have been seen. That is
   a matter of time alone, not of how reads split the bytes.

   The round trip is the shortest one that the kernel has measured by then. A client that answers
   the first line measures it by doing so, so that it never comes too soon. If it is not known, or
   shorter than a millisecond as on loopback, it is 0: then whatever comes after the first line was
   sent counts as a round trip after it. Times are milliseconds of the caller's clock. */
#ifndef SINBIN_SMTP_EARLYTALK_H
#define SINBIN_SMTP_EARLYTALK_H

#include "smtp/command.h"
#include "smtp/fact.h"

struct earlytalk {
  int64_t round_trip;
  int64_t teaser_sent; /* when the first line of the greeting was sent */
  int64_t last;        /* the last byte of a command */
  uint32_t commands;   /* begun */
  bool teaser_was_sent;
  bool too_soon;     /* the first command came too soon */
  bool in_one_piece; /* the second is in one piece with the first */
  bool open;         /* the last command is unfinished */
  enum command first, second;
};

void earlytalk_teaser(struct earlytalk *e, int64_t now);
/* A byte of a command; begins: it is the first one of it. */
void earlytalk_byte(struct earlytalk *e, int64_t now, bool begins);
/* A line is whole, or the session ends within it. */
void earlytalk_line(struct earlytalk *e, enum command command);
static inline bool earlytalk_seen(const struct earlytalk *e) {
  return e->commands > 0;
}
/* The session is over: notes one of the three, if there was any command. To be called when
   talk-in-delay is known. */
void earlytalk_end(const struct earlytalk *e, fact_set *facts);

#endif
