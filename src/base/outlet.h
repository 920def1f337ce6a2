/* outlet.h: sends short texts to a TCP connection without a send page staying behind.

   The first send(2) of a process makes the kernel give it a page of its own to send from, 32 KiB
   that are held as long as the process lives: for one that mostly waits, most of its memory. What
   is spliced from a pipe brings its page along, and the page goes when the peer has acknowledged
   it. A peer that reads nothing would keep a page a text, so only the first OUTLET_SPLICES texts of
   a process go that way; all others, and all where there is no pipe or no TCP, go by send or write.

   Whichever way, the same bytes arrive in the same order, and nothing waits. */
#ifndef SINBIN_BASE_OUTLET_H
#define SINBIN_BASE_OUTLET_H

#include "base/span.h"
#include <sys/types.h>

#define OUTLET_SPLICES 12
#define OUTLET_MAX     4096 /* of a longer text only so much is taken at once */

struct outlet {
  int fd;
  int pipe[2]; /* empty between calls */
  int splices; /* how many are left; 0: the plain way */
  bool is_socket;
};

/* A pipe for fd, a TCP connection, which becomes non-blocking for everybody who shares it. Its
   descriptors are the lowest that are free. Where it cannot be had, the plain way remains. */
void outlet_open_tcp(struct outlet *o, int fd);
/* The plain way only; a descriptor that is no socket should be non-blocking. */
void outlet_open_plain(struct outlet *o, int fd, bool is_socket);

/* As send(2) without waiting and without SIGPIPE, which the caller ignores: how many bytes of text
   were taken, or -1 with errno. */
ssize_t outlet_send(struct outlet *o, struct span text);

#endif
