#include "collect/detectoredit.h"
#include "sys/atomicfile.h"
#include "sys/systemerror.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPORARY ".new" /* a file in the directory of a detector */

static bool diagnose(struct diagnosis *p, const char *detector, const char *file,
                     const char *what) {
  snprintf(p->text, sizeof p->text, "%s%s%s: %s: %s", detector, file ? "/" : "", file ? file : "",
           what, strerror(errno));
  p->temporary = systemerror_is_temporary(errno);
  return false;
}

bool detectoredit_open(struct detectoredit *e, const char *path, struct diagnosis *p) {
  struct stat st;
  e->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (e->dir < 0 || fstat(e->dir, &st) != 0 || flock(e->dir, LOCK_EX) != 0) {
    diagnose(p, ".", NULL, "unable to open the directory");
    detectoredit_close(e);
    return false;
  }
  e->change_owner = geteuid() == 0;
  e->uid = st.st_uid;
  e->gid = st.st_gid;
  return true;
}

void detectoredit_close(struct detectoredit *e) {
  if (e->dir >= 0) close(e->dir);
  e->dir = -1;
}

static bool set_owner(const struct detectoredit *e, int fd) {
  return !e->change_owner || fchown(fd, e->uid, e->gid) == 0;
}

static bool write_and_sync(const struct detectoredit *e, int fd,
                           const struct detectoredit_file *file) {
  bool written =
      atomicfile_write_all(fd, file->text.s, file->text.len) && atomicfile_write_all(fd, "\n", 1) &&
      fchmod(fd, file->mode ? file->mode : 0644) == 0 && set_owner(e, fd) && fsync(fd) == 0;
  int saved = errno;
  close(fd);
  errno = saved;
  return written;
}

static bool put_file(const struct detectoredit *e, int dir, const struct detectoredit_file *file) {
  if (unlinkat(dir, TEMPORARY, 0) != 0 && errno != ENOENT) return false;
  int fd = openat(dir, TEMPORARY, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400);
  if (fd < 0) return false;
  if (write_and_sync(e, fd, file) && renameat(dir, TEMPORARY, dir, file->name) == 0 &&
      fsync(dir) == 0)
    return true;
  int saved = errno;
  unlinkat(dir, TEMPORARY, 0);
  errno = saved;
  return false;
}

bool detectoredit_make_key(char hex[DETECTOREDIT_KEY_HEX + 1]) {
  uint8_t key[MAC_KEY_BYTES];
  if (!mac_init()) return false;
  randombytes_buf(key, sizeof key);
  sodium_bin2hex(hex, DETECTOREDIT_KEY_HEX + 1, key, sizeof key);
  sodium_memzero(key, sizeof key);
  return true;
}

static int open_detector(const struct detectoredit *e, const char *detector) {
  return openat(e->dir, detector, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

static void close_keep_errno(int dir) {
  int saved = errno;
  if (dir >= 0) close(dir);
  errno = saved;
}

bool detectoredit_put(struct detectoredit *e, const char *detector,
                      const struct detectoredit_file *file, struct diagnosis *p) {
  int dir = open_detector(e, detector);
  bool ok = dir >= 0 && put_file(e, dir, file);
  close_keep_errno(dir);
  return ok || diagnose(p, detector, file->name, "unable to write it");
}

bool detectoredit_remove(struct detectoredit *e, const char *detector, const char *file,
                         struct diagnosis *p) {
  int dir = open_detector(e, detector);
  bool ok = dir >= 0 && (unlinkat(dir, file, 0) == 0 || errno == ENOENT) && fsync(dir) == 0;
  close_keep_errno(dir);
  return ok || diagnose(p, detector, file, "unable to remove it");
}

/* Removes what an interrupted attempt has left. */
static void remove_leftovers(const struct detectoredit *e, const char *hidden,
                             const struct detectoredit_file *files, size_t count) {
  int dir = open_detector(e, hidden);
  if (dir < 0) return;
  for (size_t i = 0; i < count; i++) unlinkat(dir, files[i].name, 0);
  unlinkat(dir, TEMPORARY, 0);
  close_keep_errno(dir);
  unlinkat(e->dir, hidden, AT_REMOVEDIR);
}

static bool make_detector(const struct detectoredit *e, const char *hidden,
                          const struct detectoredit_file *files, size_t count) {
  if (mkdirat(e->dir, hidden, 0755) != 0) return false;
  int dir = open_detector(e, hidden);
  bool ok = dir >= 0 && set_owner(e, dir);
  for (size_t i = 0; ok && i < count; i++) ok = put_file(e, dir, &files[i]);
  close_keep_errno(dir);
  return ok;
}

bool detectoredit_add(struct detectoredit *e, const char *detector,
                      const struct detectoredit_file *files, size_t count, struct diagnosis *p) {
  char hidden[DETECTOR_MAX + 8];
  snprintf(hidden, sizeof hidden, ".%s.new", detector);
  remove_leftovers(e, hidden, files, count);
  bool ok = make_detector(e, hidden, files, count) &&
            renameat2(e->dir, hidden, e->dir, detector, RENAME_NOREPLACE) == 0 &&
            fsync(e->dir) == 0;
  if (ok) return true;
  diagnose(p, detector, NULL, "unable to make it");
  remove_leftovers(e, hidden, files, count);
  return false;
}
