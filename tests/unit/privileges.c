/* Who may not run a program; as root with every kind of user, as another user with its own. */
#include "sys/privileges.h"
#include "tap.h"
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char text[PRIVILEGES_TEXT_MAX];

/* In a child, with these users: the real, the effective and the saved one. */
static bool is_refused_as(uid_t real, uid_t effective, uid_t saved) {
  int status;
  fflush(stdout);
  pid_t child = fork();
  if (child < 0) exit(111);
  if (child == 0) {
    if (setresuid(real, effective, saved) != 0) _exit(9);
    _exit(privileges_check("HOW", text) ? 1 : 0);
  }
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) > 1)
    exit(111);
  return WEXITSTATUS(status) == 1;
}

static void users(void) {
  static const struct {
    const char *name;
    uid_t real, effective, saved;
    bool refused;
  } rows[] = {
      {"no root at all", 7, 7, 7, false},        {"root", 0, 0, 0, true},
      {"the real user is root", 0, 7, 7, true},  {"the effective user is root", 7, 0, 7, true},
      {"the saved user is root", 7, 7, 0, true},
  };
  unsetenv("ALLOW_ROOT");
  if (geteuid() != 0) ok(true, "# SKIP not root");
  for (size_t i = 0; geteuid() == 0 && i < sizeof rows / sizeof *rows; i++)
    ok(is_refused_as(rows[i].real, rows[i].effective, rows[i].saved) == rows[i].refused, "%s",
       rows[i].name);
}

static void is_root_refused(const char *how, const char *want) {
  const char *wrong = privileges_check(how, text);
  if (geteuid() == 0) is_text(span_str(wrong ? wrong : ""), want, "root is refused, with a remedy");
  else ok(!wrong, "another user is not");
}

static void remedies(void) {
  char how[400], want[PRIVILEGES_TEXT_MAX + 400];
  is_root_refused("HOW", "will not run as root: HOW, or set ALLOW_ROOT=1");
  memset(how, 'x', sizeof how - 1);
  how[sizeof how - 1] = '\0';
  snprintf(want, sizeof want, "will not run as root: %s", how);
  want[PRIVILEGES_TEXT_MAX - 1] = '\0';
  is_root_refused(how, want);
}

static void allowed(void) {
  setenv("ALLOW_ROOT", "1", 1);
  ok(!privileges_check("HOW", text), "ALLOW_ROOT=1 allows everybody");
  privileges_refuse_root("HOW");
  ok(true, "and ends no program");
  setenv("ALLOW_ROOT", "0", 1);
  is_root_refused("HOW", "will not run as root: HOW, or set ALLOW_ROOT=1");
  setenv("ALLOW_ROOT", "yes", 1);
  const char *wrong = privileges_check("HOW", text);
  is_text(span_head(span_str(wrong ? wrong : ""), 26),
          "malformed ALLOW_ROOT=yes: ", "a malformed one is refused for every user");
}

/* The exit code of a program that refuses. */
static void ends(void) {
  int status;
  fflush(stdout);
  pid_t child = fork();
  if (child < 0) exit(111);
  if (child == 0) {
    close(2);
    privileges_refuse_root("HOW");
    _exit(0);
  }
  if (waitpid(child, &status, 0) != child) exit(111);
  ok(WIFEXITED(status) && WEXITSTATUS(status) == 100, "a refused program exits 100");
}

int main(void) {
  users();
  remedies();
  allowed();
  ends();
  return done();
}
