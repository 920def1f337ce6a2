/* intern.h: what session.c (clock and replies) and lines.c (bytes and commands) share. For these
   two only. */
#ifndef SINBIN_SMTP_INTERN_H
#define SINBIN_SMTP_INTERN_H

#include "smtp/session.h"

/* A reply is owed; too many owed at once end the session. */
void session_owe(struct session *s, int64_t now, enum reply reply, enum wait wait);
/* The line that is there is not empty: if it is the first such one, it is judged as that. */
void session_judge_first(struct session *s);
/* The session is over; the first call counts. */
void session_finish(struct session *s, int64_t now, enum end how);

#endif
