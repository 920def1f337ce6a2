/* window.h: which of a detector's reports were taken already, so that a repeated one counts once.

   The window holds the highest number taken and one bit for each of the 8,192 numbers up to it. A
   number is new, a duplicate, or below the window; below counts as taken, since nobody can tell.
   A number above the highest moves the window up. All zero is the empty window. Numbers run from 1.

   As a blob: a version byte (1), the highest number in 8 bytes, big endian, and 1,024 bytes of bits
   (number n is bit n mod 8 of byte (n mod 8192) / 8). window_load refuses any other form. */
#ifndef SINBIN_REPORT_WINDOW_H
#define SINBIN_REPORT_WINDOW_H

#include "base/span.h"
#include <stdint.h>

#define WINDOW_SIZE 8192
#define WINDOW_BLOB (1 + 8 + WINDOW_SIZE / 8)

struct window {
  uint64_t top;
  uint8_t bits[WINDOW_SIZE / 8];
};

enum window_state { WINDOW_NEW, WINDOW_DUPLICATE, WINDOW_BELOW };

enum window_state window_look(const struct window *w, uint64_t seq);
/* Marks a number that is new. */
void window_take(struct window *w, uint64_t seq);

void window_save(const struct window *w, char *blob); /* WINDOW_BLOB bytes */
bool window_load(struct span blob, struct window *out);

#endif
