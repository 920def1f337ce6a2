#include "sys/diag.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *program = "sinbin";

struct message {
  char text[1024];
  size_t len;
};

static void add(struct message *m, const char *piece) {
  for (; *piece && m->len < sizeof m->text - 1; piece++) {
    unsigned char c = (unsigned char)*piece;
    m->text[m->len++] = c < 0x20 || c > 0x7e ? '?' : (char)c;
  }
}

static bool finish(struct message *m, int fd) {
  m->text[m->len++] = '\n';
  return write(fd, m->text, m->len) == (ssize_t)m->len;
}

void diag_log(const char *level, int error, const char *const *pieces) {
  int saved = errno;
  struct message m = {.len = 0};
  add(&m, program);
  add(&m, ": ");
  add(&m, level);
  add(&m, ": ");
  for (; *pieces; pieces++) add(&m, *pieces);
  if (error) {
    add(&m, ": ");
    add(&m, strerror(error));
  }
  finish(&m, 2); /* a failure cannot be reported */
  errno = saved;
}

void diag_exit(int code, int error, const char *const *pieces) {
  diag_log("fatal", error, pieces);
  _exit(code);
}

void fatal_no_random(void) {
  fatal_temporary("no random numbers: neither getrandom(2) nor /dev/urandom works");
}

void diag_usage(const char *synopsis) {
  diag_log("usage", 0, diag_parts(program, " ", synopsis));
  _exit(EXIT_PERMANENT);
}

/* Standard output may be closed or full. */
_Noreturn static void print(const char *before, const char *text) {
  struct message m = {.len = 0};
  add(&m, before);
  add(&m, program);
  add(&m, " ");
  add(&m, text);
  _exit(finish(&m, 1) ? EXIT_DONE : EXIT_TEMPORARY);
}

void diag_start(int argc, char *const *argv, const char *synopsis) {
  const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
  if (argc > 0) program = slash ? slash + 1 : argv[0];
  if (argc != 2 || argv[1][0] != '-' || !argv[1][1] || argv[1][2]) return;
  if (argv[1][1] == 'V') print("", SINBIN_VERSION);
  if (argv[1][1] == 'h') print("usage: ", synopsis);
}
