/* parsedline.h: a session line prepared for judging: its names and mailboxes, decoded, in lower case.

   Everything is decoded (escape.h) into the buffer of the struct. Host names lose their trailing
   dot. What no longer fits is left out, so a line of any length is judged by its beginning, in
   bounded time. HELO names are kept in their original case, too, because the case shows the default
   names of Windows. The struct borrows the line; it is 24 KiB and need not be cleared between
   lines. */
#ifndef SINBIN_SCORE_PARSEDLINE_H
#define SINBIN_SCORE_PARSEDLINE_H

#include "line/sessionline.h"

#define PARSEDLINE_NAMES_MAX      16
#define PARSEDLINE_RECIPIENTS_MAX 256

struct heloname {
  struct span raw;     /* as in the line, encoded: for a person */
  struct span decoded; /* in the original case */
  struct span lower;   /* in lower case, without a trailing dot */
  bool is_address;     /* an IP address, bare or in brackets */
  bool is_literal;     /* in brackets */
  struct addr address;
};

struct mailbox {
  struct span raw;
  struct span whole, local, domain; /* in lower case; domain is empty if there is no @ */
};

struct parsedline {
  const struct sessionline *line;
  bool got_mail; /* a MAIL was accepted */
  bool got_451;
  bool sent_auth;
  struct span
      no_smtp; /* the kind of a first line that is not SMTP; empty: it is SMTP, or unknown */

  struct heloname helo[PARSEDLINE_NAMES_MAX];
  size_t helos;
  bool has_sender; /* a sender other than the null sender */
  bool null_sender;
  struct mailbox sender;
  struct mailbox recipient[PARSEDLINE_RECIPIENTS_MAX];
  size_t recipients;
  struct span ptr[PARSEDLINE_NAMES_MAX]; /* in lower case */
  struct span ptr_raw[PARSEDLINE_NAMES_MAX];
  size_t ptrs;
  struct span dialect; /* decoded */
  bool knows_ptr;      /* the reverse zone answered, perhaps that there is no name */

  size_t used;
  char text[8192];
};

void parsedline_init(struct parsedline *s, const struct sessionline *line);

/* After the 451 the client went on as a server does: with RSET, NOOP or a new MAIL. */
bool parsedline_is_polite(const struct parsedline *s);

#endif
