/* sessionline.h: the session line, one connection's facts, as a struct and as text.

   The handler encodes one; every later program decodes it and appends fields. Text members hold
   *encoded* text (escape.h), borrowed from the line or from the writer's buffers, so that nothing
   is decoded that nobody looks at, and decode(encode(x)) == x; but a line whose text could not be
   decoded is refused. A text member with s == NULL, and an optional number whose bit is not in
   `has`, is absent; a text that is present may be empty.

   sinbin-session(5) specifies the fields. Members stand in the order of the line. */
#ifndef SINBIN_LINE_SESSIONLINE_H
#define SINBIN_LINE_SESSIONLINE_H

#include "line/field.h"
#include "line/outcome.h"

#define SESSION_KIND "session1"
#define SESSION_BYTES_MAX \
  4096 /* what one write(2) to a pipe keeps whole (PIPE_BUF), LF included \
        */

enum verb { VERB_NONE, VERB_HELO, VERB_EHLO };
enum answer { ANSWER_ABSENT, ANSWER_YES, ANSWER_NO, ANSWER_UNKNOWN };
enum heloa { HELOA_ABSENT, HELOA_PEER, HELOA_NEAR, HELOA_OTHER, HELOA_NONE, HELOA_UNKNOWN };
enum verdict {
  VERDICT_NONE,
  VERDICT_EXEMPT,
  VERDICT_SCANNER,
  VERDICT_BOT,
  VERDICT_SUSPECT,
  VERDICT_CLEAN
};

struct sessionline {
  struct span label; /* TAI64N, with its `@`; empty where there is none */
  /* from the handler */
  uint64_t at; /* start, milliseconds since the epoch */
  struct addr peer;
  uint64_t pport;
  struct addr local;
  uint64_t lport;
  uint64_t ms; /* duration */
  int stage, end, after, verb;
  struct span helo; /* list: every distinct name given */
  uint64_t helos;   /* HELO and EHLO commands */
  struct span from; /* the last sender; "<>" is the null sender */
  struct span to;   /* list */
  uint64_t rcpts;   /* RCPT since the last MAIL: those of `from` */
  uint64_t lines, bad, bytes;
  uint64_t rtt;       /* milliseconds */
  struct span nosmtp; /* the kind of a first line that is no SMTP */
  struct span talk;   /* the first untimely bytes, STAGE:SECONDS:BYTES:TEXT */
  struct span did;    /* list of facts by name */
  struct span dialect;
  struct span cut; /* list of keys whose value was cut */
  int r451;        /* an answer */
  struct span mx;  /* "high" */
  uint64_t peers, recent;
  /* from sinbin-follow */
  uint64_t seq;
  struct span pos;
  /* from sinbin-resolve */
  struct span ptr;
  int fcrdns, heloa, sendermx;
  struct span dnsbl, dnswl;
  /* from sinbin-score */
  struct span rules, sins;
  int64_t score;
  int verdict;

  uint64_t has; /* bit per key of the table, see sessionline_has */

  bool is_marked; /* decoding only: the line has a field unread= (unreadmark.h) */
};

/* True where the line has the key (or, for encoding, is to have it). */
bool sessionline_has(const struct sessionline *l, const char *key);
void sessionline_set(struct sessionline *l, const char *key);

/* Decodes a line without its LF; spans borrow from it. False where it is no session line, lacks one
   of at peer ms stage end, repeats a key or has a malformed value; *bad then holds the offending
   piece. */
bool sessionline_decode(struct span line, struct sessionline *out, struct span *bad);

/* Encodes label, kind and all present fields; no LF. Returns the length, or 0 where cap is too
   small: the writer bounds its texts (see the *_TEXT_MAX below) so that SESSION_BYTES_MAX always
   suffices. */
size_t sessionline_encode(const struct sessionline *l, char *buf, size_t cap);

/* The most encoded bytes that the handler gives to a member. */
#define HELO_TEXT_MAX    600
#define FROM_TEXT_MAX    520
#define TO_TEXT_MAX      1400
#define TALK_TEXT_MAX    140
#define DID_TEXT_MAX     260
#define DIALECT_TEXT_MAX 600

/* Names of the enumerations, as in the line, "" for an absent one; NULL outside the range. */
const char *stage_name(int stage);
const char *end_name(int end);
const char *after_name(int after);
const char *verdict_name(int verdict);
const char *answer_name(int answer);
const char *heloa_name(int heloa);
bool verdict_parse(struct span name, int *out);
bool end_parse(struct span name, int *out);

#endif
