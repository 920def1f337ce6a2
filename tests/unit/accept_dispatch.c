/* A dispatch with real sockets and real handlers: which connections are admitted, and how handlers end. */
#include "accept/dispatch.h"
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
#include <sys/wait.h>
#include <unistd.h>

static const struct siphash_key key = {{1, 2}};
static const char *const environment[] = {"PATH=/bin:/usr/bin", NULL};
static char shell[] = "/bin/sh", option[] = "-c";
static char *argv[] = {shell, option, NULL, NULL};
static struct listener listener;
static struct dispatch dispatch;
static int server, ends[2];
static uint16_t port;

/* Frees what the previous test has allocated: the program never frees a dispatch. */
static void free_all(void) {
  peertable_free(&listener.peertable);
  handlerenv_free(&dispatch.env);
  slots_free(&dispatch.handler_slots);
  slots_free(&dispatch.waiting_slots);
  free(dispatch.handlers);
  free(dispatch.waiting);
  free(dispatch.spawn.stack);
}

static void open_all(const char *handler, uint32_t total) {
  struct addr loopback = addr_from_ipv4(0x7f000001), name;
  sigset_t blocked;
  free_all();
  memset(&listener, 0, sizeof listener);
  argv[2] = (char *)(uintptr_t)handler;
  listener.limits = (struct peertable_limits){.total = total, .per_ipv4 = 2};
  listener.environment = environment;
  listener.waiting_max = 1;
  listener.spawn.argv = argv;
  listener.spawn.path = argv[0];
  if (pipe(ends) != 0 || !spawn_prepare(&listener.spawn, &blocked)) exit(111);
  ok(listener_open(&listener, &key, ends[1]) && dispatch_init(&dispatch, &listener), "open");
  dispatch.epoll = epoll_create1(EPOLL_CLOEXEC);
  dispatch.now = clock_monotonic_ms();
  server = listening_bind(&loopback, false, 0, 10);
  if (server < 0 || !listening_name(server, &name, &port)) exit(111);
}

static int connect_client(void) {
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  in.sin_addr.s_addr = htonl(0x7f000001);
  if (connect(fd, (const struct sockaddr *)&in, sizeof in) != 0) exit(111);
  return fd;
}

/* What the peer reads until the end of the connection. */
static struct span read_all(int fd, char *buf, size_t cap) {
  size_t len = 0;
  for (ssize_t got; (got = read(fd, buf + len, cap - len)) > 0;) len += (size_t)got;
  close(fd);
  return span_of(buf, len);
}

/* Reaps handlers until none is left. False if that takes too long. */
static bool reap_all(void) {
  struct epoll_event event;
  while (dispatch_held(&dispatch))
    if (epoll_wait(dispatch.epoll, &event, 1, 10000) != 1) return false;
    else dispatch_reap(&dispatch, (uint32_t)event.data.u64);
  return true;
}

static uint64_t count(enum counter what) {
  return listener.counters.count[what];
}

static void test_served(void) {
  char buf[256];
  open_all("echo $TCPREMOTEIP >&0", 5);
  ok(dispatch_accept(&dispatch, server, 3) && count(COUNTER_ACCEPTED) == 0, "no connection waits");
  int client = connect_client(), other = connect_client();
  ok(dispatch_accept(&dispatch, server, 1) && count(COUNTER_STARTED) == 1,
     "one is taken at a time");
  ok(dispatch_accept(&dispatch, server, 3) && count(COUNTER_STARTED) == 2, "and the next one");
  is_text(read_all(client, buf, sizeof buf), "127.0.0.1\n", "the handler has the connection");
  is_text(read_all(other, buf, sizeof buf), "127.0.0.1\n", "and the other one");
  ok(reap_all() && count(COUNTER_LOST) == 0, "they end well");
  ok(peertable_state(&listener.peertable).live == 0, "and leave the peertable");
}

static void test_lost(void) {
  char buf[256];
  open_all("case $TCPREMOTEPORT in *[13579]) exit 7 ;; *) kill -9 $$ ;; esac", 5);
  int client = connect_client();
  ok(dispatch_accept(&dispatch, server, 3), "taken");
  ok(reap_all() && count(COUNTER_LOST) == 1, "a handler without its line is lost");
  ssize_t got = read(ends[0], buf, sizeof buf);
  struct span line = span_of(buf, got > 0 ? (size_t)got : 0);
  ok(span_equal(span_head(line, 9), span_str("lost1 at=")), "a line reports it");
  ok(span_ends_nocase(line, span_str(" status=exit:7\n")) ||
         span_ends_nocase(line, span_str(" status=signal:9\n")),
     "and how it ended");
  ok(count(COUNTER_UNLOGGED) == 0, "it was written");
  close(client);
  while (listener_put_line(&listener, span_str("x"))) {
  }
  client = connect_client();
  ok(dispatch_accept(&dispatch, server, 3) && reap_all() && count(COUNTER_LOST) == 2 &&
         count(COUNTER_UNLOGGED) == 1,
     "one whose line has no room is counted");
  close(client);
}

static void test_refused(void) {
  char buf[256];
  open_all("read x <&0", 5);
  int held[2] = {connect_client(), connect_client()}, third = connect_client();
  ok(dispatch_accept(&dispatch, server, 9) && dispatch_held(&dispatch) == 2, "two of one address");
  is_text(read_all(third, buf, sizeof buf),
          "421 4.7.0 Too many connections from your address, try again later\r\n", "not three");
  listener_allow(&listener, 2);
  int fourth = connect_client();
  ok(dispatch_accept(&dispatch, server, 9) && count(COUNTER_QUEUE) == 1, "no room for a line");
  is_text(read_all(fourth, buf, sizeof buf), "421 4.7.0 Service not available, try again later\r\n",
          "refused");
  ok(peertable_state(&listener.peertable).live == 2, "and not counted as held");
  for (int i = 0; i < 2; i++) close(held[i]);
  ok(reap_all(), "they leave");
}

static void test_signal(void) {
  open_all("trap - TERM; read x <&0", 5);
  int client = connect_client();
  ok(dispatch_accept(&dispatch, server, 9) && dispatch_held(&dispatch) == 1, "one is held");
  dispatch_reap(&dispatch, 0);
  ok(dispatch_held(&dispatch) == 1, "one that runs is not waited for");
  dispatch_signal(&dispatch, SIGKILL);
  ok(reap_all() && count(COUNTER_LOST) == 1, "a signal reaches the handlers");
  close(client);
}

/* Without a descriptor, accepting pauses; the socket counts as working. */
static void test_no_room(void) {
  struct rlimit files, few;
  char buf[64];
  open_all("echo served >&0", 5);
  int client = connect_client();
  getrlimit(RLIMIT_NOFILE, &files);
  few = files;
  few.rlim_cur = (rlim_t)client + 1;
  setrlimit(RLIMIT_NOFILE, &few);
  ok(dispatch_accept(&dispatch, server, 9), "no descriptor is left: the socket has not failed");
  ok(dispatch.resources_exhausted, "but accepting should pause");
  struct error_count errors = listener_take_errors(&listener, LISTENER_ACCEPT_FAILED);
  ok(errors.count == 1 && errors.error == EMFILE && count(COUNTER_GONE) == 0,
     "it is counted once, with its errno");
  setrlimit(RLIMIT_NOFILE, &files);
  ok(dispatch_accept(&dispatch, server, 9) && count(COUNTER_ACCEPTED) == 0,
     "nothing is accepted while it should pause");
  dispatch.resources_exhausted = false;
  ok(dispatch_accept(&dispatch, server, 9) && count(COUNTER_STARTED) == 1, "then as before");
  is_text(read_all(client, buf, sizeof buf), "served\n", "the client has waited");
  ok(reap_all(), "it leaves");
}

static void test_failed_socket(void) {
  open_all("exit 0", 5);
  shutdown(server, SHUT_RDWR);
  ok(!dispatch_accept(&dispatch, server, 9) && errno == EINVAL,
     "a socket that was shut down has failed");
  ok(dispatch.resources_exhausted, "and accepting stops");
}

static void test_no_handler(void) {
  char buf[128];
  open_all("exit 0", 5);
  dispatch.spawn.path = "/nonexistent";
  int client = connect_client();
  ok(dispatch_accept(&dispatch, server, 9) && count(COUNTER_FORK) == 1, "no program");
  is_text(read_all(client, buf, sizeof buf), "421 4.7.0 Service not available, try again later\r\n",
          "the client gets 421");
  ok(listener_take_errors(&listener, LISTENER_EXEC_FAILED).error == ENOENT,
     "and the listener gets the errno");
  ok(!dispatch.resources_exhausted, "that is no reason to pause");
  ok(peertable_state(&listener.peertable).live == 0, "and no connection is held");
}

/* An epoll set that takes nothing: no handler is left that nobody watches. */
static void test_unwatched(void) {
  char buf[128];
  open_all("read x <&0", 5);
  int client = connect_client();
  close(dispatch.epoll);
  dispatch.epoll = -1;
  ok(dispatch_accept(&dispatch, server, 9) && count(COUNTER_FORK) == 1 &&
         count(COUNTER_STARTED) == 0,
     "a handler that cannot be watched does not count as started");
  is_text(read_all(client, buf, sizeof buf), "421 4.7.0 Service not available, try again later\r\n",
          "the client gets 421");
  struct error_count errors = listener_take_errors(&listener, LISTENER_WATCH_FAILED);
  ok(errors.count == 1 && errors.error == EBADF, "and the listener gets the errno");
  ok(dispatch_held(&dispatch) == 0 && waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD,
     "no handler is left");
  ok(peertable_state(&listener.peertable).live == 0, "and no connection is held");
}

/* ---- proxies ---- */

static struct peerrules rules;

static int use_rule(const char *address, const char *value) {
  char path[] = "/tmp/sinbin-dispatch-XXXXXX";
  struct cdb_make make;
  int fd = mkstemp(path);
  unlink(path);
  if (fd < 0 || cdb_make_start(&make, fd) != 0 ||
      cdb_make_add(&make, address, (unsigned int)strlen(address), value,
                   (unsigned int)strlen(value) + 1) != 0 ||
      cdb_make_finish(&make) != 0 || !peerrules_open(&rules, fd))
    exit(111);
  dispatch.rules = &rules;
  return fd;
}

/* Passes one event of epoll on. False if none comes. */
static bool read_proxy(void) {
  struct epoll_event event;
  if (epoll_wait(dispatch.epoll, &event, 1, 10000) != 1 || event.data.u64 >> 32 != DISPATCH_PROXY)
    return false;
  dispatch_read_proxy(&dispatch, (uint32_t)event.data.u64, event.events);
  return true;
}

static void say(int fd, const char *text) {
  if (write(fd, text, strlen(text)) != (ssize_t)strlen(text)) exit(111);
}

static void test_proxies(void) {
  static const struct {
    const char *name, *first, *second; /* NULL: nothing; it closes */
    const char *heard;
    enum counter counts;
  } rows[] = {
      {"a header in two pieces", "PROXY TCP4 192.0.2.7", " 192.0.2.25 1 25\r\n", "192.0.2.7\n",
       COUNTER_STARTED},
      {"its own connection", "PROXY ", "UNKNOWN\r\n", "127.0.0.1\n", COUNTER_STARTED},
      {"a malformed header", "PRO", "BABLY\r\n", "", COUNTER_PROXY},
      {"half a header", "PROXY ", NULL, "", COUNTER_PROXY},
      {"no header", NULL, NULL, "", COUNTER_PROXY},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char buf[128];
    open_all("echo $TCPREMOTEIP >&0", 5);
    close(use_rule("127.0.0.1", "+SINBIN_PROXY=1"));
    int client = connect_client(), other = connect_client();
    ok(dispatch_accept(&dispatch, server, 9) && dispatch_has_waiting(&dispatch),
       "%s: a proxy has time", rows[i].name);
    is_text(read_all(other, buf, sizeof buf), "421 4.7.0 Too many connections, try again later\r\n",
            "another one has no place");
    ok(count(COUNTER_WAITING) == 1 && listener.waiting == 1, "one of one");
    if (rows[i].first) {
      say(client, rows[i].first);
      ok(read_proxy() && dispatch_has_waiting(&dispatch), "it is not complete");
    }
    if (rows[i].second) say(client, rows[i].second);
    else shutdown(client, SHUT_WR);
    errno = EAGAIN; /* of another call */
    ok(read_proxy() && !dispatch_has_waiting(&dispatch) && listener.waiting == 0, "now it is");
    is_text(read_all(client, buf, sizeof buf), rows[i].heard, "%s", rows[i].name);
    ok(count(rows[i].counts) == 1, "is counted");
    ok(reap_all(), "none is left");
    peerrules_close(&rules);
  }
}

static void test_unwatched_proxy(void) {
  char buf[128];
  open_all("echo $TCPREMOTEIP >&0", 5);
  close(use_rule("127.0.0.1", "+SINBIN_PROXY=1"));
  int client = connect_client();
  close(dispatch.epoll);
  dispatch.epoll = -1;
  ok(dispatch_accept(&dispatch, server, 9) && count(COUNTER_WAITING) == 1 &&
         !dispatch_has_waiting(&dispatch) && listener.waiting == 0,
     "a proxy that cannot be watched does not wait");
  is_text(read_all(client, buf, sizeof buf), "421 4.7.0 Too many connections, try again later\r\n",
          "it gets 421");
  peerrules_close(&rules);
}

static void test_denied(void) {
  char buf[128];
  open_all("echo $TCPREMOTEIP >&0", 5);
  close(use_rule("127.", "D"));
  int client = connect_client();
  ok(dispatch_accept(&dispatch, server, 9) && count(COUNTER_DENIED) == 1, "a rule denies a peer");
  is_text(read_all(client, buf, sizeof buf), "", "without a word");
  peerrules_close(&rules);
}

/* The map of the rules is that of the file: it becomes damaged with it. */
static void test_damaged_rules(void) {
  static char garbage[2048];
  char buf[128];
  open_all("exit 0", 5);
  int client = connect_client(), file = use_rule("127.0.0.1", "D");
  memset(garbage, 0xff, sizeof garbage);
  ok(pwrite(file, garbage, sizeof garbage, 0) == sizeof garbage, "rules are damaged");
  ok(dispatch_accept(&dispatch, server, 9) && count(COUNTER_RULES) == 1, "a peer is refused");
  is_text(read_all(client, buf, sizeof buf), "421 4.7.0 Service not available, try again later\r\n",
          "with 421");
  ok(listener_take_errors(&listener, LISTENER_RULES_DAMAGED).count == 1,
     "and the listener knows why");
  close(file);
  peerrules_close(&rules);
}

static void test_expiry(void) {
  char buf[128];
  open_all("echo $TCPREMOTEIP >&0", 5);
  close(use_rule("127.0.0.1", "+SINBIN_PROXY=1"));
  listener.proxy_ms = 500;
  int client = connect_client();
  ok(dispatch_accept(&dispatch, server, 9), "a proxy");
  dispatch.now += 499;
  dispatch_expire(&dispatch, false);
  ok(dispatch_has_waiting(&dispatch), "has its time");
  dispatch.now += 1;
  dispatch_expire(&dispatch, false);
  ok(!dispatch_has_waiting(&dispatch) && count(COUNTER_PROXY) == 1, "and no more");
  is_text(read_all(client, buf, sizeof buf), "", "it is closed");
  client = connect_client();
  ok(dispatch_accept(&dispatch, server, 9) && dispatch_has_waiting(&dispatch), "another one");
  dispatch_expire(&dispatch, true);
  ok(!dispatch_has_waiting(&dispatch), "at the end all are closed");
  is_text(read_all(client, buf, sizeof buf), "", "this one, too");
  peerrules_close(&rules);
}

int main(void) {
  alarm(60);
  test_served();
  test_lost();
  test_refused();
  test_signal();
  test_no_room();
  test_failed_socket();
  test_no_handler();
  test_unwatched();
  test_denied();
  test_proxies();
  test_unwatched_proxy();
  test_damaged_rules();
  test_expiry();
  return done();
}
