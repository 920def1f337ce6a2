#include "sys/privileges.h"
#include "sys/env.h"
#include "sys/diag.h"
#include <string.h>
#include <unistd.h>

static bool is_root(void) {
  uid_t real, effective, saved;
  if (getresuid(&real, &effective, &saved) != 0) return geteuid() == 0;
  return real == 0 || effective == 0 || saved == 0;
}

static size_t add(char *buf, size_t len, const char *piece) {
  size_t room = PRIVILEGES_TEXT_MAX - 1 - len, more = strlen(piece);
  if (more > room) more = room;
  memcpy(buf + len, piece, more);
  buf[len + more] = '\0';
  return len + more;
}

const char *privileges_check(const char *how, char *buf) {
  struct env_error bad = {.name = NULL};
  bool allowed = env_flag("ALLOW_ROOT", false, &bad);
  if (bad.name) {
    env_explain(&bad, buf, PRIVILEGES_TEXT_MAX);
    return buf;
  }
  if (allowed || !is_root()) return NULL;
  add(buf, add(buf, add(buf, 0, "will not run as root: "), how), ", or set ALLOW_ROOT=1");
  return buf;
}

void privileges_refuse_root(const char *how) {
  char text[PRIVILEGES_TEXT_MAX];
  const char *wrong = privileges_check(how, text);
  if (wrong) diag_permanent(wrong);
}
