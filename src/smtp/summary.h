/* summary.h: turns a finished session into its session line (sinbin-session(5)).

   summary_format writes the whole line. A struct summary_connection holds the fields that are not
   in the session: those of the connection and of the configuration.

   summary_fill makes only the texts of the line. All texts are encoded and hold at most the bytes
   that their *_MAX says. The spans borrow from the struct and from the session. A span with
   s == NULL is absent. */
#ifndef SINBIN_SMTP_SUMMARY_H
#define SINBIN_SMTP_SUMMARY_H

#include "line/sessionline.h"
#include "smtp/session.h"

#define SUMMARY_DIALECT_MAX (3 * DIALECT_MAX)
#define SUMMARY_CUT_MAX     32

struct summary {
  struct span helo, from, to, nosmtp, talk, did, dialect, cut;
  char talk_text[EARLYDATA_TEXT_MAX], did_text[FACT_TEXT_MAX], dialect_text[SUMMARY_DIALECT_MAX];
  char cut_text[SUMMARY_CUT_MAX];
};

void summary_fill(struct summary *r, const struct session *s);

struct summary_connection {
  uint64_t at; /* start of the session, milliseconds since 1970 */
  struct addr peer, local;
  uint64_t pport, lport; /* 0: unknown */
  uint64_t rtt;          /* milliseconds */
  bool has_local, has_rtt;
  bool highmx;
  uint64_t peers, recent; /* 0: left out */
};

/* Writes the session line with its LF, at most SESSION_BYTES_MAX bytes; returns the length. */
size_t summary_format(const struct session *s, const struct summary_connection *c, char *out);

#endif
