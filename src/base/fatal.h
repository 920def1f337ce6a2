/* fatal.h: diagnostics on stderr and the exit codes of the suite. For programs only: the floors
   between base and prog return their errors.

   A message is one line, written with one write(2): "sinbin-score: fatal: unable to open x:
   reason". Its pieces are plain strings; bytes that are not printable ASCII are shown as `?`, so
   nothing from outside reaches a terminal raw. No stdio, no allocation. */
#ifndef SINBIN_BASE_FATAL_H
#define SINBIN_BASE_FATAL_H

#include <errno.h>
#include <stddef.h>

enum {
  EXIT_DONE = 0,
  EXIT_PEER = 1, /* the peer misbehaved or left; for checks: a finding */
  EXIT_TIMEOUT = 99,
  EXIT_PERMANENT = 100, /* usage, bad configuration or bad input */
  EXIT_BUG = 101,
  EXIT_TEMPORARY = 111, /* system or memory: trying again may help */
};

/* The name before every message; the last component of argv[0]. */
void fatal_set_program(const char *argv0);

/* Writes "NAME: LEVEL: piece piece ...[: reason of error]"; error 0 means no reason. */
void fatal_report(const char *level, int error, const char *const *pieces);
_Noreturn void fatal_exit(int code, int error, const char *const *pieces);

#define fatal_pieces(...) ((const char *const[]){__VA_ARGS__, NULL})
#define warn_plain(...)   fatal_report("warning", 0, fatal_pieces(__VA_ARGS__))
#define warn_system(...)  fatal_report("warning", errno, fatal_pieces(__VA_ARGS__))
#define info_plain(...)   fatal_report("info", 0, fatal_pieces(__VA_ARGS__))
/* Exit 100: what the operator has to mend. */
#define fatal_permanent(...) fatal_exit(EXIT_PERMANENT, 0, fatal_pieces(__VA_ARGS__))
/* Exit 111 with, or without, the reason in errno. */
#define fatal_system(...)    fatal_exit(EXIT_TEMPORARY, errno, fatal_pieces(__VA_ARGS__))
#define fatal_temporary(...) fatal_exit(EXIT_TEMPORARY, 0, fatal_pieces(__VA_ARGS__))

/* Exit 111, for sodium_set_misuse_handler: the library ends so if it gets no random numbers. */
void fatal_no_random(void);

/* "NAME: usage: NAME SYNOPSIS", exit 100. */
_Noreturn void fatal_usage(const char *synopsis);

#endif
