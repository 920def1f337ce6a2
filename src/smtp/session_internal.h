/* session_internal.h: what session.c (clock and replies) and session_input.c (bytes and commands) share. For these
   two only. */
#ifndef SINBIN_SMTP_SESSION_INTERNAL_H
#define SINBIN_SMTP_SESSION_INTERNAL_H

#include "smtp/session.h"

/* A reply is owed; too many owed at once end the session. */
void session_queue_reply(struct session *s, int64_t now, enum reply reply, enum delay_kind kind);
/* The line that is there is not empty: if it is the first such one, it is judged as that. */
void session_check_first_line(struct session *s);
/* The session is over; the first call counts. */
void session_finish(struct session *s, int64_t now, enum end how);

#endif
