/* diag.h: messages on standard error, and the exit codes of all programs. For programs, and for a
   few functions of sys/ that end a program; all other code returns its errors.

   A message is one line, written with one write(2): "sinbin-score: fatal: unable to open x:
   reason". Its parts are strings; a byte that is not printable ASCII is written as `?`, so that
   untrusted bytes do not reach a terminal. No stdio, no allocation. */
#ifndef SINBIN_SYS_DIAG_H
#define SINBIN_SYS_DIAG_H

#include <errno.h>
#include <stddef.h>

enum {
  EXIT_DONE = 0,
  EXIT_PEER = 1, /* the peer misbehaved or left; for checks: a finding */
  EXIT_TIMEOUT = 99,
  EXIT_PERMANENT = 100, /* usage, malformed configuration or input */
  EXIT_BUG = 101,
  EXIT_TEMPORARY = 111, /* system or memory: a later try may succeed */
};

/* The first call of a program. Its name, before every message, is the last component of argv[0].
   If -V or -h is the only argument, it prints "NAME VERSION" or "usage: NAME SYNOPSIS" on standard
   output and exits 0. */
void diag_start(int argc, char *const *argv, const char *synopsis);

/* Writes "NAME: LEVEL: ", the parts and, if error is not 0, ": " and its text. */
void diag_log(const char *level, int error, const char *const *pieces);
_Noreturn void diag_exit(int code, int error, const char *const *pieces);

#define diag_parts(...)        ((const char *const[]){__VA_ARGS__, NULL})
#define log_warning(...)       diag_log("warning", 0, diag_parts(__VA_ARGS__))
#define log_warning_errno(...) diag_log("warning", errno, diag_parts(__VA_ARGS__))
#define log_info(...)          diag_log("info", 0, diag_parts(__VA_ARGS__))
/* Exit 100: the operator has to correct something. */
#define diag_permanent(...) diag_exit(EXIT_PERMANENT, 0, diag_parts(__VA_ARGS__))
/* Exit 111, with the text of errno or without. */
#define diag_system(...)     diag_exit(EXIT_TEMPORARY, errno, diag_parts(__VA_ARGS__))
#define fatal_temporary(...) diag_exit(EXIT_TEMPORARY, 0, diag_parts(__VA_ARGS__))

/* Exit 111, for sodium_set_misuse_handler: the library calls it if it gets no random numbers. */
void fatal_no_random(void);

/* "NAME: usage: NAME SYNOPSIS", exit 100. */
_Noreturn void diag_usage(const char *synopsis);

#endif
