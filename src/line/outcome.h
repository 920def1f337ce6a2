/* outcome.h: how a session ended, how far it came, and what came after the 451. smtp/ sets these
   values, and all readers of a session line use them. Their names are in sessionline.c;
   sinbin-session(5) explains them. */
#ifndef SINBIN_LINE_OUTCOME_H
#define SINBIN_LINE_OUTCOME_H

/* The furthest reply that was sent; STAGE_DATA: the 451 or 354 to DATA. */
enum stage { STAGE_BANNER, STAGE_HELO, STAGE_MAIL, STAGE_RCPT, STAGE_DATA };
enum end { END_QUIT, END_FIN, END_RST, END_IDLE, END_CAP, END_LIMIT, END_STOP, END_ERROR };
/* The first command after the 451. */
enum after { AFTER_NONE, AFTER_RSET, AFTER_NOOP, AFTER_MAIL, AFTER_BODY, AFTER_OTHER };

#endif
