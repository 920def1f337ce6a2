#include "sys/atomicfile.h"
#include "sys/fileid.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Another writer may have renamed the file between open and flock: then the lock protects nothing. */
static bool is_still_named(int fd, const char *temp) {
  struct fileid held, named;
  return fileid_of_fd(fd, &held) && fileid_of_path(temp, &named) && fileid_is_same(&held, &named);
}

/* rename(2) replaces all of these, and refuses only a directory. */
static bool is_device_or_pipe(const char *path) {
  struct stat st;
  if (lstat(path, &st) != 0) return false;
  return S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode) || S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode);
}

bool atomicfile_open(struct atomicfile *f, const char *path, mode_t mode) {
  size_t len = strlen(path);
  f->fd = -1;
  if (len >= sizeof f->path) {
    errno = ENAMETOOLONG;
    return false;
  }
  if (is_device_or_pipe(path)) {
    errno = EEXIST;
    return false;
  }
  memcpy(f->path, path, len + 1);
  memcpy(f->temp, path, len);
  memcpy(f->temp + len, ".tmp", 5);
  for (;;) {
    int fd = open(f->temp, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0) return false;
    f->fd = fd;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) break;
    if (!is_still_named(fd, f->temp)) {
      close(fd);
      continue;
    }
    if (ftruncate(fd, 0) == 0 && fchmod(fd, mode) == 0) return true;
    atomicfile_abandon(f);
    return false;
  }
  int saved = errno;
  close(f->fd);
  f->fd = -1;
  errno = saved;
  return false;
}

static bool sync_directory(const char *path) {
  char dir[PATH_MAX];
  const char *slash = strrchr(path, '/');
  size_t len = slash ? (size_t)(slash - path) : 0;
  if (!slash) memcpy(dir, ".", 2);
  else if (len == 0) memcpy(dir, "/", 2);
  else {
    memcpy(dir, path, len);
    dir[len] = '\0';
  }
  int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  bool ok = fsync(fd) == 0;
  int saved = errno;
  close(fd);
  errno = saved;
  return ok;
}

bool atomicfile_commit(struct atomicfile *f) {
  if (fsync(f->fd) != 0 || rename(f->temp, f->path) != 0) {
    atomicfile_abandon(f);
    return false;
  }
  close(f->fd);
  f->fd = -1;
  return sync_directory(f->path);
}

void atomicfile_abandon(struct atomicfile *f) {
  int saved = errno;
  if (f->fd >= 0) {
    unlink(f->temp);
    close(f->fd);
    f->fd = -1;
  }
  errno = saved;
}

bool atomicfile_write_all(int fd, const void *data, size_t len) {
  const char *at = data;
  while (len) {
    ssize_t n = write(fd, at, len);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    at += n;
    len -= (size_t)n;
  }
  return true;
}
