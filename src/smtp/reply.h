/* reply.h: all replies of the trap, as a table (RFC 5321 section 4.2).

   A reply is one line of at most REPLY_MAX bytes, CRLF included. The operator sets four pieces: the
   name in the greeting, and the texts of the first line of the greeting, of the 451 and of the
   reply to HELP. They must pass the checks below. Bytes of a client are never part of a reply.
   reply_compose writes at most REPLY_MAX bytes and returns the length. */
#ifndef SINBIN_SMTP_REPLY_H
#define SINBIN_SMTP_REPLY_H

#include "base/span.h"

#define REPLY_MAX        512
#define REPLY_TEXT_MAX   400
#define REPLY_NAME_MAX   255
#define REPLY_TEASER_MAX 200

enum reply {
  REPLY_TEASER,
  REPLY_GREETING,
  REPLY_HELO,
  REPLY_SENDER,
  REPLY_RECIPIENT,
  REPLY_REFUSAL, /* the 451 */
  REPLY_GO_AHEAD,
  REPLY_RESET,
  REPLY_NOTHING,
  REPLY_VERIFY,
  REPLY_HELP,
  REPLY_BYE,
  REPLY_TOO_MANY,
  REPLY_UNKNOWN,
  REPLY_EMPTY, /* to a line without a command */
  REPLY_LONG,
  REPLY_SYNTAX,
  REPLY_NOT_HERE,
  REPLY_ORDER,
  REPLY_NESTED,
  REPLY_PARAMETER,
  REPLY_IDLE,
  REPLY_LIMIT,
  REPLY_STOP,
  REPLY_UNABLE,
  REPLIES
};

struct reply_texts {
  struct span name;    /* the name of the host: a domain or an address literal */
  struct span refusal; /* the text after "451 " */
  struct span teaser;  /* the text after the name in the first line of the greeting */
  struct span help;    /* the text after "214 " */
};

/* People read this text in the queue of a mail server that has tried the trap. */
#define REPLY_DEFAULT_REFUSAL                                                                 \
  "This mail exchanger of last resort takes no mail; nothing is lost, please try again at a " \
  "lower-numbered MX"

#define REPLY_DEFAULT_TEASER "ESMTP one moment please"
#define REPLY_DEFAULT_HELP \
  "This is the mail exchanger of last resort; it takes no mail: please use a lower-numbered MX"

size_t reply_compose(enum reply reply, const struct reply_texts *texts, char *out);

/* The three digits of the reply as a number. */
int reply_code(enum reply reply);

bool reply_text_is_valid(struct span text);   /* 1..REPLY_TEXT_MAX bytes of printable ASCII */
bool reply_teaser_is_valid(struct span text); /* the same, 1..REPLY_TEASER_MAX */
bool reply_name_is_valid(struct span name);   /* 1..REPLY_NAME_MAX of the same without a space */

#endif
