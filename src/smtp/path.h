/* path.h: the argument of MAIL and RCPT (RFC 5321 sections 4.1.2 and 4.1.1.11).

     FROM:<path> [parameters]         TO:<path> [parameters]

   Read as leniently as an observer wants it, with each leniency noted: blanks behind the colon, no
   angle brackets. A source route (`@one,@two:`) is skipped, as RFC 5321 appendix C has it. All
   spans borrow from the argument. */
#ifndef SINBIN_SMTP_PATH_H
#define SINBIN_SMTP_PATH_H

#include "base/span.h"

enum path_result {
  PATH_OK,
  PATH_MALFORMED,  /* an address is there, but it is none: blanks, controls, an empty part */
  PATH_MISSING,    /* no address at all behind the keyword */
  PATH_NO_KEYWORD, /* not even FROM: or TO: */
};

struct path {
  enum path_result result;
  bool brackets;          /* between < and > */
  bool odd_space;         /* blanks between the colon and < */
  struct span typed;      /* between the brackets, or the bare word */
  struct span address;    /* the same without a source route; empty: the null path */
  struct span parameters; /* without blanks around them; empty: none */
};

/* Index of the @ before the domain, the last one outside quotes; the length where there is none. */
size_t path_at(struct span address);

/* keyword: "FROM:" or "TO:". */
struct path path_parse(struct span argument, const char *keyword);

#endif
