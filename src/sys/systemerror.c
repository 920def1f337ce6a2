#include "sys/systemerror.h"
#include <errno.h>
#include <stddef.h>

bool systemerror_is_temporary(int error) {
  static const int permanent[] = {0,        ENOENT,       ENOTDIR, EACCES,       EPERM,  EISDIR,
                                  ELOOP,    EROFS,        EEXIST,  ENAMETOOLONG, EINVAL, ENXIO,
                                  ENODEV,   EPROTO,       EBADF,   ENOSYS,       EXDEV,  EOPNOTSUPP,
                                  ENOTSOCK, EAFNOSUPPORT, ENOTCONN};
  for (size_t i = 0; i < sizeof permanent / sizeof *permanent; i++)
    if (error == permanent[i]) return false;
  return true;
}
