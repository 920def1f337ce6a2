#include "rule/database.h"
#include "sys/systemerror.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* O_NONBLOCK: the open of a FIFO does not wait. */
enum database database_open(struct table *t, const char *path, struct fileid *id) {
  struct fileid ignored;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return DATABASE_UNREADABLE;
  bool has_id = fileid_of_fd(fd, id ? id : &ignored);
  bool good = has_id && table_open(t, fd);
  int error = errno;
  close(fd);
  errno = error;
  if (good) return DATABASE_OPEN;
  return !has_id || systemerror_is_temporary(error) ? DATABASE_UNREADABLE : DATABASE_DAMAGED;
}
