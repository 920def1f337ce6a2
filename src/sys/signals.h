/* signals.h: signals that are delivered only while a loop waits, so that none interrupts its work.

   signals_catch blocks the given signals and installs the handler, which sets a flag.
   *while_waiting (which may be NULL) is the mask to give to ppoll(2): the one before, without these
   signals. It also does what signals_ignore_write does: it ignores SIGPIPE and SIGXFSZ, so that a
   closed pipe or a file size limit is an error of the write. */
#ifndef SINBIN_SYS_SIGNALS_H
#define SINBIN_SYS_SIGNALS_H

#include <signal.h>
#include <stddef.h>

void signals_catch(const int *signals, size_t count, void (*handler)(int), sigset_t *while_waiting);
void signals_ignore_write(void);

#endif
