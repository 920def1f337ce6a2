/* listen.h: the parts of sinbin-listen, private to it.

     sinbin-listen.c   the story: start, serve, stop
     listen/setup.c    options, environment, limits, sockets, threads
     listen/rules.c    reads the peer rules, and reads them again when the file was replaced
     listen/queue.c    refuses connections before the session log loses lines that were not read
     listen/stall.c    warns if descriptor 1 takes no lines
     listen/status.c   the status line, and messages to the service manager
     listen/errors.c   logs the errors that workers left in the listener

   All of it runs in the main thread, except rules_check, which workers call. Errors during the start
   end the program. */
#ifndef SINBIN_PROG_LISTEN_H
#define SINBIN_PROG_LISTEN_H

#include "accept/options.h"
#include "accept/worker.h"
#include "follow/logwatch.h"
#include "sys/endpoint.h"
#include "sys/notify.h"
#include "sys/ratelimit.h"
#include <sys/stat.h>

#define WARNING_MS      10000 /* between two warnings of one kind */
#define SOCKET_NAME_MAX (ADDR_TEXT_MAX + NUMBER_MAX + 2)

/* The session log as a queue: what is known of it, and what was logged about it. */
#define LISTEN_SYNOPSIS                                                                 \
  "[-b address/port] [-c total] [-4 per-address] [-6 per-net] [-n per-network] "        \
  "[-m per-network-minute] [-M per-minute] [-r per-second] [-x rules.cdb] "             \
  "[-p waiting] [-t seconds] [-q backlog] [-j threads] [-u uid:gid] [-R root] [-d fd] " \
  "[-g grace] [-i interval] program [argument ...]"

struct log_queue {
  bool watched;
  struct logwatch log;
  uint64_t wanted; /* LOG_ROOM */
  int64_t checked_at;
  uint64_t refused; /* connections, as of the last message */
  bool reported_full;
  struct ratelimit full, failed;
};

/* Descriptor 1 takes no lines. */
struct stall {
  int64_t next_check;
  uint64_t seconds; /* so far; 0: it takes lines */
  struct ratelimit report;
};

struct server {
  struct options options;
  struct listener listener;
  struct worker workers[OPTIONS_THREADS_MAX];
  int sockets[WORKER_SOCKETS_MAX];
  struct endpoint addresses[WORKER_SOCKETS_MAX]; /* that the sockets are bound to */
  size_t socket_count;
  int signals;
  struct notify notify;
  int64_t now, next_status, next_notify;
  bool lines_left;    /* lost lines wait to be written */
  bool status_due;    /* descriptor 2 was full */
  int64_t stop_at;    /* 0: not stopping; else when the remaining handlers are killed */
  bool socket_failed; /* stopping because a socket does not listen any more */
  struct ratelimit errors[LISTENER_ERRORS];
  struct log_queue queue;
  struct stall stall;
  /* Used only with listener.rules_lock held: */
  struct stat rules_file; /* as it was read last */
  int64_t rules_checked;
  struct ratelimit rules_missing;
};

/* setup.c */
void setup_options(struct server *s, int argc, char **argv);
void setup_environment(struct server *s);
/* Raises the limit of open files, and lowers the number of connections to what the system allows. */
void setup_limits(struct server *s);
void setup_sockets(struct server *s);
/* The listener, the signals, and the socket of the service manager. */
void setup_listener(struct server *s);
/* Changes the root and the user. From here on all paths, also that of the handler, are in the new
   root. */
void setup_privileges(struct server *s);
void setup_workers(struct server *s);

/* rules.c. False, with errno set: the rules could not be read, and nothing has changed. */
bool rules_load(struct server *s);
/* With rules_lock held. If the rules cannot be read, the old ones stay, with a warning. */
void rules_reload(struct server *s);
/* The listener's check_rules: at most once a second, reloads the rules if the file was replaced. */
void rules_check(void *server, int64_t now);

/* queue.c */
void queue_open(struct server *s, const char *dir, const char *checkpoints);
/* The first check. Unlike later ones it ends the program if the log cannot be read. */
void queue_check_first(struct server *s);
void queue_check(struct server *s);

/* stall.c */
void stall_check(struct server *s);

/* status.c. buf: COUNTERS_TEXT_MAX + 1 bytes. */
struct span status_text(struct server *s, char *buf);
void status_log(struct server *s);
/* `state` is a line such as "READY=1\n", or empty. The status follows it. */
void status_notify(struct server *s, const char *state);

/* errors.c. A descriptor may be the pipe of a logger that has stopped: writing to it would stop the
   program as well, so ask first. */
bool errors_can_write(int fd);
/* Logs "WHAT (N times)" at most once in WARNING_MS. */
void errors_warn(struct ratelimit *limit, int64_t now, const char *what, int error);
void errors_log(struct server *s);
/* True if a listening socket has failed. It is logged. */
bool errors_check_sockets(struct server *s);

/* "ADDRESS/PORT" as in -b, and a number, as strings. They return out. */
const char *format_socket(char out[SOCKET_NAME_MAX], const struct addr *address, uint16_t port);
const char *format_number(char out[NUMBER_MAX + 1], uint64_t number);

#endif
