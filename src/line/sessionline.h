/* sessionline.h: the session line, which holds the facts about one connection, as a struct and as
   text. sinbin-session(5) specifies the fields.

   sinbin-smtpd encodes the line. Each later program decodes it and appends fields. Text members
   hold *encoded* text (escape.h), borrowed from the line or from the writer's buffers, so only the
   texts that a program uses are decoded. A line with a text that cannot be decoded is refused.
   sessionline_decode(sessionline_encode(x)) == x.

   A text member with s == NULL is absent; a text that is present may be empty. An optional number
   is absent if its bit is not in `has`. The members are in the order of the line. */
#ifndef SINBIN_LINE_SESSIONLINE_H
#define SINBIN_LINE_SESSIONLINE_H

#include "line/field.h"
#include "line/outcome.h"

#define SESSION_KIND "session1"
/* LF included; one write(2) to a pipe keeps this many bytes together (PIPE_BUF). */
#define SESSION_BYTES_MAX 4096

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

/* The members that hold an enumeration are of type int: the table of fields in sessionline.c reads
   and writes them all by offset, and the size of an enumeration type is up to the compiler. */
struct sessionline {
  struct span label; /* TAI64N, with its `@`; empty if there is none */
  /* from sinbin-smtpd */
  uint64_t at; /* start, milliseconds since 1970 */
  struct addr peer;
  uint64_t pport;
  struct addr local;
  uint64_t lport;
  uint64_t ms;                 /* duration */
  int stage, end, after, verb; /* enums of line/outcome.h, enum verb */
  struct span helo;            /* list of the distinct names given */
  uint64_t helos;              /* number of HELO and EHLO commands */
  struct span from;            /* the last sender; "<>" is the null sender */
  struct span to;              /* list */
  uint64_t rcpts;              /* recipients of the last accepted sender */
  uint64_t lines, bad, bytes;
  uint64_t rtt;       /* milliseconds */
  struct span nosmtp; /* kind of a first line that is not SMTP */
  struct span talk;   /* the first early bytes, STAGE:SECONDS:BYTES:TEXT */
  struct span did;    /* list of names of facts */
  struct span dialect;
  struct span cut; /* list of keys whose values were cut */
  int r451;        /* enum answer */
  struct span mx;  /* "high" */
  uint64_t peers, recent;
  /* from sinbin-follow */
  uint64_t seq;
  struct span pos;
  /* from sinbin-resolve */
  struct span ptr;
  int fcrdns, heloa, sendermx; /* enum answer, heloa, answer */
  struct span dnsbl, dnswl;
  /* from sinbin-score */
  struct span rules, sins;
  int64_t score;
  int verdict; /* enum verdict */

  uint64_t has; /* one bit for each key, see sessionline_has */

  bool is_marked; /* decoding only: the line has a field unread= (unreadmark.h) */
};

/* True if the line that was decoded has the key, or if the line to be encoded will have it. */
bool sessionline_has(const struct sessionline *l, const char *key);
void sessionline_set(struct sessionline *l, const char *key);

/* Decodes a line without its LF; spans borrow from it. Returns false, and the wrong piece in *bad,
   if the line
     - is not a session line
     - lacks one of at, peer, ms, stage and end
     - repeats a key
     - has a malformed value */
bool sessionline_decode(struct span line, struct sessionline *out, struct span *bad);

/* Encodes the label, the kind and all present fields, without LF. Returns the length, or 0 if cap
   is too small. SESSION_BYTES_MAX is always enough for sinbin-smtpd, whose texts have the limits
   below. */
size_t sessionline_encode(const struct sessionline *l, char *buf, size_t cap);

/* The largest texts that sinbin-smtpd writes, in encoded bytes. */
#define HELO_TEXT_MAX    600
#define FROM_TEXT_MAX    520
#define TO_TEXT_MAX      1400
#define TALK_TEXT_MAX    140
#define DID_TEXT_MAX     260
#define DIALECT_TEXT_MAX 600

/* The name of a value, as in the line. "" for an absent value, NULL for a number out of range. */
const char *stage_name(int stage);
const char *end_name(int end);
const char *after_name(int after);
const char *verdict_name(int verdict);
const char *answer_name(int answer);
const char *heloa_name(int heloa);
bool verdict_parse(struct span name, int *out);
bool end_parse(struct span name, int *out);

#endif
