/* dataend.h: finds the end of a message, which is CRLF.CRLF only (RFC 5321 section 4.1.1.4).

   Takes one byte at a time. crlf of dataend_begin: the line with DATA ended in CRLF; then the first
   byte of the message may be the dot. dataend_byte returns true for the LF that ends it. */
#ifndef SINBIN_SMTP_DATAEND_H
#define SINBIN_SMTP_DATAEND_H

#include <stdbool.h>

enum dataend { DATAEND_TEXT, DATAEND_CR, DATAEND_LINE, DATAEND_DOT, DATAEND_DOT_CR };

static inline enum dataend dataend_begin(bool crlf) {
  return crlf ? DATAEND_LINE : DATAEND_TEXT;
}
bool dataend_byte(enum dataend *state, char c);

#endif
