/* The file of a checkpoint: read, and replaced whole. */
#include "follow/checkpointfile.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/sinbin-checkpointfile-XXXXXX";
static const struct checkpoint before = {
    .epoch = 7, .seq = 2, .inode = 3, .offset = 40, .label = "@400000006b04de0c0cc3c80f"};

static void put(const char *text, size_t len) {
  int fd = open("cp", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (fd < 0 || write(fd, text, len) != (ssize_t)len) abort();
  close(fd);
}

static bool is_before(const struct checkpoint *c) {
  return c->epoch == 7 && c->seq == 2 && c->inode == 3 && c->offset == 40 &&
         strcmp(c->label, before.label) == 0;
}

int main(void) {
  struct checkpoint c = {.epoch = 0};
  struct stat st;
  char longer[CHECKPOINT_TEXT_MAX + 1];
  if (!mkdtemp(dir) || chdir(dir) != 0) return 111;
  umask(0);
  ok(checkpointfile_read("cp", &c) == 0, "there is no such file");
  ok(checkpointfile_write("cp", &before), "it is written");
  ok(stat("cp", &st) == 0 && (st.st_mode & 07777) == 0644, "with the mode 0644");
  ok(checkpointfile_read("cp", &c) == 1 && is_before(&c), "and read");
  put("CP1 7 2 3 40\n", 13);
  errno = 5;
  ok(checkpointfile_read("cp", &c) == -1 && errno == 0 && is_before(&c), "a malformed one");
  put("", 0);
  ok(checkpointfile_read("cp", &c) == -1 && errno == 0, "an empty one");
  memset(longer, 'x', sizeof longer);
  put(longer, sizeof longer);
  ok(checkpointfile_read("cp", &c) == -1 && errno == EFBIG, "one that is too long");
  ok(checkpointfile_write("cp", &before) && checkpointfile_read("cp", &c) == 1, "is replaced");
  ok(access("cp.tmp", F_OK) != 0, "and nothing else is left");
  ok(!checkpointfile_write("none/cp", &before) && errno == ENOENT, "no directory");
  unlink("cp");
  if (mkdir("cp", 0700) != 0) abort();
  ok(checkpointfile_read("cp", &c) == -1 && errno == EISDIR, "a directory is not read");
  ok(!checkpointfile_write("cp", &before), "nor replaced");
  if (rmdir("cp") != 0 || chdir("/") != 0 || rmdir(dir) != 0) return 111;
  return done();
}
