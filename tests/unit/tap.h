/* tap.h: the few lines with which a C test prints TAP for prove(1).

     ok(condition, "format", ...)         one test, with its name
     is_text(got, "want", "format", ...)  compares a span with a string, and prints both if they differ
     done()                               prints the plan; return it from main

   A test is an array of {name, input, want} rows and a loop. */
#ifndef SINBIN_TESTS_TAP_H
#define SINBIN_TESTS_TAP_H

#include "base/span.h"
#include <stdio.h>

static int tap_count, tap_failed;

#define ok(condition, ...)                                               \
  do {                                                                   \
    int tap_ok = (condition) ? 1 : 0;                                    \
    printf("%sok %d - ", tap_ok ? "" : "not ", ++tap_count);             \
    printf(__VA_ARGS__);                                                 \
    printf("\n");                                                        \
    if (!tap_ok) {                                                       \
      tap_failed++;                                                      \
      printf("# failed at %s:%d: %s\n", __FILE__, __LINE__, #condition); \
    }                                                                    \
    fflush(stdout);                                                      \
  } while (0)

#define is_text(got, want, ...)                                                                  \
  do {                                                                                           \
    struct span tap_got = (got);                                                                 \
    const char *tap_want = (want);                                                               \
    int tap_same = span_is(tap_got, tap_want);                                                   \
    ok(tap_same, __VA_ARGS__);                                                                   \
    if (!tap_same) {                                                                             \
      printf("#  got: \"%.*s\"\n# want: \"%s\"\n", (int)tap_got.len, tap_got.s ? tap_got.s : "", \
             tap_want);                                                                          \
      fflush(stdout);                                                                            \
    }                                                                                            \
  } while (0)

static inline int done(void) {
  printf("1..%d\n", tap_count);
  return tap_failed ? 1 : 0;
}

#endif
