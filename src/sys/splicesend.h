/* splicesend.h: sends short texts to a TCP connection without a send page staying behind.

   The first send(2) of a process makes the kernel give it a page of its own to send from, 32 KiB
   that are held as long as the process lives: a third of one that waits for a client. What is
   spliced from a pipe brings a page along, and that goes when the peer has acknowledged it. A peer
   that reads nothing would keep a page a text, so only the first SPLICESEND_SPLICES texts of a process
   go that way. All others go by send or write, and so does every text if there is no pipe, no TCP
   or no splice(2).

   Whichever way, the same bytes arrive in the same order, nothing waits, and no descriptor stays
   open. A text that is spliced takes two descriptors while it is sent. */
#ifndef SINBIN_SYS_SPLICESEND_H
#define SINBIN_SYS_SPLICESEND_H

#include "base/span.h"
#include <sys/types.h>

#define SPLICESEND_SPLICES 12
#define SPLICESEND_MAX     4096 /* of a longer text only so much is taken at once */
#define SPLICESEND_FILES   2    /* descriptors for a moment */

enum splicesend_kind {
  SPLICESEND_TCP,
  SPLICESEND_SOCKET, /* any other socket */
  SPLICESEND_FILE,   /* no socket */
};

struct splicesend {
  int fd;
  int splices; /* how many are left; 0: the plain way */
  bool is_socket;
};

/* TCP connections and files become non-blocking for everybody who shares them. */
struct splicesend splicesend_make(int fd, enum splicesend_kind kind);

/* As send(2) without waiting and without SIGPIPE, which the caller ignores: how many bytes of text
   were taken, or -1 with errno. */
ssize_t splicesend_send(struct splicesend *o, struct span text);

#endif
