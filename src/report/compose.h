/* compose.h: makes the line of a report from a scored session line.

   Only the verdicts bot, suspect and clean are reported (report_verdict_is_reported). Lines of
   other kinds are not reported. The time is the end of the session. A list of sins that is too long
   is cut after a whole name. The dialect is sent as its hash. */
#ifndef SINBIN_REPORT_COMPOSE_H
#define SINBIN_REPORT_COMPOSE_H

#include "line/sessionline.h"
#include "report/message.h"

struct composed {
  size_t len;      /* 0: there is no report */
  struct span bad; /* the malformed part of a line that was refused; may be empty */
  bool refused;    /* a session line that cannot be reported */
  char text[REPORT_LINE_MAX];
};

/* line: without its LF; out->bad points into it. */
void compose_report(struct span line, const struct origin *origin, uint64_t seq,
                    struct composed *out);

#endif
