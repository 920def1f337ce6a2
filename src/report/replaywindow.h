/* replaywindow.h: which of a detector's reports were taken already, so that a repeated one counts once.

   The window holds the highest number taken and one bit for each of the 8,192 numbers up to it, and
   of each number taken a check of what was reported under it (report_check of message.h), so that a
   report that is sent again is told from another one that has its number:

     above the highest by at most WINDOW_LEAP     NEW; taking it moves the window up
     above that                                   AHEAD: no detector counts so many lines between
   two reports in the window, not taken                     NEW in the window, taken, the same check
   DUPLICATE: it was sent again in the window, taken, another check          OTHER: two senders use
   the number below the window, or 0                       BELOW: it cannot be known whether it was
   taken

   In the empty window (all zero) a number of up to WINDOW_FIRST is new. Numbers run from 1. A check
   of 0 is not known, and is the same as any other.

   As a blob: a version byte (1), the highest number in 8 bytes, big endian, and 1,024 bytes of bits
   (number n is bit n mod 8 of byte (n mod 8192) / 8). replaywindow_load refuses any other form. The
   checks are apart, in 64 parts of 128 (number n is in part (n mod 8192) / 128), 4 bytes each, big
   endian, so that few are written for few reports; a part is read with the highest number of when
   it was written, and what it says of numbers that are not in the window any more is left alone. */
#ifndef SINBIN_REPORT_REPLAYWINDOW_H
#define SINBIN_REPORT_REPLAYWINDOW_H

#include "base/span.h"
#include <stdint.h>

#define REPLAYWINDOW_SIZE 8192
#define REPLAYWINDOW_BLOB (1 + 8 + REPLAYWINDOW_SIZE / 8)
#define WINDOW_LEAP       (UINT64_C(1) << 24)
#define WINDOW_FIRST      (UINT64_C(1) << 40)
#define WINDOW_PARTS      64
#define WINDOW_CHECKS     (REPLAYWINDOW_SIZE / WINDOW_PARTS)
#define WINDOW_PART       (4 * WINDOW_CHECKS)

struct replaywindow {
  uint64_t top;
  uint64_t unsaved; /* a bit for each part that was changed; who saves them sets it to 0 */
  uint8_t bits[REPLAYWINDOW_SIZE / 8];
  uint32_t checks[REPLAYWINDOW_SIZE];
};

enum replaywindow_state {
  REPLAYWINDOW_NEW,
  REPLAYWINDOW_DUPLICATE,
  WINDOW_OTHER,
  REPLAYWINDOW_BELOW,
  WINDOW_AHEAD
};

enum replaywindow_state replaywindow_look(const struct replaywindow *w, uint64_t seq,
                                          uint32_t check);
/* Marks a number that is new. */
void replaywindow_take(struct replaywindow *w, uint64_t seq, uint32_t check);

void replaywindow_save(const struct replaywindow *w, char *blob); /* REPLAYWINDOW_BLOB bytes */
/* The checks are not known then. */
bool replaywindow_load(struct span blob, struct replaywindow *out);

void replaywindow_save_part(const struct replaywindow *w, int part,
                            char *blob); /* WINDOW_PART bytes */
/* Of a window that was loaded; top: of the window that the part was saved from. False, changing
   nothing, where it has another length. */
bool replaywindow_load_part(struct replaywindow *w, int part, struct span blob, uint64_t top);

#endif
