/* A door with real sockets and real handlers: who comes in, who does not, and how handlers end. */
#include "accept/door.h"
#include "sys/clock.h"
#include "sys/connection.h"
#include "sys/listening.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

static const struct siphash_key key = {{1, 2}};
static const char *const environment[] = {"PATH=/bin:/usr/bin", NULL};
static char shell[] = "/bin/sh", option[] = "-c";
static char *argv[] = {shell, option, NULL, NULL};
static struct hall hall;
static struct door door;
static int listener, ends[2];
static uint16_t port;

/* What the test before has allocated: a door is never closed in the program. */
static void free_door(void) {
  crowd_close(&hall.crowd);
  vector_close(&door.vector);
  slots_close(&door.child_slots);
  slots_close(&door.waiting_slots);
  free(door.children);
  free(door.waiting);
  free(door.spawn.stack);
}

static void open_door(const char *handler, uint32_t total) {
  struct addr loopback = addr_from_ipv4(0x7f000001), name;
  sigset_t blocked;
  free_door();
  memset(&hall, 0, sizeof hall);
  argv[2] = (char *)(uintptr_t)handler;
  hall.limits = (struct crowd_limits){.total = total, .per_ipv4 = 2};
  hall.environment = environment;
  hall.waiting_max = 1;
  hall.spawn.argv = argv;
  hall.spawn.path = argv[0];
  if (pipe(ends) != 0 || !spawn_prepare(&hall.spawn, &blocked)) exit(111);
  ok(hall_open(&hall, &key, ends[1]) && door_open(&door, &hall), "open");
  door.epoll = epoll_create1(EPOLL_CLOEXEC);
  door.now = clock_monotonic_ms();
  listener = listening_bind(&loopback, false, 0, 10);
  if (listener < 0 || !listening_name(listener, &name, &port)) exit(111);
}

static int dial(void) {
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  in.sin_addr.s_addr = htonl(0x7f000001);
  if (connect(fd, (const struct sockaddr *)&in, sizeof in) != 0) exit(111);
  return fd;
}

/* What the peer reads until the end. */
static struct span heard(int fd, char *buf, size_t cap) {
  size_t len = 0;
  for (ssize_t got; (got = read(fd, buf + len, cap - len)) > 0;) len += (size_t)got;
  close(fd);
  return span_of(buf, len);
}

/* Collects handlers until none is left; false if that takes too long. */
static bool collect_all(void) {
  struct epoll_event event;
  while (door_held(&door))
    if (epoll_wait(door.epoll, &event, 1, 10000) != 1) return false;
    else door_collect(&door, (uint32_t)event.data.u64);
  return true;
}

static uint64_t count(enum tally what) {
  return hall.tally.count[what];
}

static void test_served(void) {
  char buf[256];
  open_door("echo $TCPREMOTEIP >&0", 5);
  ok(door_take(&door, listener, 3) && count(TALLY_ACCEPTED) == 0, "nobody is there");
  int client = dial(), other = dial();
  ok(door_take(&door, listener, 1) && count(TALLY_STARTED) == 1, "one is taken at a time");
  ok(door_take(&door, listener, 3) && count(TALLY_STARTED) == 2, "and the next one");
  is_text(heard(client, buf, sizeof buf), "127.0.0.1\n", "the handler has the connection");
  is_text(heard(other, buf, sizeof buf), "127.0.0.1\n", "and the other one");
  ok(collect_all() && count(TALLY_LOST) == 0, "they end well");
  ok(crowd_look(&hall.crowd).live == 0, "and leave the crowd");
}

static void test_lost(void) {
  char buf[256];
  open_door("case $TCPREMOTEPORT in *[13579]) exit 7 ;; *) kill -9 $$ ;; esac", 5);
  int client = dial();
  ok(door_take(&door, listener, 3), "taken");
  ok(collect_all() && count(TALLY_LOST) == 1, "a handler without its line is lost");
  ssize_t got = read(ends[0], buf, sizeof buf);
  struct span line = span_of(buf, got > 0 ? (size_t)got : 0);
  ok(span_equal(span_head(line, 9), span_str("lost1 at=")), "a line tells of it");
  ok(span_ends_nocase(line, span_str(" status=exit:7\n")) ||
         span_ends_nocase(line, span_str(" status=signal:9\n")),
     "and how it ended");
  close(client);
}

static void test_refused(void) {
  char buf[256];
  open_door("read x <&0", 5);
  int held[2] = {dial(), dial()}, third = dial();
  ok(door_take(&door, listener, 9) && door_held(&door) == 2, "two of one address");
  is_text(heard(third, buf, sizeof buf),
          "421 4.7.0 Too many connections from your address, try again later\r\n", "not three");
  hall_allow(&hall, 2);
  int fourth = dial();
  ok(door_take(&door, listener, 9) && count(TALLY_QUEUE) == 1, "no room for a line");
  is_text(heard(fourth, buf, sizeof buf), "421 4.7.0 Service not available, try again later\r\n",
          "refused");
  ok(crowd_look(&hall.crowd).live == 2, "and not counted as held");
  for (int i = 0; i < 2; i++) close(held[i]);
  ok(collect_all(), "they leave");
}

static void test_signal(void) {
  open_door("trap - TERM; read x <&0", 5);
  int client = dial();
  ok(door_take(&door, listener, 9) && door_held(&door) == 1, "one is held");
  door_signal(&door, SIGKILL);
  ok(collect_all() && count(TALLY_LOST) == 1, "a signal reaches the handlers");
  close(client);
}

/* Without a descriptor, accepting pauses; the door is not closed for it. */
static void test_no_room(void) {
  struct rlimit files, few;
  char buf[64];
  open_door("echo served >&0", 5);
  int client = dial();
  getrlimit(RLIMIT_NOFILE, &files);
  few = files;
  few.rlim_cur = (rlim_t)client + 1;
  setrlimit(RLIMIT_NOFILE, &few);
  ok(door_take(&door, listener, 9), "no descriptor is left: the socket is not dead");
  ok(door.out_of_something, "but accepting should pause");
  struct hall_news news = hall_take_news(&hall, HALL_NO_ACCEPT);
  ok(news.count == 1 && news.error == EMFILE && count(TALLY_GONE) == 0, "once, and it is told");
  setrlimit(RLIMIT_NOFILE, &files);
  ok(door_take(&door, listener, 9) && count(TALLY_ACCEPTED) == 0, "not before that is over");
  door.out_of_something = false;
  ok(door_take(&door, listener, 9) && count(TALLY_STARTED) == 1, "then as before");
  is_text(heard(client, buf, sizeof buf), "served\n", "the client has waited");
  ok(collect_all(), "it leaves");
}

static void test_dead(void) {
  open_door("exit 0", 5);
  shutdown(listener, SHUT_RDWR);
  ok(!door_take(&door, listener, 9) && errno == EINVAL, "a socket that was shut down is dead");
  ok(door.out_of_something, "and accepting stops");
}

static void test_no_handler(void) {
  char buf[128];
  open_door("exit 0", 5);
  door.spawn.path = "/nonexistent";
  int client = dial();
  ok(door_take(&door, listener, 9) && count(TALLY_FORK) == 1, "no program");
  is_text(heard(client, buf, sizeof buf), "421 4.7.0 Service not available, try again later\r\n",
          "the client is told");
  ok(hall_take_news(&hall, HALL_NO_HANDLER).error == ENOENT, "and the hall, why");
  ok(!door.out_of_something, "that is no reason to pause");
  ok(crowd_look(&hall.crowd).live == 0, "and nobody is held");
}

int main(void) {
  test_served();
  test_lost();
  test_refused();
  test_signal();
  test_no_room();
  test_dead();
  test_no_handler();
  return done();
}
