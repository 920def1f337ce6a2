/* outcome.h: how a session ended, how far it had come, and what came after the 451, for the machine
   that finds it out (smtp/), for the session line, and for all who read one. Each stands in the
   order of its names in the line, which sessionline.h gives (sinbin-session(5)). */
#ifndef SINBIN_LINE_OUTCOME_H
#define SINBIN_LINE_OUTCOME_H

/* The furthest reply we gave; STAGE_DATA: the 451 was sent to DATA. */
enum stage { STAGE_BANNER, STAGE_HELO, STAGE_MAIL, STAGE_RCPT, STAGE_DATA };
enum end { END_QUIT, END_FIN, END_RST, END_IDLE, END_CAP, END_LIMIT, END_STOP, END_ERROR };
/* What came first after the 451. */
enum after { AFTER_NONE, AFTER_RSET, AFTER_NOOP, AFTER_MAIL, AFTER_BODY, AFTER_OTHER };

#endif
