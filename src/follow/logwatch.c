#include "follow/logwatch.h"
#include "follow/logdir.h"
#include "line/checkpoint.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- paths ---- */

static bool open_parent(struct logwatch_path *p) {
  char parent[4096];
  size_t len = (size_t)(p->name - p->path);
  if (p->parent >= 0) return true;
  if (len >= sizeof parent) {
    errno = ENAMETOOLONG;
    return false;
  }
  memcpy(parent, p->path, len);
  parent[len] = '\0';
  p->parent = open(len ? parent : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return p->parent >= 0;
}

static struct logwatch_path path_of(const char *path) {
  const char *slash = strrchr(path, '/');
  struct logwatch_path p = {.path = path, .name = slash ? slash + 1 : path, .parent = -1};
  open_parent(&p); /* if it fails, it is tried again at each look */
  return p;
}

/* A LOGDIR with a slash at its end is its own parent here. */
static int open_in(struct logwatch_path *p, int flags) {
  if (!open_parent(p)) return -1;
  return openat(p->parent, *p->name ? p->name : ".", flags | O_RDONLY | O_CLOEXEC);
}

bool logwatch_open(struct logwatch *w, const char *dir, char *checkpoints) {
  struct logroom_limits limits = w->limits;
  char *rest = checkpoints, *path;
  *w = (struct logwatch){.limits = limits, .fd = -1};
  w->dir = path_of(dir);
  for (; (path = strtok_r(rest, " \t\n", &rest)); w->readers++) {
    if (w->readers == LOGWATCH_READERS_MAX) return false;
    w->checkpoint[w->readers] = path_of(path);
  }
  return w->readers > 0;
}

/* ---- the log ---- */

/* False with errno set; EAGAIN: the file was renamed. */
static bool size_of(int dir, const struct logfile *f, struct logroom_file *out) {
  struct stat st;
  bool named = fstatat(dir, f->name, &st, AT_SYMLINK_NOFOLLOW) == 0;
  if (!named && errno != ENOENT) return false;
  errno = EAGAIN;
  if (!named || st.st_ino != f->inode) return false;
  *out = (struct logroom_file){f->inode, (uint64_t)st.st_size};
  return true;
}

/* False with errno set; EAGAIN: the directory was rotated meanwhile. */
static bool read_files(int dir, struct logroom_file *out, struct logroom_files *files) {
  static struct logfile found[LOGWATCH_FILES_MAX];
  size_t n;
  enum logdir_result result = logdir_scan(dir, found, LOGWATCH_FILES_MAX, &n);
  if (result != LOGDIR_READ) {
    if (result != LOGDIR_ERROR) errno = result == LOGDIR_FULL ? EFBIG : EAGAIN;
    return false;
  }
  for (size_t i = 0; i < n; i++)
    if (!size_of(dir, &found[i], &out[i])) return false;
  *files = (struct logroom_files){out, n, n && logfile_is_current(&found[n - 1])};
  return true;
}

/* False with errno set, ESTALE if the directory was removed. */
static bool open_log(struct logwatch *w) {
  struct stat st;
  if (w->fd < 0) w->fd = open_in(&w->dir, O_DIRECTORY);
  if (w->fd < 0 || fstat(w->fd, &st) != 0) return false;
  errno = ESTALE;
  return st.st_nlink > 0;
}

/* ---- readers ---- */

/* 1: read; 0: no such file; -1: errno is set. */
static int read_checkpoint(struct logwatch_path *p, char *buf, size_t cap, size_t *len) {
  int fd = open_in(p, O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return errno == ENOENT ? 0 : -1;
  ssize_t got = read(fd, buf, cap);
  int error = errno;
  close(fd);
  errno = error;
  *len = got < 0 ? 0 : (size_t)got;
  return got < 0 ? -1 : 1;
}

static bool look_at_reader(struct logwatch *w, size_t number, const struct logroom_files *files) {
  char text[CHECKPOINT_TEXT_MAX + 1];
  struct checkpoint c;
  enum logwatch_reader_state state = LOGWATCH_AT;
  bool is_there = true;
  size_t len;
  int result = read_checkpoint(&w->checkpoint[number], text, sizeof text, &len);
  if (result < 0) return false;
  if (result == 0) state = LOGWATCH_NONE;
  else if (!checkpoint_decode(span_of(text, len), &c)) state = LOGWATCH_MALFORMED;
  uint64_t room = state == LOGWATCH_AT
                      ? logroom_left(&w->limits, files, c.inode, c.offset, &is_there)
                      : logroom_left_unread(&w->limits, files);
  if (!is_there) state = LOGWATCH_GONE;
  if (number > 0 && room >= w->room) return true;
  w->room = room;
  w->slowest = number;
  w->state = state;
  return true;
}

static bool look_at_readers(struct logwatch *w, const struct logroom_files *files) {
  struct logwatch before = *w;
  for (size_t i = 0; i < w->readers; i++)
    if (!look_at_reader(w, i, files)) {
      w->room = before.room;
      w->slowest = before.slowest;
      w->state = before.state;
      return false;
    }
  return true;
}

enum logwatch_result logwatch_check(struct logwatch *w) {
  static struct logroom_file file[LOGWATCH_FILES_MAX];
  struct logroom_files files = {.count = 0};
  if (!open_log(w)) {
    if (w->fd >= 0 || errno != ENOENT) return LOGWATCH_ERROR;
    w->room = logroom_left_unread(&w->limits, &files);
    return LOGWATCH_NO_LOG;
  }
  for (int tries = 0; !read_files(w->fd, file, &files); tries++)
    if (errno != EAGAIN || tries == 20) return LOGWATCH_ERROR;
  return look_at_readers(w, &files) ? LOGWATCH_SEEN : LOGWATCH_ERROR;
}
