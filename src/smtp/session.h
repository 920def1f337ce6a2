/* session.h: one SMTP session of the trap as a state machine (RFC 5321, no extensions offered).

   Input is the client's bytes and the time. Output is replies, a deadline and facts.

   The machine is pure and has a fixed size: it allocates nothing and uses neither a clock nor a
   descriptor. Times are milliseconds of a monotonic clock and never decrease. The caller repeats
   these steps:
     1. Call session_feed with all bytes that can be read, *before* it sends anything that is due.
     2. Call session_hangup or session_stop if the client left or the program must stop.
     3. Call session_tick. Send session_output to the client, and report the number of bytes sent
        with session_wrote.
     4. If session_closing is true, try once to send session_output, then close the connection.
        Otherwise wait for bytes or until session_deadline.

   session_feed sends nothing, so results do not depend on how the bytes of one moment were split.
   A line is parsed when it is complete. Its reply is queued. The facts are in the struct's members
   when session_closing is true; summary.h turns them into the session line.

   A line without a command is answered only if no reply is pending and no more bytes come in the
   same moment. It changes no other fact.

   A client that sends a command after the teaser does not get the last line of the greeting. Most
   programs that treat one line as the whole greeting then read one reply for each command. Some
   (System.Net.Mail) read the greeting to its end first, and treat the reply to their command as
   that end. Therefore the first reply is sent a second time if the client is silent for
   SESSION_REPEAT. */
#ifndef SINBIN_SMTP_SESSION_H
#define SINBIN_SMTP_SESSION_H

#include "smtp/dialect.h"
#include "smtp/ending.h"
#include "smtp/envelope.h"
#include "smtp/linebuffer.h"
#include "smtp/dataend.h"
#include "smtp/earlytalk.h"
#include "smtp/replyqueue.h"
#include "smtp/recipients.h"
#include "smtp/transaction.h"
#include "smtp/earlydata.h"

/* The delay that a reply waits for. The first five are configured. */
enum delay_kind {
  DELAY_GREETING,
  DELAY_HELO,
  DELAY_MAIL,
  DELAY_RCPT,
  DELAY_DATA,
  DELAYS,
  DELAY_NONE = DELAYS
};

#define SESSION_GREETING_MAX 24000 /* the longest greeting, jitter included; milliseconds */
#define SESSION_REPEAT       3000  /* milliseconds */
#define SESSION_LINES_MAX    500   /* limit of max_lines; REPLYQUEUE_MAX replies can be pending */

struct session_config {
  int64_t delay[DELAYS];
  uint32_t jitter; /* percent by which a delay is longer or shorter, 0..50 */
  bool stutter;    /* after the greeting, send one byte a second */
  bool teaser;     /* the greeting has a first line that is sent at once */
  int64_t idle;    /* longest silence before the 451 */
  int64_t line;    /* longest time for one line */
  int64_t watch;   /* longest silence after the 451 */
  int64_t cap;     /* the whole session */
  uint32_t max_lines, max_bytes, max_body, max_recipients;
  enum refuse_at refuse_at;
  bool hide_local; /* keep no local part of an address */
  struct reply_texts texts;
};

/* The second copy of the first reply, for a client that did not wait for the whole greeting. */
struct repeat {
  bool used; /* the first reply was sent */
  bool armed, sent;
  enum reply reply;
  int64_t due;
};

struct session {
  const struct session_config *config;
  uint64_t random;
  int64_t started, ended;
  int64_t last_activity; /* last byte in, or last reply out */
  int64_t last_reply;    /* last reply out */
  int64_t line_started;  /* the first byte of an unfinished line */
  uint32_t lines, bad, bytes, command_bytes, body_bytes, helos, unknown;
  fact_set facts;
  enum end end;
  enum stage stage;
  enum after after;
  enum command verb; /* COMMAND_HELO or COMMAND_EHLO; COMMAND_UNKNOWN if there was neither */
  bool greeted, quit, refused, closing;
  bool first_line;    /* a line that is not empty was seen */
  bool tls;           /* a TLS handshake was begun */
  const char *nosmtp; /* kind of a first line that is not SMTP, or NULL */
  bool mail_seen, sender_accepted;
  bool after_refusal;  /* a 451 was queued, and the next command comes after it */
  bool dialect_closed; /* commands after the 451 are not part of the dialect */
  struct transaction transaction;
  struct earlydata earlydata;
  struct earlytalk earlytalk;
  struct repeat repeat;
  enum dataend dataend;
  struct dialect dialect;
  struct replyqueue replyqueue;
  struct envelope envelope;
  struct recipients recipients; /* of the last accepted sender */
  struct linebuffer line;
};

/* *s must be all zero bytes: clearing it here would touch the pages of texts that most sessions
   never fill. config must live as long as the session. seed is a random number for the jitter. */
void session_start(struct session *s, const struct session_config *config, int64_t now,
                   uint64_t seed);
/* Sets the shortest known round trip time, rounded down. It is 0 until this is called. Call it
   before session_feed while session_greeted is false. */
static inline void session_round_trip(struct session *s, int64_t ms) {
  s->earlytalk.round_trip = ms;
}
static inline bool session_greeted(const struct session *s) {
  return s->greeted;
}
void session_feed(struct session *s, int64_t now, struct span bytes);
/* how: END_FIN, END_RST or END_ERROR. All readable bytes must have been fed. */
void session_hangup(struct session *s, int64_t now, enum end how);
void session_stop(struct session *s, int64_t now);
void session_tick(struct session *s, int64_t now);

struct span session_output(const struct session *s);
void session_wrote(struct session *s, int64_t now, size_t n);
int64_t session_deadline(const struct session *s);
static inline bool session_closing(const struct session *s) {
  return s->closing;
}

#endif
