/* What trying again may help against, and what an operator has to mend. */
#include "sys/systemerror.h"
#include "tap.h"
#include <errno.h>

int main(void) {
  static const struct {
    const char *name;
    int error;
    bool temporary;
  } rows[] = {
      {"no error", 0, false},
      {"EMFILE", EMFILE, true},
      {"ENFILE", ENFILE, true},
      {"EIO", EIO, true},
      {"ENOMEM", ENOMEM, true},
      {"EAGAIN", EAGAIN, true},
      {"EINTR", EINTR, true},
      {"ENOSPC", ENOSPC, true},
      {"EDQUOT", EDQUOT, true},
      {"ENOBUFS", ENOBUFS, true},
      {"EFBIG", EFBIG, true},
      {"ESTALE", ESTALE, true},
      {"ENOENT", ENOENT, false},
      {"ENOTDIR", ENOTDIR, false},
      {"EACCES", EACCES, false},
      {"EPERM", EPERM, false},
      {"EISDIR", EISDIR, false},
      {"ELOOP", ELOOP, false},
      {"EROFS", EROFS, false},
      {"ENAMETOOLONG", ENAMETOOLONG, false},
      {"EINVAL", EINVAL, false},
      {"ENXIO", ENXIO, false},
      {"EPROTO, which is what a damaged database gives", EPROTO, false},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    ok(systemerror_is_temporary(rows[i].error) == rows[i].temporary, "%s: %s", rows[i].name,
       rows[i].temporary ? "temporary" : "permanent");
  return done();
}
