/* sinbin-listen: accepts the connections of the trap. It counts them for each peer, refuses those over a
   limit, and starts the handler with the connection as descriptor 0. It never reads a byte that a peer
   sent, except the header of a proxy that the rules name. See sinbin-listen(8).

   The main thread logs, watches the session log and stops the program. Workers (accept/worker.h)
   accept connections. */
#include "prog/listen/listen.h"
#include "sys/clock.h"
#include "sys/diag.h"
#include "sys/process.h"
#include <errno.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define IDLE_MS   1000
#define STOP_MS   100  /* while stopping; usually wake_main comes earlier */
#define LINES_MS  250  /* while lost lines wait to be written */
#define KILLED_MS 2000 /* for handlers to end after SIGKILL */

static void stop(struct server *s) {
  if (!s->stop_at) {
    status_notify(s, "STOPPING=1\n");
    s->stop_at = s->now + (int64_t)s->options.grace * 1000;
  }
  listener_signal(&s->listener, SIGTERM);
}

static void check_sockets(struct server *s) {
  if (!errors_check_sockets(s)) return;
  s->socket_failed = true;
  stop(s);
}

static void handle_signals(struct server *s) {
  struct signalfd_siginfo info;
  while (read(s->signals, &info, sizeof info) == (ssize_t)sizeof info) {
    if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT) stop(s);
    else if (info.ssi_signo == SIGHUP) {
      pthread_mutex_lock(&s->listener.rules_lock);
      rules_reload(s);
      pthread_mutex_unlock(&s->listener.rules_lock);
    } else if (info.ssi_signo == SIGUSR1) status_log(s);
  }
}

static void run_timers(struct server *s) {
  s->lines_left = !listener_flush(&s->listener);
  if (s->options.interval && s->now >= s->next_status) {
    status_log(s);
    s->next_status = s->now + (int64_t)s->options.interval * 1000;
  }
  if (s->now >= s->next_notify) status_notify(s, "");
  if (s->status_due) status_log(s);
  stall_check(s);
  queue_check(s);
}

static int wait_ms(const struct server *s) {
  if (s->stop_at) return STOP_MS;
  if (s->lines_left) return LINES_MS;
  return IDLE_MS;
}

static void run_once(struct server *s) {
  uint64_t woken;
  struct pollfd wait[] = {{.fd = s->signals, .events = POLLIN},
                          {.fd = s->listener.wake_main, .events = POLLIN}};
  poll(wait, 2, wait_ms(s));
  s->now = clock_monotonic_ms();
  if (read(s->listener.wake_main, &woken, sizeof woken) == (ssize_t)sizeof woken) {
    errors_log(s);
    check_sockets(s);
  }
  handle_signals(s);
  run_timers(s);
}

/* A worker that has closed its sockets admits no more connections. */
static bool is_over(struct server *s) {
  return s->listener.closed == s->options.threads &&
         peertable_state(&s->listener.peertable).live == 0;
}

static void serve(struct server *s) {
  while (!s->stop_at) run_once(s);
  while (!is_over(s) && s->now < s->stop_at) run_once(s);
  listener_signal(&s->listener, SIGKILL);
  s->stop_at = s->now + KILLED_MS;
  while ((!is_over(s) || s->lines_left) && s->now < s->stop_at) run_once(s);
  status_log(s);
}

static void report_ready(struct server *s) {
  int fd = s->options.notify_fd;
  if (!s->options.drop && geteuid() == 0)
    log_warning("running as root, and every handler too: -u names another user");
  s->now = clock_monotonic_ms();
  s->next_status = s->now + (int64_t)s->options.interval * 1000;
  if (fd >= 3 && !notify_newline(fd)) log_warning_errno("unable to notify the supervisor");
  status_notify(s, "READY=1\n");
}

static void check_standard_files(void) {
  if (process_standard_files()) return;
  if (errno != EBADF) diag_system("unable to open /dev/null");
  diag_permanent("descriptor 1 must be open");
}

int main(int argc, char **argv) {
  static struct server s;
  diag_start(argc, argv, LISTEN_SYNOPSIS);
  check_standard_files();
  setup_options(&s, argc, argv);
  if (!clock_works()) diag_system("unable to read the clock");
  setup_environment(&s);
  setup_limits(&s);
  setup_sockets(&s);
  setup_listener(&s);
  setup_privileges(&s);
  queue_check_first(&s);
  setup_workers(&s);
  report_ready(&s);
  serve(&s);
  return s.socket_failed ? EXIT_TEMPORARY : EXIT_DONE;
}
