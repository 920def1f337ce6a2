#include "sys/process.h"
#include "base/number.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <unistd.h>

uint64_t process_raise_limit(int resource, struct rlimit *before) {
  struct rlimit limit;
  if (getrlimit(resource, &limit) != 0) limit.rlim_max = RLIM_INFINITY;
  *before = limit;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(resource, &limit) != 0) limit = *before;
  return limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
}

uint64_t process_pid_max(void) {
  char text[NUMBER_MAX];
  uint64_t value;
  int fd = open("/proc/sys/kernel/pid_max", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return UINT64_MAX;
  ssize_t got = read(fd, text, sizeof text);
  close(fd);
  if (got <= 0 || !number_parse(span_trim(span_of(text, (size_t)got)), UINT64_MAX, &value))
    return UINT64_MAX;
  return value;
}

uint64_t process_processors(void) {
  cpu_set_t set;
  int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  return count > 0 ? (uint64_t)count : 1;
}

bool process_drop(uint64_t uid, uint64_t gid) {
  return setgroups(0, NULL) == 0 && setgid((gid_t)gid) == 0 && setuid((uid_t)uid) == 0;
}

bool process_enter_root(const char *directory) {
  return chroot(directory) == 0 && chdir("/") == 0;
}

bool process_standard_files(void) {
  if (fcntl(1, F_GETFD) < 0) return false;
  for (int fd = 0; fd <= 2; fd += 2)
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd) return false;
  return true;
}
