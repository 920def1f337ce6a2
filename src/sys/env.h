/* env.h: configuration values from environment variables.

   A variable that is not set has its default. If it is set, even to nothing, it must be well formed
   and in range. The first error is kept in *bad: a program reads all its variables, and then calls
   env_check once, which ends it with exit 100 if there was an error. No other function exits. */
#ifndef SINBIN_SYS_ENV_H
#define SINBIN_SYS_ENV_H

#include "base/number.h"

struct env_error {
  const char *name;  /* NULL: no error */
  const char *value; /* as found */
  const char *want;  /* "a whole number", "seconds, at most three decimals", ... */
  uint64_t min, max; /* the range, in the unit of the variable */
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
