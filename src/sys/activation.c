#include "sys/activation.h"
#include "sys/env.h"
#include <unistd.h>

int activation_count(int max) {
  struct env_error bad = {.name = NULL};
  uint64_t pid = env_number("LISTEN_PID", 0, 1, UINT32_MAX, &bad);
  if (bad.name) return -1;
  if (pid != (uint64_t)getpid()) return 0;
  uint64_t count = env_number("LISTEN_FDS", 0, 1, (uint64_t)max, &bad);
  return bad.name ? -1 : (int)count;
}
