/* escape.h: percent encoding of untrusted bytes.

   Encoded text holds only bytes 0x21-0x7e, so it never contains a space, a line end, a control
   character or a byte above ASCII. `%` is always %25. In list elements `,` is encoded too.
   Decoding an encoded text gives the same bytes again. Hexadecimal digits are written in upper case
   and read in either case. Decoding refuses a `%` without two hexadecimal digits after it. */
#ifndef SINBIN_BASE_ESCAPE_H
#define SINBIN_BASE_ESCAPE_H

#include "base/span.h"

enum escape_where { ESCAPE_VALUE, ESCAPE_ELEMENT };

/* Writes the encoding of `in` to out: at most cap bytes, and no part of a %XX. Returns the number of
   bytes written; *used is the number of bytes of `in` that they encode. */
size_t escape_put(char *out, size_t cap, struct span in, enum escape_where where, size_t *used);

/* False if a `%` has no two digits after it; escape_get then fails for any cap. */
bool escape_is_whole(struct span text);

/* Decodes into out (cap bytes). False if the text is malformed or does not fit. */
bool escape_get(char *out, size_t cap, struct span text, size_t *len);

#endif
