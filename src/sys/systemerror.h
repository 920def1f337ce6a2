/* systemerror.h: decides whether an error number is temporary, for all programs.

   A temporary error is exit 111, after which a supervisor starts the program again. A permanent
   error is exit 100, and the operator must act. Permanent errors are those caused by a name, a mode
   or a wrong kind of file: ENOENT, EACCES, EROFS and similar ones. All others are temporary: no
   descriptor, no memory, no space, a failing disk. 0 is not temporary. */
#ifndef SINBIN_SYS_SYSTEMERROR_H
#define SINBIN_SYS_SYSTEMERROR_H

#include <stdbool.h>

bool systemerror_is_temporary(int error);

#endif
