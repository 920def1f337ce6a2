/* Atomic replacement: the old file or the new one, one writer at a time. */
#include "base/atomicfile.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
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

int main(void) {
  struct atomicfile one, two;
  struct stat st;
  ok(mkdtemp(dir) != NULL, "a directory to work in");
  snprintf(path, sizeof path, "%s/file", dir);
  snprintf(temp, sizeof temp, "%s.tmp", path);

  ok(atomicfile_open(&one, path, 0640) && write_all(one.fd, "first", 5), "a new file is written");
  ok(stat(path, &st) != 0, "and has no name yet");
  ok(!atomicfile_open(&two, path, 0640) && errno == EWOULDBLOCK, "a second writer is kept out");
  ok(atomicfile_commit(&one), "it is committed");
  is_text(content(), "first", "and is there");
  ok(stat(path, &st) == 0 && (st.st_mode & 07777) == 0640, "with the mode asked for");
  ok(stat(temp, &st) != 0, "the temporary name is gone");

  ok(atomicfile_open(&one, path, 0644) && write_all(one.fd, "sec", 3), "half of a second one");
  atomicfile_abandon(&one);
  is_text(content(), "first", "an abandoned one leaves the old");
  ok(stat(temp, &st) != 0, "and no temporary file");

  int left = open(temp, O_WRONLY | O_CREAT, 0600);
  ok(left >= 0 && write(left, "left by a crash, and long", 25) == 25,
     "a crash left a temporary file");
  close(left);
  ok(atomicfile_open(&one, path, 0644) && write_all(one.fd, "third", 5) && atomicfile_commit(&one),
     "it is taken over");
  is_text(content(), "third", "and none of it is in the result");

  ok(symlink(path, temp) == 0 && !atomicfile_open(&one, path, 0644) && errno == ELOOP,
     "a symbolic link is not followed");
  unlink(temp);
  ok(!atomicfile_open(&one, "/nonexistent/file", 0644) && errno == ENOENT, "no such directory");
  unlink(path);
  rmdir(dir);
  return done();
}
