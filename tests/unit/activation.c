/* How many descriptors were handed over to this process. */
#include "sys/activation.h"
#include "tap.h"
#include <stdlib.h>
#include <unistd.h>

#define MINE "mine" /* this process */

static const struct {
  const char *name, *pid, *count; /* NULL: not set */
  int want;
} rows[] = {
    {"nothing is set", NULL, NULL, 0},
    {"two", MINE, "2", 2},
    {"one", MINE, "1", 1},
    {"as many as there may be", MINE, "64", 64},
    {"one more", MINE, "65", -1},
    {"none", MINE, "0", -1},
    {"no number", MINE, "x", -1},
    {"an empty number", MINE, "", -1},
    {"a number below 0", MINE, "-1", -1},
    {"for this process, without a number", MINE, NULL, 0},
    {"for no process", NULL, "2", 0},
    {"for another process", "1", "2", 0},
    {"for another process, without a number", "1", "x", 0},
    {"a malformed process", "x", "2", -1},
    {"process 0", "0", "2", -1},
    {"the largest process", "4294967295", "2", 0},
    {"a larger one", "4294967296", "2", -1},
};

static void set(const char *name, const char *value) {
  char pid[20];
  snprintf(pid, sizeof pid, "%d", (int)getpid());
  if (!value) unsetenv(name);
  else setenv(name, strcmp(value, MINE) == 0 ? pid : value, 1);
}

int main(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    set("LISTEN_PID", rows[i].pid);
    set("LISTEN_FDS", rows[i].count);
    ok(activation_count(64) == rows[i].want, "%s", rows[i].name);
  }
  return done();
}
