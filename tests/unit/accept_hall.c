/* What threads leave in the hall, and what wakes the one that looks after it. */
#include "accept/hall.h"
#include "sys/clock.h"
#include "tap.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

static const struct siphash_key key = {{1, 2}};
static struct hall hall;
static int ends[2];

static void open_hall(void) {
  crowd_close(&hall.crowd); /* of the test before */
  memset(&hall, 0, sizeof hall);
  hall.limits.total = 10;
  if (pipe(ends) != 0) exit(111);
  ok(hall_open(&hall, &key, ends[1]), "open");
}

static bool has_rung(void) {
  eventfd_t rung;
  return eventfd_read(hall.bell, &rung) == 0;
}

static void test_lines(void) {
  char page[4096], buf[64];
  open_hall();
  ok(hall_put_line(&hall, span_str("one")) && !has_rung(), "a line that is written is no news");
  ok(read(ends[0], buf, sizeof buf) == 4, "it is there");
  memset(page, '.', sizeof page);
  size_t bytes = 0;
  for (ssize_t got; (got = write(hall.out.fd, page, sizeof page)) > 0;) bytes += (size_t)got;
  ok(hall_put_line(&hall, span_str("two")) && has_rung(), "one that has to wait rings");
  ok(!hall_flush(&hall), "it cannot be written yet");
  for (; bytes; bytes -= sizeof page)
    if (read(ends[0], page, sizeof page) != (ssize_t)sizeof page) exit(111);
  ok(hall_flush(&hall), "now it can");
  ssize_t got = read(ends[0], buf, sizeof buf);
  is_text(span_of(buf, got > 0 ? (size_t)got : 0), "two\n", "it is there, too");
}

static void test_news(void) {
  open_hall();
  ok(hall_take_news(&hall, HALL_NO_PROCESS).count == 0, "no news");
  hall_complain(&hall, HALL_NO_PROCESS, 11);
  hall_complain(&hall, HALL_NO_PROCESS, 12);
  hall_complain(&hall, HALL_NO_ACCEPT, 13);
  ok(has_rung(), "news ring");
  struct hall_news news = hall_take_news(&hall, HALL_NO_PROCESS);
  ok(news.count == 2 && news.error == 12, "two, and the last error");
  ok(hall_take_news(&hall, HALL_NO_PROCESS).count == 0, "are taken once");
  ok(hall_take_news(&hall, HALL_NO_ACCEPT).count == 1, "kinds are apart");
  ok(!hall_find_dead(&hall).found, "no socket is dead");
  hall_tell_dead(&hall, 3, 22);
  hall_tell_dead(&hall, 1, 9);
  struct hall_dead dead = hall_find_dead(&hall);
  ok(dead.found && dead.socket == 3 && dead.error == 22 && has_rung(), "the first one stays");
  hall_signal(&hall, 15);
  eventfd_t called;
  ok(hall.closing && hall.signal == 15 && hall.signals == 1, "a signal closes the doors");
  ok(eventfd_read(hall.call, &called) == 0, "and calls all");
}

/* Sets the limit as soon as it is wanted. */
static void *set_limit(void *limit) {
  for (int i = 0; i < 5000 && !hall_limit_is_wanted(&hall); i++) usleep(1000);
  hall_allow(&hall, *(uint64_t *)limit);
  return NULL;
}

static bool may_start_with(uint64_t limit) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, set_limit, &limit) != 0) exit(111);
  bool may = hall_may_start(&hall);
  pthread_join(thread, NULL);
  return may;
}

static void test_limit(void) {
  open_hall();
  ok(hall_may_start(&hall), "without a limit every handler may start");
  hall_allow(&hall, 1);
  ok(hall_may_start(&hall), "one may start");
  hall_count(&hall, TALLY_STARTED);
  ok(may_start_with(2), "the next one asks, and may");
  ok(has_rung(), "it has rung for that");
  hall_count(&hall, TALLY_STARTED);
  ok(!may_start_with(2), "or may not");
  ok(has_rung(), "having rung");
  hall_allow(&hall, 2);
  int64_t before = clock_monotonic_ms();
  bool may = hall_may_start(&hall), late = clock_monotonic_ms() - before >= HALL_LIMIT_MS;
  ok(!may && (late || !has_rung()), "a limit that allowed nobody is not asked about at once");
  has_rung();
  usleep(2 * HALL_LIMIT_MS * 1000);
  ok(!hall_may_start(&hall) && has_rung(), "but later, and without an answer none may start");
  ok(hall_limit_is_wanted(&hall), "it is wanted");
  hall_allow(&hall, 3);
  ok(!hall_limit_is_wanted(&hall) && hall_may_start(&hall), "until it is set");
}

int main(void) {
  test_lines();
  test_news();
  test_limit();
  return done();
}
