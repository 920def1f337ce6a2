/* Atomic replacement: the old file or the new one, one writer at a time. */
#include "sys/atomicfile.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/sinbin-atomicfile-XXXXXX";
static char path[64], temp[80];

static struct span content(void) {
  static char buf[64];
  int fd = open(path, O_RDONLY);
  ssize_t n = fd < 0 ? 0 : read(fd, buf, sizeof buf);
  if (fd >= 0) close(fd);
  return span_of(buf, n < 0 ? 0 : (size_t)n);
}

/* What another writer does between our open and our lock: it commits, and perhaps begins again. */
static enum { NOTHING, COMMITS, COMMITS_AND_BEGINS } other;
static int other_fd = -1;

int flock(int fd, int operation) {
  int does = other;
  other = NOTHING;
  if (does && rename(temp, path) != 0) abort();
  if (does == COMMITS_AND_BEGINS) {
    other_fd = open(temp, O_RDWR | O_CREAT, 0600);
    if (syscall(SYS_flock, other_fd, LOCK_EX | LOCK_NB) != 0) abort();
  }
  return (int)syscall(SYS_flock, fd, operation);
}

/* A lock is taken on the file that has the name, or not at all: else there would be two writers. */
static void another_writer(void) {
  struct atomicfile one;
  struct stat held, named;
  other = COMMITS;
  ok(atomicfile_open(&one, path, 0644), "another writer has committed meanwhile: opened");
  ok(fstat(one.fd, &held) == 0 && stat(temp, &named) == 0 && held.st_ino == named.st_ino,
     "what is locked has the name");
  ok(atomicfile_write_all(one.fd, "fourth", 6) && atomicfile_commit(&one), "and is committed");
  is_text(content(), "fourth", "whole");
  other = COMMITS_AND_BEGINS;
  ok(!atomicfile_open(&one, path, 0644) && errno == EWOULDBLOCK && one.fd == -1,
     "another one has begun again meanwhile: kept out");
  close(other_fd);
  unlink(temp);
}

/* In a child, as no root: the directory may be written to and not read, so that it cannot be
 * synced. */
static int commit_unsynced(void) {
  struct atomicfile one;
  if (geteuid() == 0 && setuid(65534) != 0) return 9;
  if (!atomicfile_open(&one, path, 0644) || !atomicfile_write_all(one.fd, "fifth", 5)) return 1;
  return atomicfile_commit(&one) ? 2 : errno == EACCES ? 0 : 3;
}

static void unsynced(void) {
  int status = 0;
  unlink(path);
  ok((geteuid() != 0 || chown(dir, 65534, 65534) == 0) && chmod(dir, 0300) == 0,
     "a directory that cannot be read");
  pid_t child = fork();
  if (child == 0) _exit(commit_unsynced());
  waitpid(child, &status, 0);
  ok(status == 0, "a directory that cannot be synced is an error (%d)", WEXITSTATUS(status));
  chmod(dir, 0700);
}

int main(void) {
  struct atomicfile one, two;
  struct stat st;
  ok(mkdtemp(dir) != NULL, "a directory to work in");
  snprintf(path, sizeof path, "%s/file", dir);
  snprintf(temp, sizeof temp, "%s.tmp", path);

  ok(atomicfile_open(&one, path, 0640) && atomicfile_write_all(one.fd, "first", 5),
     "a new file is written");
  ok(stat(path, &st) != 0, "and has no name yet");
  ok(!atomicfile_open(&two, path, 0640) && errno == EWOULDBLOCK, "a second writer is kept out");
  ok(atomicfile_commit(&one), "it is committed");
  is_text(content(), "first", "and is there");
  ok(stat(path, &st) == 0 && (st.st_mode & 07777) == 0640, "with the mode asked for");
  ok(stat(temp, &st) != 0, "the temporary name is gone");

  ok(atomicfile_open(&one, path, 0644) && atomicfile_write_all(one.fd, "sec", 3),
     "half of a second one");
  atomicfile_abandon(&one);
  ok(one.fd == -1 && (atomicfile_abandon(&one), fcntl(0, F_GETFD) >= 0),
     "to abandon it again does nothing");
  is_text(content(), "first", "an abandoned one leaves the old");
  ok(stat(temp, &st) != 0, "and no temporary file");

  int left = open(temp, O_WRONLY | O_CREAT, 0600);
  ok(left >= 0 && write(left, "left by a crash, and long", 25) == 25,
     "a crash left a temporary file");
  close(left);
  ok(atomicfile_open(&one, path, 0644) && atomicfile_write_all(one.fd, "third", 5) &&
         atomicfile_commit(&one),
     "it is taken over");
  is_text(content(), "third", "and none of it is in the result");

  ok(symlink(path, temp) == 0 && !atomicfile_open(&one, path, 0644) && errno == ELOOP,
     "a symbolic link is not followed");
  unlink(temp);
  ok(mkfifo(temp, 0600) == 0 && !atomicfile_open(&one, temp, 0644) && errno == EEXIST,
     "a FIFO is not replaced");
  unlink(temp);
  ok(!atomicfile_open(&one, "/nonexistent/file", 0644) && errno == ENOENT, "no such directory");
  another_writer();
  unsynced();
  unlink(path);
  rmdir(dir);
  return done();
}
