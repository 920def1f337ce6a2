/* Reads the peer rules, and reads them again when the file was replaced. */
#include "prog/listen/listen.h"
#include "sys/diag.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

bool rules_load(struct server *s) {
  struct peerrules fresh;
  int fd = open(s->options.rules, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  bool good = fstat(fd, &s->rules_file) == 0 && peerrules_open(&fresh, fd);
  int error = errno;
  close(fd);
  errno = error;
  if (!good) return false;
  if (!listener_set_rules(&s->listener, &fresh)) {
    peerrules_close(&fresh);
    errno = ENOMEM;
    return false;
  }
  if (fresh.unmatched)
    log_warning(s->options.rules,
                ": rules that never match any address, the first one: ", fresh.first_unmatched);
  return true;
}

void rules_reload(struct server *s) {
  if (!s->options.rules) return;
  if (!rules_load(s))
    log_warning_errno("unable to read ", s->options.rules, ", keeping the old rules");
  else log_info("reading new rules from ", s->options.rules);
}

void rules_check(void *server, int64_t now) {
  struct server *s = server;
  struct stat st;
  if (now - s->rules_checked < 1000) return;
  s->rules_checked = now;
  if (stat(s->options.rules, &st) != 0) {
    errors_warn(&s->rules_missing, now, "unable to find the rules, keeping the old ones", errno);
    return;
  }
  const struct stat *old = &s->rules_file;
  if (st.st_ino != old->st_ino || st.st_dev != old->st_dev || st.st_size != old->st_size ||
      st.st_mtim.tv_sec != old->st_mtim.tv_sec || st.st_mtim.tv_nsec != old->st_mtim.tv_nsec) {
    s->rules_file = st; /* also if they cannot be read: one warning is enough */
    rules_reload(s);
  }
}
