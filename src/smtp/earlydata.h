/* earlydata.h: bytes that came before the reply they should have waited for.

   The first run of them, up to the next reply, is kept for talk=, whatever reply was due. Behind
   the greeting two facts come of them: talk-in-delay and, as the exception, pipelined, if all that
   came too early was
     - QUIT, or RSET followed by QUIT, or
     - after a 451, one command in the same moment as an RSET that had been awaited.
   So a line of which a byte was untimely is judged when it is whole, and an untimely RSET when its
   next line is. Bytes that make no command (linebuffer_is_blank) never come here. */
#ifndef SINBIN_SMTP_EARLYDATA_H
#define SINBIN_SMTP_EARLYDATA_H

#include "smtp/fact.h"
#include "smtp/command.h"

#define EARLYDATA_BYTES    32
#define EARLYDATA_TEXT_MAX 140

struct earlydata {
  int64_t ms;        /* of the first such byte, since the session's start */
  const char *stage; /* whose reply was due; NULL: there was no such byte */
  uint32_t bytes;    /* of the first run */
  char text[EARLYDATA_BYTES];
  bool closed;     /* the first run is over */
  bool line, rset; /* this line is untimely; an untimely RSET waits for its QUIT */
  bool after_rset; /* the line before was an RSET in time, after a 451 */
};

/* The first run, one byte at a time; stage is a string literal. */
void earlydata_byte(struct earlydata *e, int64_t ms, const char *stage, char c);
/* A reply was sent. */
static inline void earlydata_reply(struct earlydata *e) {
  e->closed = e->stage != NULL;
}
/* A line is whole; refused: a 451 was sent before. */
void earlydata_line(struct earlydata *e, enum command command, bool refused, fact_set *facts);
/* The session is over; `quit`: its unfinished last line is a QUIT. */
void earlydata_end(struct earlydata *e, bool quit, fact_set *facts);

/* "STAGE:SECONDS:BYTES:TEXT", encoded; the text left out where hidden. Writes at most
   EARLYDATA_TEXT_MAX bytes and returns the length, 0 where there is nothing to tell. */
size_t earlydata_format(const struct earlydata *e, bool hidden, char *out);

#endif
