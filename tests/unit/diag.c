/* Messages and exit codes, each in a process of its own. */
#include "sys/diag.h"
#include "tap.h"
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char said[2][4096];
static int code;

/* What a child prints on descriptors 1 and 2, and how it exits: -1 if by a signal. */
static void in_child(void (*run)(void)) {
  int out[2], err[2], status;
  fflush(stdout);
  if (pipe(out) != 0 || pipe(err) != 0) exit(111);
  pid_t child = fork();
  if (child < 0) exit(111);
  if (child == 0) {
    dup2(out[1], 1);
    dup2(err[1], 2);
    run();
    _exit(42);
  }
  close(out[1]);
  close(err[1]);
  int fds[2] = {out[0], err[0]};
  for (int i = 0; i < 2; i++) {
    size_t len = 0;
    for (ssize_t got; (got = read(fds[i], said[i] + len, sizeof said[i] - 1 - len)) > 0;)
      len += (size_t)got;
    said[i][len] = '\0';
    close(fds[i]);
  }
  if (waitpid(child, &status, 0) != child) exit(111);
  code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void is(const char *name, int want_code, const char *out, const char *err) {
  ok(code == want_code, "%s: exit %d", name, code);
  is_text(span_str(said[0]), out, "%s: standard output", name);
  is_text(span_str(said[1]), err, "%s: standard error", name);
}

static void start(const char *name, const char *option, const char *more) {
  char *argv[] = {(char *)(uintptr_t)name, (char *)(uintptr_t)option, (char *)(uintptr_t)more,
                  NULL};
  int argc = 0;
  while (argv[argc]) argc++;
  diag_start(argc, argv, "[-x] file");
}

static void warns(void) {
  errno = EINTR;
  log_warning("one", " ", "two");
  log_info("three");
  errno = ENOENT;
  log_warning_errno("unable to open x");
  start("/usr/bin/sinbin-test", NULL, NULL);
  log_warning("x");
  start("plain", NULL, NULL);
  log_warning("\x01\x1f ~\x7f\x80\xff");
  _exit(errno == ENOENT ? 7 : 8);
}

static void is_permanent(void) {
  diag_permanent("no ", "way");
}

static void is_temporary(void) {
  fatal_temporary("later");
}

static void is_system(void) {
  errno = EACCES;
  diag_system("unable to read x");
}

static void wants_usage(void) {
  start("./a", NULL, NULL);
  diag_usage("[-x] file");
}

static void version(void) {
  start("/bin/a", "-V", NULL);
}

static void help(void) {
  start("a", "-h", NULL);
}

static void other_options(void) {
  start("a", "-x", NULL);
  start("a", "-", NULL);
  start("a", "-Vx", NULL);
  start("a", "V", NULL);
  start("a", "hV", NULL);
  start("a", "-V", "x");
  start("a", "-h", "-h");
  diag_start(0, NULL, "");
}

static void version_to_nobody(void) {
  close(1);
  start("a", "-V", NULL);
}

static void long_message(void) {
  static char text[2000];
  memset(text, 'x', sizeof text - 1);
  log_warning(text, "y");
}

int main(void) {
  in_child(warns);
  is("warnings", 7, "",
     "sinbin: warning: one two\n"
     "sinbin: info: three\n"
     "sinbin: warning: unable to open x: No such file or directory\n"
     "sinbin-test: warning: x\n"
     "plain: warning: ?? ~???\n");
  in_child(is_permanent);
  is("permanent", EXIT_PERMANENT, "", "sinbin: fatal: no way\n");
  in_child(is_temporary);
  is("temporary", EXIT_TEMPORARY, "", "sinbin: fatal: later\n");
  in_child(is_system);
  is("of the system", EXIT_TEMPORARY, "", "sinbin: fatal: unable to read x: Permission denied\n");
  in_child(fatal_no_random);
  is("no random numbers", EXIT_TEMPORARY, "",
     "sinbin: fatal: no random numbers: neither getrandom(2) nor /dev/urandom works\n");
  in_child(wants_usage);
  is("usage", EXIT_PERMANENT, "", "a: usage: a [-x] file\n");
  in_child(version);
  is("-V", EXIT_DONE, "a " SINBIN_VERSION "\n", "");
  in_child(help);
  is("-h", EXIT_DONE, "usage: a [-x] file\n", "");
  in_child(other_options);
  is("other options", 42, "", "");
  in_child(version_to_nobody);
  is("-V without a standard output", EXIT_TEMPORARY, "", "");
  in_child(long_message);
  ok(code == 42 && strlen(said[1]) == 1024 && said[1][1023] == '\n' && said[1][1022] == 'x',
     "a long message is cut, and is a line");
  return done();
}
