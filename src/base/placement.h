/* placement.h: finds the descriptor that takes a handler's line, under acceptors that put the
   connection on descriptor 1, or on 1 and 2, as well as on 0.

   Afterwards 1 takes the line and 2 is never the connection (it may be closed). In order: 1 itself;
   else 2; else the file or FIFO `path`, which must exist and is appended to. A FIFO that nobody
   reads is refused at once (ENXIO) instead of waited for. PLACEMENT_NONE: there is no such place
   and no path. PLACEMENT_FAILED: errno says why. */
#ifndef SINBIN_BASE_PLACEMENT_H
#define SINBIN_BASE_PLACEMENT_H

enum placement { PLACEMENT_OK, PLACEMENT_NONE, PLACEMENT_FAILED };

/* path may be NULL. */
enum placement placement_make(const char *path);

#endif
