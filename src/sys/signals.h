/* signals.h: signals that come in only while a loop waits, so that nothing it does is half done.

   The given signals are blocked, and caught by the handler, which sets a flag; *while_waiting is
   the mask for ppoll(2) that lets them in. SIGPIPE is ignored, and so is SIGXFSZ: a file size limit
   is to be an error of the write. */
#ifndef SINBIN_SYS_SIGNALS_H
#define SINBIN_SYS_SIGNALS_H

#include <signal.h>
#include <stddef.h>

void signals_catch(const int *signals, size_t count, void (*handler)(int), sigset_t *while_waiting);

#endif
