/* escape.h: percent encoding of bytes that a peer or a file chose.

   Encoded text holds only bytes 0x21-0x7e, so it never contains a space, a line end, a control
   character or a byte above ASCII; `%` is always %25. In list elements `,` is encoded too.
   unescape(escape(x)) == x for every x. Hexadecimal digits are written in upper case and read in
   either. Decoding refuses a `%` that two hexadecimal digits do not follow. */
#ifndef SINBIN_BASE_ESCAPE_H
#define SINBIN_BASE_ESCAPE_H

#include "base/span.h"

enum escape_where { ESCAPE_VALUE, ESCAPE_ELEMENT };

/* Writes the encoding of `in` to out, at most cap bytes, never cutting within one %XX. Returns the
   bytes written; *used says how many bytes of `in` they stand for. */
size_t escape_put(char *out, size_t cap, struct span in, enum escape_where where, size_t *used);

/* False where a `%` stands without its digits: what escape_get refuses, whatever the room. */
bool escape_is_whole(struct span text);

/* Decodes into out (cap bytes). False where the text is malformed or does not fit. */
bool escape_get(char *out, size_t cap, struct span text, size_t *len);

#endif
