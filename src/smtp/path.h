/* path.h: parses the argument of MAIL and RCPT (RFC 5321 sections 4.1.2 and 4.1.1.11).

     FROM:<path> [parameters]         TO:<path> [parameters]

   Two errors are accepted and reported in the result: blanks after the colon, and missing angle
   brackets. A source route (`@one,@two:`) is skipped, as in RFC 5321 appendix C. All spans borrow
   from the argument. */
#ifndef SINBIN_SMTP_PATH_H
#define SINBIN_SMTP_PATH_H

#include "base/span.h"

enum path_result {
  PATH_OK,
  PATH_MALFORMED,  /* the address is invalid: blanks, control characters, an empty part */
  PATH_MISSING,    /* no address after the keyword */
  PATH_NO_KEYWORD, /* no FROM: or TO: */
};

struct path {
  enum path_result result;
  bool brackets;          /* the path begins with < */
  bool odd_space;         /* blanks between the colon and < */
  struct span typed;      /* the text between the brackets, or the bare word */
  struct span address;    /* `typed` without its source route; empty: the null path */
  struct span parameters; /* without blanks around them; empty: no parameters */
};

/* Index of the last @ outside quotes, which begins the domain; the length if there is no @. */
size_t path_at(struct span address);

/* keyword: "FROM:" or "TO:". */
struct path path_parse(struct span argument, const char *keyword);

#endif
