#include "sys/keyfile.h"
#include "base/number.h"
#include "sys/secret.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_BYTES (2 * KEYFILE_BYTES + 1)

static const char *check_file(int fd) {
  struct stat st;
  if (fstat(fd, &st) != 0) return "unable to look at it";
  errno = 0;
  if (!S_ISREG(st.st_mode)) return "it is not a regular file";
  if (st.st_mode & 077) return "group or others have access to it: want mode 0400";
  if (st.st_size == 0) return "it is empty";
  if (st.st_size != TEXT_BYTES) return "it is not 64 hexadecimal digits and a line end";
  return NULL;
}

static bool parse_key(const char *text, uint8_t *key) {
  for (size_t i = 0; i < KEYFILE_BYTES; i++) {
    uint64_t value;
    if (!number_parse_hex(span_of(text + 2 * i, 2), 2, &value)) return false;
    key[i] = (uint8_t)value;
  }
  return text[TEXT_BYTES - 1] == '\n';
}

static bool is_zero(const uint8_t *key) {
  uint8_t any = 0;
  for (size_t i = 0; i < KEYFILE_BYTES; i++) any |= key[i];
  return any == 0;
}

static const char *read_text(int fd, char *text, uint8_t *key) {
  ssize_t got = read(fd, text, TEXT_BYTES);
  if (got < 0) return "unable to read it";
  errno = 0;
  if (got != TEXT_BYTES || !parse_key(text, key))
    return "it is not 64 lower-case hexadecimal digits and a line end";
  return is_zero(key) ? "it is all zeros, which is no secret: make a key" : NULL;
}

static const char *read_key(int fd, uint8_t *key) {
  char text[TEXT_BYTES];
  const char *wrong = check_file(fd);
  if (wrong) return wrong;
  wrong = read_text(fd, text, key);
  secret_wipe(text, sizeof text);
  if (wrong) secret_wipe(key, KEYFILE_BYTES);
  return wrong;
}

const char *keyfile_read(int dirfd, const char *path, uint8_t key[KEYFILE_BYTES]) {
  /* Non-blocking: a FIFO is refused, not waited for. */
  int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return "unable to open it";
  const char *wrong = read_key(fd, key);
  int saved = errno;
  close(fd);
  errno = saved;
  return wrong;
}
