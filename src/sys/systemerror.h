/* systemerror.h: whether trying again may help after an error of the system.

   One place decides it for all programs: an error that is temporary is exit 111, after which a
   supervisor starts the program again; the others are exit 100, and the operator has to act.
   Permanent is what a name, a mode or a wrong kind of file causes: ENOENT, EACCES, EROFS and the
   like. All other errors are temporary: no descriptor, no memory, no space, a disk that fails. 0
   is no error of the system, and not temporary. */
#ifndef SINBIN_SYS_SYSTEMERROR_H
#define SINBIN_SYS_SYSTEMERROR_H

#include <stdbool.h>

bool systemerror_is_temporary(int error);

#endif
