/* splicesend.h: sends short texts to a TCP connection without using kernel memory permanently.

   At the first send(2) of a process, the kernel allocates 32 KiB of send pages for it and keeps them
   until the process ends: a third of the memory of a process that waits for a client. Text that is
   spliced from a pipe has its own page, which is freed when the peer has acknowledged it. A peer that
   reads nothing would hold one page for each text, so only the first SPLICESEND_SPLICES texts of a
   process are spliced. All others are sent by send or write, and so is every text if there is no
   pipe, no TCP connection or no splice(2).

   In all cases the same bytes arrive in the same order, no call waits, and no descriptor is left
   open. Splicing uses two descriptors during the call. */
#ifndef SINBIN_SYS_SPLICESEND_H
#define SINBIN_SYS_SPLICESEND_H

#include "base/span.h"
#include <sys/types.h>

#define SPLICESEND_SPLICES 12
#define SPLICESEND_MAX     4096 /* bytes of a longer text that one call takes at most */
#define SPLICESEND_FILES   2    /* descriptors during a call */

enum splicesend_kind {
  SPLICESEND_TCP,
  SPLICESEND_SOCKET, /* any other socket */
  SPLICESEND_FILE,   /* not a socket */
};

struct splicesend {
  int fd;
  int splices; /* how many are left; 0: send or write */
  bool is_socket;
};

/* Makes a TCP connection or a file non-blocking, also for other processes that share it. */
struct splicesend splicesend_make(int fd, enum splicesend_kind kind);

/* Like send(2), without waiting. The caller ignores SIGPIPE. Returns the number of bytes that were
   taken, or -1 with errno set. */
ssize_t splicesend_send(struct splicesend *o, struct span text);

#endif
