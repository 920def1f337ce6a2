/* compose.h: from a scored session line to the line of its report.

   Only bots, suspects and clean sessions are reported (report_verdict_is_reported); lines of other kinds
   never are. The time is the session's end; a list of sins that is too long is cut behind a whole
   name; the dialect goes as its hash. */
#ifndef SINBIN_REPORT_COMPOSE_H
#define SINBIN_REPORT_COMPOSE_H

#include "line/sessionline.h"
#include "report/message.h"

struct composed {
  size_t len;      /* 0: nothing is to be reported */
  struct span bad; /* of a line that was refused: the piece that is wrong, maybe empty */
  bool refused;    /* the line ought to be a session line, and cannot be reported */
  char text[REPORT_LINE_MAX];
};

/* line without its LF; `bad` borrows from it. */
void report_compose(struct span line, const struct origin *origin, uint64_t seq,
                    struct composed *out);

#endif
