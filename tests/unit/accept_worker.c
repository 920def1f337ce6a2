/* A worker on real sockets: it accepts, pauses, and stops. */
#include "accept/worker.h"
#include "sys/clock.h"
#include "sys/listening.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct siphash_key hash_key = {{1, 2}};
static const char *const environment[] = {"PATH=/bin:/usr/bin", NULL};
static char shell[] = "/bin/sh", option[] = "-c", script[200];
static char *argv[] = {shell, option, script, NULL};
static int ends[2];

/* A worker lives as long as the process, as its listener does: each test has its own. */
struct place {
  struct listener listener;
  struct worker worker;
  int sockets[2];
  uint16_t ports[2];
};

static struct place *places[20]; /* of all tests: none is freed */
static size_t place_count;

static int connect_to(uint16_t port) {
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0) exit(111);
  if (connect(fd, (const struct sockaddr *)&in, sizeof in) == 0) return fd;
  close(fd);
  return -1;
}

static struct place *prepare(const char *handler) {
  struct place *p = places[place_count++] = calloc(1, sizeof *p);
  struct addr loopback = addr_from_ipv4(INADDR_LOOPBACK), name;
  sigset_t blocked;
  snprintf(script, sizeof script, "%s", handler);
  if (!p || pipe2(ends, O_CLOEXEC) != 0 || !spawn_prepare(&p->listener.spawn, &blocked)) exit(111);
  p->listener.limits.total = 9;
  p->listener.environment = environment;
  p->listener.spawn.argv = argv;
  p->listener.spawn.path = shell;
  p->listener.waiting_max = 3;
  p->listener.proxy_ms = 300;
  p->listener.close_in_workers = -1;
  for (int i = 0; i < 2; i++) {
    p->sockets[i] = listening_bind(&loopback, false, 0, 10);
    if (p->sockets[i] < 0 || !listening_name(p->sockets[i], &name, &p->ports[i])) exit(111);
  }
  if (!listener_open(&p->listener, &hash_key, ends[1])) exit(111);
  return p;
}

static struct place *begin(const char *handler) {
  struct place *p = prepare(handler);
  ok(worker_start(&p->worker, &p->listener, p->sockets, 2), "a worker starts");
  return p;
}

static uint64_t count(const struct place *p, enum counter which) {
  return p->listener.counters.count[which];
}

/* True as soon as the counter has this value. */
static bool comes_to(const struct place *p, enum counter which, uint64_t want) {
  for (int i = 0; i < 10000 && count(p, which) < want; i++) usleep(1000);
  return count(p, which) == want;
}

static bool is_woken(const struct place *p) {
  struct pollfd main_thread = {.fd = p->listener.wake_main, .events = POLLIN};
  eventfd_t ignored;
  return poll(&main_thread, 1, 10000) == 1 && eventfd_read(p->listener.wake_main, &ignored) == 0;
}

/* What a client reads until the end, or until it has waited ten seconds. */
static struct span heard(int fd) {
  static char buf[200];
  struct timeval ten = {10, 0};
  size_t len = 0;
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &ten, sizeof ten);
  for (ssize_t got; (got = read(fd, buf + len, sizeof buf - len)) > 0;) len += (size_t)got;
  close(fd);
  return span_of(buf, len);
}

/* Ends the worker's part, and says how many workers have closed their sockets. */
static void stop(struct place *p) {
  listener_signal(&p->listener, SIGTERM);
  for (int i = 0; i < 10000 && p->listener.closed == 0; i++) usleep(1000);
  ok(p->listener.closed == 1, "it closes its sockets when it is told to");
  for (int i = 0; i < 2; i++) close(p->sockets[i]);
}

static void accepts(void) {
  struct place *p = begin("echo here >&0");
  listener_wake_workers(&p->listener); /* for nothing */
  usleep(20000);
  for (int round = 0; round < 3; round++)
    for (int i = 0; i < 2; i++)
      is_text(heard(connect_to(p->ports[i])), "here\n", "served on socket %d, %d", i, round);
  ok(comes_to(p, COUNTER_STARTED, 6) && count(p, COUNTER_LOST) == 0, "six handlers");
  ok(count(p, COUNTER_PAUSE) == 0, "without a pause");
  for (int i = 0; i < 10000 && peertable_state(&p->listener.peertable).live; i++) usleep(1000);
  ok(peertable_state(&p->listener.peertable).live == 0, "all have left");
  stop(p);
  ok(is_woken(p), "without handlers it wakes the main thread");
  ok(connect_to(p->ports[0]) < 0, "nobody is accepted any more");
}

/* Handlers end after the sockets are closed: each signal reaches them once. */
static void stops(void) {
  struct place *p = begin("trap 'echo term >&0' TERM; echo in >&0; while :; do sleep 0.01; done");
  char in[3];
  int client = connect_to(p->ports[1]);
  ok(read(client, in, 3) == 3, "a handler runs");
  listener_signal(&p->listener, SIGUSR1);
  ok(comes_to(p, COUNTER_LOST, 1), "a signal ends it");
  ok(is_woken(p), "and the main thread hears that it was the last one");
  ok(p->listener.closed == 1 && dispatch_held(&p->worker.dispatch) == 0, "none is held");
  close(client);
  for (int i = 0; i < 2; i++) close(p->sockets[i]);
}

/* With too few descriptors it pauses, without spinning, and goes on. */
static void pauses(void) {
  struct place *p = begin("echo here >&0");
  struct rlimit files, few;
  getrlimit(RLIMIT_NOFILE, &files);
  int client = connect_to(p->ports[0]);
  is_text(heard(client), "here\n", "one is served");
  client = socket(AF_INET, SOCK_STREAM, 0);
  few = files;
  few.rlim_cur = 3;
  setrlimit(RLIMIT_NOFILE, &few);
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(p->ports[0])};
  in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int64_t before = clock_monotonic_ms();
  if (connect(client, (const struct sockaddr *)&in, sizeof in) != 0) exit(111);
  ok(comes_to(p, COUNTER_PAUSE, 1), "without descriptors it pauses");
  ok(comes_to(p, COUNTER_PAUSE, 3), "again and again");
  ok(clock_monotonic_ms() - before >= 190, "a tenth of a second each");
  struct error_count errors = listener_take_errors(&p->listener, LISTENER_ACCEPT_FAILED);
  ok(is_woken(p) && errors.error == EMFILE, "and reports why");
  eventfd_t woken;
  ok(eventfd_read(p->listener.wake_workers, &woken) == 0 && woken >= 3,
     "and wakes the other workers");
  ok(errors.count <= count(p, COUNTER_PAUSE) + 1, "nothing is accepted in a pause (%d)",
     (int)errors.count);
  setrlimit(RLIMIT_NOFILE, &files);
  is_text(heard(client), "here\n", "then the client is served");
  is_text(heard(connect_to(p->ports[1])), "here\n", "as are others");
  stop(p);
}

/* A worker that is told to stop while it pauses stops, too. */
static void stops_in_a_pause(void) {
  struct place *p = begin("echo here >&0");
  shutdown(p->sockets[0], SHUT_RDWR);
  ok(is_woken(p) && comes_to(p, COUNTER_PAUSE, 1), "a socket that was shut down makes it pause");
  struct failed_socket failed = listener_failed_socket(&p->listener);
  ok(failed.found && failed.socket == 0 && failed.error == EINVAL, "and is reported");
  stop(p);
}

/* Descriptors that workers must not keep: the other end sees that the last one is closed. */
static void closes(void) {
  struct place *p = prepare("exit 0");
  int fd[2];
  if (pipe(fd) != 0) exit(111);
  p->listener.close_in_workers = fd[1];
  ok(worker_start(&p->worker, &p->listener, p->sockets, 2), "a worker starts");
  ok(fcntl(fd[1], F_GETFD) >= 0, "the descriptor is open here");
  close(fd[1]);
  struct pollfd end = {.fd = fd[0]};
  ok(poll(&end, 1, 10000) == 1 && end.revents & POLLHUP, "and was closed in the worker");
  close(fd[0]);
  stop(p);
}

/* ---- peer rules ---- */

static int rules_file(const char *key, const char *value) {
  char path[] = "/tmp/sinbin-worker-XXXXXX";
  struct cdb_make make;
  int fd = mkstemp(path);
  unlink(path);
  if (fd < 0 || cdb_make_start(&make, fd) != 0 ||
      cdb_make_add(&make, key, (unsigned int)strlen(key), value, (unsigned int)strlen(value) + 1) !=
          0 ||
      cdb_make_finish(&make) != 0)
    exit(111);
  return fd;
}

static struct listener *ruled;
static _Atomic int calls;

/* Each time other rules: the first call denies, the others make the peer a proxy. They are looked at
   before the connections of a socket are accepted, so a client that comes at once takes the other one. */
static void check_rules(void *context, int64_t now_ms) {
  struct peerrules fresh;
  int fd = rules_file("127.0.0.1", context == &calls && ++calls == 1 ? "D" : "+SINBIN_PROXY=1");
  if (pthread_mutex_trylock(&ruled->rules_lock) != EBUSY) exit(111);
  if (now_ms <= 0 || !peerrules_open(&fresh, fd) || !listener_set_rules(ruled, &fresh)) exit(111);
  close(fd);
}

static struct place *begin_with_rules(int64_t proxy_ms) {
  struct place *p = prepare("echo $TCPREMOTEIP >&0");
  ruled = &p->listener;
  calls = 0;
  p->listener.check_rules = check_rules;
  p->listener.context = &calls;
  p->listener.proxy_ms = proxy_ms;
  ok(worker_start(&p->worker, &p->listener, p->sockets, 2), "a worker with rules starts");
  is_text(heard(connect_to(p->ports[0])), "", "a rule denies");
  ok(count(p, COUNTER_DENIED) == 1 && calls == 1, "a peer, once it was looked at");
  return p;
}

static void proxies(void) {
  struct place *p = begin_with_rules(300);
  static const char header[] = "PROXY TCP4 192.0.2.7 192.0.2.25 40000 25\r\n";
  int proxy = connect_to(p->ports[1]);
  usleep(20000);
  if (write(proxy, header, 10) != 10) exit(111);
  usleep(20000);
  if (write(proxy, header + 10, sizeof header - 11) != (ssize_t)sizeof header - 11) exit(111);
  is_text(heard(proxy), "192.0.2.7\n", "newer rules make it a proxy");
  ok(calls == 2, "they are looked at before each round of accepts (%d)", calls);
  int looked = calls;
  listener_wake_workers(&p->listener);
  for (int i = 0; i < 10000 && calls < looked + 2; i++) usleep(1000);
  ok(calls == looked + 2, "a worker that is woken looks at both sockets");
  int64_t before = clock_monotonic_ms();
  is_text(heard(connect_to(p->ports[0])), "", "one that says nothing is closed");
  int64_t took = clock_monotonic_ms() - before;
  ok(took >= 290 && took < 9000 && count(p, COUNTER_PROXY) == 1, "when its time is over (%d ms)",
     (int)took);
  stop(p);
}

static void proxies_at_the_end(void) {
  struct place *p = begin_with_rules(60000);
  int proxy = connect_to(p->ports[1]);
  for (int i = 0; i < 10000 && p->listener.waiting == 0; i++) usleep(1000);
  ok(p->listener.waiting == 1, "a proxy has not said its header");
  stop(p);
  is_text(heard(proxy), "", "it is closed with the sockets");
  ok(count(p, COUNTER_PROXY) == 1, "and counted");
}

static void not_started(void) {
  struct place *p = prepare("exit 0");
  struct rlimit files, few;
  getrlimit(RLIMIT_NOFILE, &files);
  few = files;
  few.rlim_cur = 3;
  setrlimit(RLIMIT_NOFILE, &few);
  ok(!worker_start(&p->worker, &p->listener, p->sockets, 2) && errno == EMFILE,
     "without descriptors a worker does not start");
  setrlimit(RLIMIT_NOFILE, &files);
}

int main(void) {
  accepts();
  stops();
  pauses();
  stops_in_a_pause();
  closes();
  proxies();
  proxies_at_the_end();
  not_started();
  return done();
}
