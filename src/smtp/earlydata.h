/* earlydata.h: bytes that came too early, before the reply that the client should have waited for.

   The first run of early bytes, up to the next reply, is kept for the field talk=, whichever reply
   was pending. After the greeting, early bytes are one of two facts. The fact is pipelined if the
   early lines are one of
     - QUIT, or RSET and QUIT
     - after a 451, one command that came in the same moment as an RSET, if the RSET was not early
   Otherwise it is talk-in-delay. A line with an early byte is classified when it is complete. An
   early RSET is classified when the next line is complete. The caller leaves out bytes that belong
   to no command (linebuffer_is_blank). */
#ifndef SINBIN_SMTP_EARLYDATA_H
#define SINBIN_SMTP_EARLYDATA_H

#include "smtp/fact.h"
#include "smtp/command.h"

#define EARLYDATA_BYTES    32
#define EARLYDATA_TEXT_MAX 140

struct earlydata {
  int64_t ms;        /* time of the first early byte since the start of the session */
  const char *stage; /* stage of the pending reply; NULL: no early byte */
  uint32_t bytes;    /* length of the first run */
  char text[EARLYDATA_BYTES];
  bool closed;     /* the first run is over */
  bool line;       /* the current line has an early byte */
  bool rset;       /* the line before was an early RSET; it depends on the next line */
  bool after_rset; /* the line before was an RSET that was not early, after a 451 */
};

/* Adds an early byte. stage is a string literal. */
void earlydata_byte(struct earlydata *e, int64_t ms, const char *stage, char c);
/* A reply was sent. */
static inline void earlydata_reply(struct earlydata *e) {
  e->closed = e->stage != NULL;
}
/* A line is complete. refused: a 451 was sent before. */
void earlydata_line(struct earlydata *e, enum command command, bool refused, fact_set *facts);
/* The session is over. quit: the unfinished last line is a QUIT. */
void earlydata_end(struct earlydata *e, bool quit, fact_set *facts);

/* Writes "STAGE:SECONDS:BYTES:TEXT", encoded, at most EARLYDATA_TEXT_MAX bytes. hidden: leave out
   TEXT. Returns the length, or 0 if no byte was early. */
size_t earlydata_format(const struct earlydata *e, bool hidden, char *out);

#endif
