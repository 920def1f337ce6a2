/* env.h: configuration values from the environment, one value a variable.

   A variable that is unset gives its default; one that is set, even to nothing, must be well formed
   and in range. Errors are sticky: the first is kept in *bad, so that a program reads all its
   configuration in one run of lines and checks once: env_check ends it with exit 100. Nothing else
   here exits. */
#ifndef SINBIN_SYS_ENV_H
#define SINBIN_SYS_ENV_H

#include "base/number.h"

struct env_error {
  const char *name;  /* NULL: all was well */
  const char *value; /* as found */
  const char *want;  /* "a whole number", "seconds, at most three decimals", ... */
  uint64_t min, max; /* the range that was wanted, in the unit of the variable's text */
};

uint64_t env_number(const char *name, uint64_t otherwise, uint64_t min, uint64_t max,
                    struct env_error *bad);
/* Text in seconds ("0.5"), value and bounds in milliseconds. */
uint64_t env_ms(const char *name, uint64_t otherwise, uint64_t min, uint64_t max,
                struct env_error *bad);
/* "0" or "1". */
bool env_flag(const char *name, bool otherwise, struct env_error *bad);
const char *env_text(const char *name, const char *otherwise);

/* "malformed NAME=VALUE: want ... from MIN to MAX" in buf (NUL-terminated, cut to fit). */
void env_explain(const struct env_error *bad, char *buf, size_t cap);
/* Ends the program with that text and exit 100 if there was an error. */
void env_check(const struct env_error *bad);

#endif
