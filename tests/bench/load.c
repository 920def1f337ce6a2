/* load: SMTP clients for the benchmarks, many in one process.

     load rate PORT SESSIONS CONCURRENT SCRIPT   runs whole sessions; prints sessions, seconds, rate
     load hold PORT COUNT SECONDS [SCRIPT]       connects COUNT, reads a first line of each, prints
                                                 "held N" and closes all at the end of its stdin or
                                                 time; SCRIPT is `talk`: after a dialogue up to the
                                                 451
     load crowd PORT COUNT SECONDS               connects COUNT, talks with all at once up to the
                                                 451, then holds all for SECONDS, says QUIT to all
                                                 and waits for the ends; prints how many were lost

   SCRIPT is `quit` (banner, QUIT, close) or `full` (EHLO MAIL RCPT DATA 451 QUIT). Clients come
   from 127.1.0.1, 127.1.0.2, ... so that no cap by address and no shortage of ports comes in. Only
   ever connects to 127.0.0.1. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char *const quit_script[] = {"QUIT\r\n", NULL};
static const char *const refused_script[] = {"EHLO mx.example.net\r\n",
                                             "MAIL FROM:<a@b.example>\r\n",
                                             "RCPT TO:<x@sinbin.test>\r\n", "DATA\r\n", NULL};
static const char *const full_script[] = {"EHLO mx.example.net\r\n",
                                          "MAIL FROM:<a@b.example>\r\n",
                                          "RCPT TO:<x@sinbin.test>\r\n",
                                          "DATA\r\n",
                                          "QUIT\r\n",
                                          NULL};

struct client {
  int fd;
  int step;       /* of the script */
  bool line_done; /* the last byte read was LF */
  bool continued; /* the line being read is one of several ("250-") */
  int column;
};

struct load {
  int epoll;
  uint16_t port;
  long wanted, started, finished, failed;
  long quiet;   /* have nothing left to say */
  bool holding; /* nobody may leave yet */
  const char *const *script;
  struct client *clients;
};

static void die(const char *what) {
  perror(what);
  exit(111);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int connect_from(uint16_t port, long n) {
  struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET};
  int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) die("socket");
  from.sin_addr.s_addr = htonl(0x7f010001u + (uint32_t)(n % 60000));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(port);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(fd, (struct sockaddr *)&from, sizeof from) != 0) die("bind");
  if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) die("connect");
  return fd;
}

static void begin(struct load *l, struct client *c) {
  struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
  *c = (struct client){.fd = connect_from(l->port, l->started)};
  l->started++;
  if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &e) != 0) die("epoll_ctl");
}

static void finish(struct load *l, struct client *c, bool fine) {
  close(c->fd);
  c->fd = -1;
  if (fine) l->finished++;
  else l->failed++;
  if (l->started < l->wanted) begin(l, c);
}

/* True where the bytes end a reply that is not continued. */
static bool reply_ended(struct client *c, const char *s, ssize_t n) {
  bool ended = false;
  for (ssize_t i = 0; i < n; i++) {
    if (c->column == 3) c->continued = s[i] == '-';
    c->column++;
    if (s[i] == '\n') {
      ended = !c->continued;
      c->column = 0;
    }
  }
  return ended;
}

static void step(struct load *l, struct client *c) {
  char buf[2048];
  ssize_t n = read(c->fd, buf, sizeof buf);
  if (n <= 0) {
    finish(l, c, n == 0 && l->script[c->step] == NULL && !l->holding);
    return;
  }
  if (!reply_ended(c, buf, n)) return;
  if (l->script[c->step] == NULL) {
    l->quiet++;
    return;
  }
  const char *next = l->script[c->step++];
  if (write(c->fd, next, strlen(next)) < 0) finish(l, c, false);
}

static int rate(struct load *l, int concurrent) {
  struct epoll_event events[256];
  double start = now();
  l->clients = calloc((size_t)concurrent, sizeof *l->clients);
  if (!l->clients) die("calloc");
  for (int i = 0; i < concurrent && l->started < l->wanted; i++) begin(l, &l->clients[i]);
  while (l->finished + l->failed < l->wanted) {
    int n = epoll_wait(l->epoll, events, 256, 30000);
    if (n == 0) {
      fprintf(stderr, "load: nothing for 30 s; %ld of %ld done\n", l->finished, l->wanted);
      return 99;
    }
    for (int i = 0; i < n; i++) step(l, events[i].data.ptr);
  }
  double took = now() - start;
  printf("%ld %.3f %.1f\n", l->finished, took, (double)l->finished / took);
  if (l->failed) fprintf(stderr, "load: %ld sessions failed\n", l->failed);
  return l->failed ? 1 : 0;
}

static void read_line(int fd, char first[4]) {
  char c = 0;
  for (int n = 0; c != '\n'; n++) {
    if (read(fd, &c, 1) != 1) die("no reply");
    if (n < 4) first[n] = c;
  }
}

/* Up to the 451, which is read too. */
static void talk_to(int fd, char first[4]) {
  while (first[3] == '-') read_line(fd, first);
  for (int i = 0; i < 4; i++) {
    if (write(fd, full_script[i], strlen(full_script[i])) < 0) die("write");
    read_line(fd, first);
  }
}

static int hold(uint16_t port, long count, unsigned int seconds, bool talk) {
  char c, first[4] = "";
  int *fds = calloc((size_t)count, sizeof *fds);
  if (!fds) die("calloc");
  for (long i = 0; i < count; i++) fds[i] = connect_from(port, i);
  for (long i = 0; i < count; i++) {
    read_line(fds[i], first);
    if (talk) talk_to(fds[i], first);
  }
  printf("held %ld\n", count);
  fflush(stdout);
  alarm(seconds);
  while (read(0, &c, 1) > 0) {
  }
  for (long i = 0; i < count; i++) close(fds[i]);
  return 0;
}

/* Serves what comes within so many milliseconds; false where nothing did. */
static bool serve(struct load *l, int ms) {
  struct epoll_event events[256];
  int n = epoll_wait(l->epoll, events, 256, ms);
  for (int i = 0; i < n; i++) step(l, events[i].data.ptr);
  return n > 0;
}

static int crowd(struct load *l, double seconds) {
  static const char quit[] = "QUIT\r\n";
  double start = now();
  l->clients = calloc((size_t)l->wanted, sizeof *l->clients);
  if (!l->clients) die("calloc");
  l->holding = true;
  while (l->started < l->wanted) {
    begin(l, &l->clients[l->started]);
    if (l->started % 16 == 0) serve(l, 0);
  }
  while (l->quiet < l->wanted && l->failed == 0)
    if (!serve(l, 60000)) break;
  printf("held %ld after %.1f s\n", l->quiet, now() - start);
  fflush(stdout);
  for (double end = now() + seconds; now() < end && l->failed == 0;) serve(l, 200);
  printf("lost %ld\n", l->failed + l->wanted - l->quiet);
  l->holding = false;
  for (long i = 0; i < l->wanted; i++)
    if (l->clients[i].fd != -1 && write(l->clients[i].fd, quit, sizeof quit - 1) < 0) l->failed++;
  while (l->finished + l->failed < l->wanted)
    if (!serve(l, 60000)) break;
  printf("finished %ld\n", l->finished);
  return l->finished == l->wanted ? 0 : 1;
}

int main(int argc, char **argv) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  if ((argc == 5 || argc == 6) && strcmp(argv[1], "hold") == 0)
    return hold((uint16_t)atoi(argv[2]), atol(argv[3]), (unsigned int)atoi(argv[4]), argc == 6);
  if (argc == 5 && strcmp(argv[1], "crowd") == 0) {
    struct load l = {.epoll = epoll_create1(0),
                     .port = (uint16_t)atoi(argv[2]),
                     .wanted = atol(argv[3]),
                     .script = refused_script};
    return crowd(&l, atof(argv[4]));
  }
  if (argc != 6 || strcmp(argv[1], "rate") != 0) {
    fprintf(stderr, "usage: load rate PORT SESSIONS CONCURRENT quit|full\n"
                    "       load hold PORT COUNT SECONDS [talk]\n"
                    "       load crowd PORT COUNT SECONDS\n");
    return 100;
  }
  struct load l = {.epoll = epoll_create1(0),
                   .port = (uint16_t)atoi(argv[2]),
                   .wanted = atol(argv[3]),
                   .script = strcmp(argv[5], "quit") == 0 ? quit_script : full_script};
  return rate(&l, atoi(argv[4]));
}
