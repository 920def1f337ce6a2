#include "sys/diag.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *program = "sinbin";

void diag_set_program(const char *argv0) {
  const char *slash = argv0 ? strrchr(argv0, '/') : NULL;
  if (argv0) program = slash ? slash + 1 : argv0;
}

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

static void finish(struct message *m) {
  m->text[m->len++] = '\n';
  ssize_t ignored = write(2, m->text, m->len);
  (void)ignored; /* there is nobody left to tell */
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
  finish(&m);
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
