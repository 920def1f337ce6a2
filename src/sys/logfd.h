/* logfd.h: finds the descriptor that takes a handler's line, under acceptors that put the
   connection on descriptor 1, or on 1 and 2, as well as on 0.

   Afterwards 1 takes the line and 2 is never the connection (it may be closed). In order: 1 itself;
   else 2; else the file or FIFO `path`, which must exist and is appended to. A FIFO that nobody
   reads is refused at once (ENXIO) instead of waited for. LOGFD_NONE: there is no such place
   and no path. LOGFD_FAILED: errno says why. */
#ifndef SINBIN_SYS_LOGFD_H
#define SINBIN_SYS_LOGFD_H

enum logfd { LOGFD_OK, LOGFD_NONE, LOGFD_FAILED };

/* path may be NULL. */
enum logfd logfd_make(const char *path);

#endif
