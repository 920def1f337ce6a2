/* pipewait.h: waits for input, and notices when the reader of the output has exited.

   A filter that only reads notices that its reader has exited when it writes next, which without
   input is never. If all programs of a pipeline must end together, each waits with this before it
   reads. True: there is input, or its end, or a signal came. False: the output has no reader any
   more, and no input is available at once. */
#ifndef SINBIN_SYS_PIPEWAIT_H
#define SINBIN_SYS_PIPEWAIT_H

#include <stdbool.h>

bool pipewait_input(int in, int out);

/* Ends the program after its reader has exited: exit 111, with an info message and not an error,
   since this is how a restarted pipeline ends. */
_Noreturn void pipewait_leave(void);

#endif
