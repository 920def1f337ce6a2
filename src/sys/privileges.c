#include "sys/privileges.h"
#include "sys/env.h"
#include "sys/diag.h"
#include "base/textbuf.h"
#include <unistd.h>

static bool is_root(void) {
  uid_t real, effective, saved;
  if (getresuid(&real, &effective, &saved) != 0) return geteuid() == 0;
  return real == 0 || effective == 0 || saved == 0;
}

const char *privileges_check(const char *how, char *buf) {
  struct env_error bad = {.name = NULL};
  bool allowed = env_flag("ALLOW_ROOT", false, &bad);
  if (bad.name) {
    env_explain(&bad, buf, PRIVILEGES_TEXT_MAX);
    return buf;
  }
  if (allowed || !is_root()) return NULL;
  struct textbuf t = textbuf_of(buf, PRIVILEGES_TEXT_MAX - 1);
  textbuf_cut_str(&t, "will not run as root: ");
  textbuf_cut_str(&t, how);
  textbuf_cut_str(&t, ", or set ALLOW_ROOT=1");
  buf[t.len] = '\0';
  return buf;
}

void privileges_refuse_root(const char *how) {
  char text[PRIVILEGES_TEXT_MAX];
  const char *wrong = privileges_check(how, text);
  if (wrong) diag_permanent(wrong);
}
