/* dataend.h: the end of a message, CRLF.CRLF and nothing else (RFC 5321 section 4.1.1.4).

   One byte at a time. dataend_begin says whether the line before, which is DATA, ended in CRLF:
   then a dot may follow at once. dataend_byte returns true for the LF that ends the message. */
#ifndef SINBIN_SMTP_DATAEND_H
#define SINBIN_SMTP_DATAEND_H

#include <stdbool.h>

enum dataend { DATAEND_TEXT, DATAEND_CR, DATAEND_LINE, DATAEND_DOT, DATAEND_DOT_CR };

static inline enum dataend dataend_begin(bool crlf) {
  return crlf ? DATAEND_LINE : DATAEND_TEXT;
}
bool dataend_byte(enum dataend *state, char c);

#endif
