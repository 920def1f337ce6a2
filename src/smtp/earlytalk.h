/* earlytalk.h: classifies the commands that came before the greeting was complete.

     early-quit    only QUIT, or RSET and QUIT
     teaser-talk   one command, a round trip or more after the first line of the greeting: the
                   client reads, but treats that line as the whole greeting. It may send a QUIT
                   later, when it no longer waits.
     early-talk    anything else: a command before the first line or less than a round trip after
                   it; several commands; a QUIT in one piece with the command before it; or
                   teaser-talk, if the client later did not wait for a reply (talk-in-delay)

   The time of a command is that of its first byte. The caller leaves out bytes that belong to no
   command (linebuffer_is_blank). Two commands are in one piece if the second begins less than a
   round trip after the last byte of the first, or in the same millisecond: the client cannot have
   seen a reply to the first. Only the times decide, not how reads split the bytes.

   The round trip is the shortest one that the kernel has measured so far. A client that answers the
   first line causes such a measurement, so its command never comes too soon. If the round trip is
   unknown, or shorter than a millisecond as on the loopback interface, it is 0: every command after
   the first line then counts as a round trip after it. Times are milliseconds of the caller's
   clock. */
#ifndef SINBIN_SMTP_EARLYTALK_H
#define SINBIN_SMTP_EARLYTALK_H

#include "smtp/command.h"
#include "smtp/fact.h"

struct earlytalk {
  int64_t round_trip;
  int64_t teaser_sent; /* time when the first line of the greeting was sent */
  int64_t last;        /* time of the last byte of a command */
  uint32_t commands;   /* number of commands begun */
  bool teaser_was_sent;
  bool too_soon;     /* the first command came too soon */
  bool in_one_piece; /* the second command is in one piece with the first */
  bool open;         /* the last command is unfinished */
  enum command first, second;
};

/* The first line of the greeting was sent. */
void earlytalk_teaser(struct earlytalk *e, int64_t now);
/* A byte of a command. begins: it is the first byte of the command. */
void earlytalk_byte(struct earlytalk *e, int64_t now, bool begins);
/* The line is complete, or the session ends within it. */
void earlytalk_line(struct earlytalk *e, enum command command);
/* True if a command came before the greeting was complete. */
static inline bool earlytalk_seen(const struct earlytalk *e) {
  return e->commands > 0;
}
/* The session is over: notes one of the three facts if there was a command. Call it after
   talk-in-delay has been noted. */
void earlytalk_end(const struct earlytalk *e, fact_set *facts);

#endif
