/* session.h: one SMTP session of the trap as a machine: bytes and a clock in; replies, a deadline
   and facts out. RFC 5321, with no extension offered.

   Pure and of fixed size: no allocation, no clock, no descriptor; times are milliseconds of a
   monotonic clock, never decreasing. The caller loops:
     1. session_feed whatever can be read, *before* anything that is due is sent
     2. session_hangup or session_stop where one of them happened
     3. session_tick, then hand session_output to the peer and say how much went (session_wrote)
     4. session_closing: one last try to send session_output, then close; else wait for bytes or for
        session_deadline
   Feeding never emits, so results do not depend on how bytes of one moment were split. Every line
   is understood when it is whole; its reply waits its turn. The facts are the struct's members once
   it is closing; summary.h puts them into the words of the session line.

   A line without a command is answered only if it comes alone: not if a reply is owed, nor if more
   bytes come in the same moment. It changes no other fact.

   A client that sent a command after the teaser gets no last line of the greeting: most programs
   that take one line for the greeting read one reply for each command from there on. Some read the
   greeting to its end first, and take the reply to the command for that end (System.Net.Mail).
   Therefore that first reply is sent a second time if the client is silent for SESSION_REPEAT. */
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

/* Whose delay a reply waits for. The first five are configured. */
enum delay_kind {
  DELAY_GREETING,
  DELAY_HELO,
  DELAY_MAIL,
  DELAY_RCPT,
  DELAY_DATA,
  DELAYS,
  DELAY_NONE = DELAYS
};

#define SESSION_GREETING_MAX 24000 /* no jitter lets the greeting last longer */
#define SESSION_REPEAT       3000
#define SESSION_LINES_MAX \
  500 /* the most that max_lines may be: REPLYQUEUE_MAX replies can be owed */

struct session_config {
  int64_t delay[DELAYS];
  uint32_t jitter; /* percent of each delay, up or down, 0..50 */
  bool stutter;    /* behind the greeting */
  bool teaser;     /* the greeting has a first line, which is sent at once */
  int64_t idle;    /* longest silence before the 451 */
  int64_t line;    /* longest time for one line */
  int64_t watch;   /* longest silence after the 451 */
  int64_t cap;     /* the whole session */
  uint32_t max_lines, max_bytes, max_body, max_recipients;
  enum refuse_at refuse_at;
  bool hide_local; /* no local part of an address is kept */
  struct reply_texts texts;
};

/* The second copy of the first reply to a client that did not await the greeting. */
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
  enum command verb; /* COMMAND_HELO, COMMAND_EHLO, or COMMAND_UNKNOWN for none */
  bool greeted, quit, refused, closing;
  bool first_line;    /* there was one that is not empty */
  const char *nosmtp; /* its kind, or NULL */
  bool mail_seen, sender_accepted;
  bool after_refusal;  /* a 451 was decided on; the next command is its sequel */
  bool dialect_closed; /* what follows a 451 is no part of the dialect */
  struct transaction transaction;
  struct earlydata earlydata;
  struct earlytalk earlytalk;
  struct repeat repeat;
  enum dataend dataend;
  struct dialect dialect;
  struct replyqueue replyqueue;
  struct envelope envelope;
  struct recipients recipients; /* of the last sender that was accepted */
  struct linebuffer line;
};

/* *s is all zero bytes: clearing it here would touch the pages of texts that most sessions never
   fill. config is borrowed for the session's life. seed: anything random, for the jitter. */
void session_start(struct session *s, const struct session_config *config, int64_t now,
                   uint64_t seed);
/* The shortest round trip known, rounded down; to be called before the bytes of a moment are fed,
   as long as the greeting is not complete. It is 0 until then. */
static inline void session_round_trip(struct session *s, int64_t ms) {
  s->earlytalk.round_trip = ms;
}
static inline bool session_greeted(const struct session *s) {
  return s->greeted;
}
void session_feed(struct session *s, int64_t now, struct span bytes);
/* how: END_FIN, END_RST or END_ERROR; all that had been readable was fed. */
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
