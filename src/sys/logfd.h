/* logfd.h: finds the descriptor for a handler's session line. Some acceptors put the connection on
   descriptor 1, or on 1 and 2, as well as on 0.

   Afterwards descriptor 1 takes the line, and 2 is not the connection (it may be closed). The first
   of these that is not the connection is used: descriptor 1; descriptor 2; the file or FIFO `path`,
   which must exist and is appended to. A FIFO without a reader is refused at once (ENXIO).
   LOGFD_NONE: there is no such descriptor and no path. LOGFD_FAILED: errno says why. */
#ifndef SINBIN_SYS_LOGFD_H
#define SINBIN_SYS_LOGFD_H

enum logfd { LOGFD_OK, LOGFD_NONE, LOGFD_FAILED };

/* path may be NULL. */
enum logfd logfd_make(const char *path);

#endif
