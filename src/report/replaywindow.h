/* replaywindow.h: which reports of a detector were accepted, so that a repeated one counts once.

   The window holds the highest number accepted, one bit for each of the 8,192 numbers up to it, and
   for each number accepted a check of its report (report_check of message.h), which tells a report
   that is sent again from another report with the same number:

     number                                             state
     above the highest by at most REPLAYWINDOW_LEAP     NEW: adding it moves the window
     above the highest by more                          AHEAD: no detector leaves out that many
     in the window, not accepted                        NEW
     in the window, accepted, the same check            DUPLICATE: it was sent again
     in the window, accepted, another check             OTHER: two senders use the number
     below the window, or 0                             BELOW: it may have been accepted, or not

   In the empty window (all zero) a number of up to REPLAYWINDOW_FIRST is NEW. Numbers start with 1.
   A check of 0 is unknown, and equals any other.

   Encoding: a version byte (1), the highest number in 8 bytes, big endian, and 1,024 bytes of bits
   (number n is bit n mod 8 of byte (n mod 8192) / 8). replaywindow_decode refuses any other form.
   The checks are encoded separately, so that few bytes are written for few reports: 64 parts of 128
   checks (number n is in part (n mod 8192) / 128), 4 bytes each, big endian. A part is decoded with
   the highest number at the time when it was written; checks of numbers that have left the window
   since then are ignored. */
#ifndef SINBIN_REPORT_REPLAYWINDOW_H
#define SINBIN_REPORT_REPLAYWINDOW_H

#include "base/span.h"
#include <stdint.h>

#define REPLAYWINDOW_SIZE        8192
#define REPLAYWINDOW_BLOB        (1 + 8 + REPLAYWINDOW_SIZE / 8)
#define REPLAYWINDOW_LEAP        (UINT64_C(1) << 24)
#define REPLAYWINDOW_FIRST       (UINT64_C(1) << 40)
#define REPLAYWINDOW_PARTS       64
#define REPLAYWINDOW_PART_CHECKS (REPLAYWINDOW_SIZE / REPLAYWINDOW_PARTS)
#define REPLAYWINDOW_PART_SIZE   (4 * REPLAYWINDOW_PART_CHECKS)

struct replaywindow {
  uint64_t top;
  uint64_t unsaved; /* a bit for each part that has changed; cleared when the caller saves it */
  uint8_t bits[REPLAYWINDOW_SIZE / 8];
  uint32_t checks[REPLAYWINDOW_SIZE];
};

enum replaywindow_state {
  REPLAYWINDOW_NEW,
  REPLAYWINDOW_DUPLICATE,
  REPLAYWINDOW_OTHER,
  REPLAYWINDOW_BELOW,
  REPLAYWINDOW_AHEAD
};

enum replaywindow_state replaywindow_classify(const struct replaywindow *w, uint64_t seq,
                                              uint32_t check);
/* Marks a number as accepted; its state must be NEW. */
void replaywindow_add(struct replaywindow *w, uint64_t seq, uint32_t check);

void replaywindow_encode(const struct replaywindow *w, char *blob); /* REPLAYWINDOW_BLOB bytes */
/* The checks are unknown afterwards. */
bool replaywindow_decode(struct span blob, struct replaywindow *out);

void replaywindow_encode_part(const struct replaywindow *w, int part,
                              char *blob); /* REPLAYWINDOW_PART_SIZE bytes */
/* w: a decoded window. top: the highest number of the window that the part was encoded from. False,
   with nothing changed, if the length is wrong. */
bool replaywindow_decode_part(struct replaywindow *w, int part, struct span blob, uint64_t top);

#endif
