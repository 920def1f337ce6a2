/* session_internal.h: functions shared by session.c (clock and replies) and session_input.c (bytes
   and commands). No other file includes it. */
#ifndef SINBIN_SMTP_SESSION_INTERNAL_H
#define SINBIN_SMTP_SESSION_INTERNAL_H

#include "smtp/session.h"

/* Queues a reply. Ends the session if the queue is full. */
void session_queue_reply(struct session *s, int64_t now, enum reply reply, enum delay_kind kind);
/* Classifies the current line, which is not empty, if it is the first one of the connection. */
void session_check_first_line(struct session *s);
/* After the start of a TLS handshake, a current line that is no command is not early: a handshake
   may contain line feeds. */
void session_check_tls(struct session *s, enum command command);
/* Ends the session. Later calls do nothing. */
void session_finish(struct session *s, int64_t now, enum end how);

#endif
