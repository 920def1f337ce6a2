/* number.h: numbers as text, read strictly.

   A parser consumes the whole span or refuses it: no blanks, no plus sign, no overflow.
   number_canonical also refuses leading zeros, so that each value has one spelling. */
#ifndef SINBIN_BASE_NUMBER_H
#define SINBIN_BASE_NUMBER_H

#include "base/span.h"
#include <stdint.h>

/* Digits only, at most max. Otherwise false, and *out is untouched. */
bool number_parse(struct span text, uint64_t max, uint64_t *out);
/* The same without leading zeros ("0" itself is accepted). */
bool number_canonical(struct span text, uint64_t max, uint64_t *out);
/* An optional minus sign, then digits; within min..max. */
bool number_parse_signed(struct span text, int64_t min, int64_t max, int64_t *out);
/* Seconds with up to three decimals ("8", "0.25", "1764000000.123") to milliseconds, at most
   max_ms. */
bool number_parse_ms(struct span text, uint64_t max_ms, uint64_t *out_ms);
/* Exactly n lower-case hexadecimal digits, n <= 16. */
bool number_parse_hex(struct span text, size_t n, uint64_t *out);

#define NUMBER_MAX 24 /* bytes a formatted number may need */
/* number_format and number_format_ms write at most NUMBER_MAX bytes without a NUL; they return the
   length. */
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
