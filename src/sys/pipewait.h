/* pipewait.h: a filter's wait for input that also notices the end of who reads its output.

   A filter that only reads learns that its reader is gone when it next writes: with no input,
   never. In a pipeline of which none is to outlive another, each waits with this before it reads.
   True: there is something to read (or the end, or a signal came). False: nobody reads the output
   any more, and no input is left that could be read at once. */
#ifndef SINBIN_SYS_PIPEWAIT_H
#define SINBIN_SYS_PIPEWAIT_H

#include <stdbool.h>

bool pipewait_input(int in, int out);

/* Ends the program if the reader of its output is gone: exit 111, and no error, since a pipeline
   that is restarted ends like this. */
_Noreturn void pipewait_leave(void);

#endif
