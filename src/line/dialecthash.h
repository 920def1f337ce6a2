/* dialecthash.h: the short name of a dialect: the first 8 bytes of its BLAKE2b-512 hash without a
   key, as 16 lower-case hexadecimal digits. The input is the decoded dialect:

     printf %s 'EHLO H|MAIL FROM:<A>|RCPT TO:<A>|DATA' | b2sum | cut -c 1-16 */
#ifndef SINBIN_LINE_DIALECTHASH_H
#define SINBIN_LINE_DIALECTHASH_H

#include "base/span.h"

#define DIALECT_HEX 16

/* Writes DIALECT_HEX digits, no NUL. */
void dialecthash_format(struct span decoded, char *out);

#endif
