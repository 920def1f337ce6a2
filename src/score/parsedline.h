/* parsedline.h: one session line made ready for judging: names and mailboxes decoded and folded.

   Everything is decoded (escape.h) into the buffer of the struct, in lower case, host names without
   their trailing dot; what does not fit any more is left out, so a line of any length is judged by
   its beginning in bounded time. HELO names are kept as typed, too, because Windows names are told
   by their case. The struct borrows the line; it is 24 KiB and needs no clearing between lines. */
#ifndef SINBIN_SCORE_PARSEDLINE_H
#define SINBIN_SCORE_PARSEDLINE_H

#include "line/sessionline.h"

#define PARSEDLINE_NAMES_MAX      16
#define PARSEDLINE_RECIPIENTS_MAX 256

struct heloname {
  struct span raw;     /* as it stands in the line, encoded: for a person */
  struct span decoded; /* decoded */
  struct span lower;   /* lower case, without a trailing dot */
  bool is_address;     /* a bare IP address, or one in brackets */
  bool is_literal;     /* in brackets */
  struct addr address;
};

struct mailbox {
  struct span raw;
  struct span whole, local, domain; /* folded; domain is empty where there is no @ */
};

struct parsedline {
  const struct sessionline *line;
  bool got_mail; /* a MAIL was accepted */
  bool got_451;
  bool sent_auth;
  struct span no_smtp; /* the kind of a first line that is no SMTP; empty: it is SMTP, or unknown */

  struct heloname helo[PARSEDLINE_NAMES_MAX];
  size_t helos;
  bool has_sender; /* a sender that is not the null sender */
  bool null_sender;
  struct mailbox sender;
  struct mailbox recipient[PARSEDLINE_RECIPIENTS_MAX];
  size_t recipients;
  struct span ptr[PARSEDLINE_NAMES_MAX]; /* folded */
  struct span ptr_raw[PARSEDLINE_NAMES_MAX];
  size_t ptrs;
  struct span dialect; /* decoded */
  bool knows_ptr;      /* the reverse zone was asked and answered, perhaps that there is no name */

  size_t used;
  char text[8192];
};

/* It went on as a server does after the 451: RSET, NOOP or a new MAIL. */
bool is_polite(const struct parsedline *s);

void parsedline_init(struct parsedline *s, const struct sessionline *line);

#endif
