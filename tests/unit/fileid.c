/* The same file, and the same content. */
#include "sys/fileid.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static char dir[] = "/tmp/sinbin-fileid-XXXXXX";

static int create(const char *name, const char *text) {
  int fd = open(name, O_RDWR | O_CREAT, 0644);
  if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) abort();
  return fd;
}

/* Each part of an identity alone makes another one. */
static void parts(const struct fileid *a) {
  struct fileid b = *a;
  ok(fileid_is_same(a, &b) && fileid_is_unchanged(a, &b), "an identity is its own");
  b.ino++;
  ok(!fileid_is_same(a, &b) && !fileid_is_unchanged(a, &b), "another inode");
  b = *a;
  b.dev++;
  ok(!fileid_is_same(a, &b) && !fileid_is_unchanged(a, &b), "another device");
  b = *a;
  b.size++;
  ok(fileid_is_same(a, &b) && !fileid_is_unchanged(a, &b), "another size");
  b = *a;
  b.mtime.tv_sec--;
  ok(fileid_is_same(a, &b) && !fileid_is_unchanged(a, &b), "another second");
  b = *a;
  b.mtime.tv_nsec++;
  ok(fileid_is_same(a, &b) && !fileid_is_unchanged(a, &b), "another nanosecond");
}

int main(void) {
  struct fileid by_fd, by_path, linked, other;
  ok(mkdtemp(dir) && chdir(dir) == 0, "a directory to work in");
  int one = create("one", "1"), two = create("two", "12");
  if (symlink("one", "link") != 0) abort();
  ok(fileid_of_fd(one, &by_fd) && fileid_of_path("one", &by_path), "of a descriptor and of a name");
  ok(fileid_is_unchanged(&by_fd, &by_path) && by_fd.size == 1, "the same");
  ok(fileid_of_path("link", &linked) && fileid_is_unchanged(&by_fd, &linked),
     "a symbolic link is followed");
  ok(fileid_of_fd(two, &other) && !fileid_is_same(&by_fd, &other), "another file");
  parts(&by_fd);
  if (write(one, "1", 1) != 1) abort();
  ok(fileid_of_fd(one, &other) && fileid_is_same(&by_fd, &other) &&
         !fileid_is_unchanged(&by_fd, &other) && other.size == 2,
     "a file that grows");
  ok(rename("two", "one") == 0 && fileid_of_path("one", &by_path) &&
         !fileid_is_same(&by_fd, &by_path),
     "another file has the name");
  linked = by_fd;
  ok(!fileid_of_path("none", &by_fd) && errno == ENOENT, "no file");
  ok(fileid_is_unchanged(&linked, &by_fd), "and the identity is untouched");
  close(two);
  ok(!fileid_of_fd(two, &by_fd) && errno == EBADF && fileid_is_unchanged(&linked, &by_fd),
     "no descriptor");
  close(one);
  unlink("one");
  unlink("link");
  ok(rmdir(dir) == 0, "nothing else is left");
  return done();
}
