/* What threads leave in the listener, and what wakes the main thread. */
#include "accept/listener.h"
#include "sys/clock.h"
#include "tap.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

static const struct siphash_key key = {{1, 2}};
static struct listener listener;
static int ends[2];

static void open_listener(void) {
  peertable_free(&listener.peertable); /* of the test before */
  memset(&listener, 0, sizeof listener);
  listener.limits.total = 10;
  if (pipe(ends) != 0) exit(111);
  ok(listener_open(&listener, &key, ends[1]), "open");
}

static bool was_woken(void) {
  eventfd_t woken;
  return eventfd_read(listener.wake_main, &woken) == 0;
}

static void test_lines(void) {
  char page[4096], buf[64];
  open_listener();
  ok(listener_put_line(&listener, span_str("one")) && !was_woken(),
     "a line that was written wakes nothing");
  ok(read(ends[0], buf, sizeof buf) == 4, "it is there");
  memset(page, '.', sizeof page);
  size_t bytes = 0;
  for (ssize_t got; (got = write(listener.out.fd, page, sizeof page)) > 0;) bytes += (size_t)got;
  ok(listener_put_line(&listener, span_str("two")) && was_woken(),
     "one that has to wait wakes main");
  ok(!listener_flush(&listener), "it cannot be written yet");
  for (; bytes; bytes -= sizeof page)
    if (read(ends[0], page, sizeof page) != (ssize_t)sizeof page) exit(111);
  ok(listener_flush(&listener), "now it can");
  ssize_t got = read(ends[0], buf, sizeof buf);
  is_text(span_of(buf, got > 0 ? (size_t)got : 0), "two\n", "it is there, too");
}

static void test_errors(void) {
  open_listener();
  ok(listener_take_errors(&listener, LISTENER_FORK_FAILED).count == 0, "no errors");
  listener_add_error(&listener, LISTENER_FORK_FAILED, 11);
  listener_add_error(&listener, LISTENER_FORK_FAILED, 12);
  listener_add_error(&listener, LISTENER_ACCEPT_FAILED, 13);
  ok(was_woken(), "errors wake main");
  struct error_count errors = listener_take_errors(&listener, LISTENER_FORK_FAILED);
  ok(errors.count == 2 && errors.error == 12, "two, and the last error");
  ok(listener_take_errors(&listener, LISTENER_FORK_FAILED).count == 0, "are taken once");
  ok(listener_take_errors(&listener, LISTENER_ACCEPT_FAILED).count == 1, "kinds are apart");
  ok(!listener_failed_socket(&listener).found, "no socket has failed");
  listener_socket_failed(&listener, 3, 22);
  listener_socket_failed(&listener, 1, 9);
  struct failed_socket failed = listener_failed_socket(&listener);
  ok(failed.found && failed.socket == 3 && failed.error == 22 && was_woken(),
     "the first one stays");
  listener_signal(&listener, 15);
  eventfd_t woken;
  ok(listener.closing && listener.signal == 15 && listener.signals == 1,
     "a signal closes the listener");
  ok(eventfd_read(listener.wake_workers, &woken) == 0, "and wakes all workers");
}

/* Sets the limit as soon as it is wanted. */
static void *set_limit(void *limit) {
  for (int i = 0; i < 5000 && !listener_limit_is_wanted(&listener); i++) usleep(1000);
  listener_allow(&listener, *(uint64_t *)limit);
  return NULL;
}

static bool may_start_with(uint64_t limit) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, set_limit, &limit) != 0) exit(111);
  bool may = listener_may_start(&listener);
  pthread_join(thread, NULL);
  return may;
}

static void test_limit(void) {
  open_listener();
  ok(listener_may_start(&listener), "without a limit every handler may start");
  listener_allow(&listener, 1);
  ok(listener_may_start(&listener), "one may start");
  listener_count(&listener, COUNTER_STARTED);
  ok(may_start_with(2), "the next one asks, and may");
  ok(was_woken(), "it has woken main for that");
  listener_count(&listener, COUNTER_STARTED);
  ok(!may_start_with(2), "or may not");
  ok(was_woken(), "having woken main");
  listener_allow(&listener, 2);
  int64_t before = clock_monotonic_ms();
  bool may = listener_may_start(&listener),
       late = clock_monotonic_ms() - before >= LISTENER_LIMIT_MS;
  ok(!may && (late || !was_woken()), "after a limit that allowed none it does not ask at once");
  was_woken();
  usleep(2 * LISTENER_LIMIT_MS * 1000);
  ok(!listener_may_start(&listener) && was_woken(),
     "but later, and without an answer none may start");
  ok(listener_limit_is_wanted(&listener), "it is wanted");
  listener_allow(&listener, 3);
  ok(!listener_limit_is_wanted(&listener) && listener_may_start(&listener), "until it is set");
}

int main(void) {
  test_lines();
  test_errors();
  test_limit();
  return done();
}
