/* number.h: decimal numbers as text, strictly.

   A parser consumes the whole span or refuses it: no blanks, no plus sign, no overflow. The
   canonical forms (number_canonical) also refuse leading zeros, so that one value has one spelling.
 */
#ifndef SINBIN_BASE_NUMBER_H
#define SINBIN_BASE_NUMBER_H

#include "base/span.h"
#include <stdint.h>

/* Digits only, at most max. False and *out untouched on anything else. */
bool number_parse(struct span text, uint64_t max, uint64_t *out);
/* The same, refusing leading zeros (but not "0" itself). */
bool number_canonical(struct span text, uint64_t max, uint64_t *out);
/* An optional minus sign, then digits; within min..max. */
bool number_parse_signed(struct span text, int64_t min, int64_t max, int64_t *out);
/* Seconds with up to three decimals ("8", "0.25", "1764000000.123") as milliseconds, at most
 * max_ms. */
bool number_parse_ms(struct span text, uint64_t max_ms, uint64_t *out_ms);
/* Exactly n lower-case hexadecimal digits, n <= 16. */
bool number_parse_hex(struct span text, size_t n, uint64_t *out);

#define NUMBER_MAX 24 /* bytes a formatted number may need */
/* Both write at most NUMBER_MAX bytes, no NUL, and return the length. */
size_t number_format(char *out, uint64_t value);
/* The same as a string, in a buffer of NUMBER_MAX + 1 bytes, which it returns. */
const char *number_text(char *out, uint64_t value);
/* Milliseconds as seconds with three decimals, "14.023". */
size_t number_format_ms(char *out, uint64_t ms);
/* The last n decimal digits, with leading zeros: n bytes. */
void number_format_padded(char *out, uint64_t value, size_t n);
/* n lower-case hexadecimal digits, n <= 16. */
size_t number_format_hex(char *out, uint64_t value, size_t n);

#endif
