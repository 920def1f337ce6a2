/* A key is 64 lower-case hexadecimal digits and LF in a file that is its owner's alone; all else is
   refused, and leaves no key. */
#include "sys/keyfile.h"
#include "sys/secret.h"
#include "sys/systemerror.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIGITS "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define ZEROS  "0000000000000000000000000000000000000000000000000000000000000000"

static char dir[] = "/tmp/sinbin-keyfile-XXXXXX";

static bool is_clear(const uint8_t *key) {
  for (int i = 0; i < KEYFILE_BYTES; i++)
    if (key[i] != 0 && key[i] != 0xee) return false;
  return true;
}

static void contents(int at) {
  static const struct {
    const char *name, *text;
    mode_t mode;
    const char *wrong; /* NULL: a key */
  } rows[] = {
      {"a key", DIGITS "\n", 0400, NULL},
      {"a key of mode 0600", DIGITS "\n", 0600, NULL},
      {"the group may read it", DIGITS "\n", 0440, "group or others"},
      {"others may read it", DIGITS "\n", 0404, "group or others"},
      {"others may run it", DIGITS "\n", 0401, "group or others"},
      {"nothing in it", "", 0400, "empty"},
      {"no line end", DIGITS, 0400, "not 64"},
      {"a line more", DIGITS "\n\n", 0400, "not 64"},
      {"a blank for the line end", DIGITS " ", 0400, "not 64"},
      {"upper case", "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F\n", 0400,
       "not 64"},
      {"a letter that is no digit",
       "00010203040506070809g00b0c0d0e0f101112131415161718191a1b1c1d1e1f\n", 0400, "not 64"},
      {"zeros", ZEROS "\n", 0400, "zeros"},
      {"zeros, and a one at the end",
       "0000000000000000000000000000000000000000000000000000000000000001\n", 0400, NULL},
      {"a one, and zeros", "1000000000000000000000000000000000000000000000000000000000000000\n",
       0400, NULL},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    uint8_t key[KEYFILE_BYTES];
    memset(key, 0xee, sizeof key);
    unlinkat(at, "key", 0);
    int fd = openat(at, "key", O_WRONLY | O_CREAT, 0600);
    ok(write(fd, rows[i].text, strlen(rows[i].text)) >= 0 && fchmod(fd, rows[i].mode) == 0,
       "%s: a file", rows[i].name);
    close(fd);
    errno = EINTR;
    const char *wrong = keyfile_read(at, "key", key);
    if (!rows[i].wrong) ok(!wrong && !is_clear(key), "%s is read", rows[i].name);
    else
      ok(wrong && strstr(wrong, rows[i].wrong) && errno == 0 && is_clear(key), "%s: %s",
         rows[i].name, wrong);
  }
}

static void others(int at) {
  uint8_t key[KEYFILE_BYTES] = {0};
  const char *wrong = keyfile_read(at, "none", key);
  ok(wrong && errno == ENOENT && !systemerror_is_temporary(errno), "no file: permanent");
  ok(mkfifoat(at, "fifo", 0600) == 0 && (wrong = keyfile_read(at, "fifo", key)) && errno == 0,
     "a FIFO is not waited for: %s", wrong);
  ok(mkdirat(at, "directory", 0700) == 0 && (wrong = keyfile_read(at, "directory", key)) &&
         errno == 0,
     "a directory: %s", wrong);
  struct rlimit files, few;
  getrlimit(RLIMIT_NOFILE, &files);
  few = files;
  few.rlim_cur = 3;
  setrlimit(RLIMIT_NOFILE, &few);
  wrong = keyfile_read(at, "key", key);
  int error = errno;
  setrlimit(RLIMIT_NOFILE, &files);
  ok(wrong && error == EMFILE && systemerror_is_temporary(error), "no descriptor: temporary");
}

static void secrets(void) {
  char text[100];
  memset(text, 'x', sizeof text);
  secret_keep(text, sizeof text);
  secret_wipe(text + 1, 98);
  ok(text[0] == 'x' && text[99] == 'x', "what is beside a secret stays");
  bool clear = true;
  for (int i = 1; i < 99; i++) clear = clear && text[i] == 0;
  ok(clear, "and all of it is wiped");
}

int main(void) {
  ok(mkdtemp(dir) != NULL, "a directory to work in");
  int at = open(dir, O_RDONLY | O_DIRECTORY);
  contents(at);
  others(at);
  secrets();
  unlinkat(at, "key", 0);
  unlinkat(at, "fifo", 0);
  unlinkat(at, "directory", AT_REMOVEDIR);
  rmdir(dir);
  return done();
}
