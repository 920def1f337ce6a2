/* sinbin-follow: prints the lines of a log directory from a checkpoint on, numbered, and goes on.
 */
#include "base/clock.h"
#include "base/fatal.h"
#include "base/number.h"
#include "base/privileges.h"
#include "base/seldom.h"
#include "base/smallfile.h"
#include "follow/linefile.h"
#include "follow/logdir.h"
#include "follow/logorder.h"
#include "follow/notices.h"
#include "follow/position.h"
#include "line/checkpoint.h"
#include "line/field.h"
#include "line/unread.h"
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYNOPSIS    "[-1] [-n [-e]] [-p MS] DIR CHECKPOINT"
#define POLL_MS     1000 /* without inotify */
#define POLL_MS_MAX 60000
#define RESTLESS    10 /* milliseconds until a directory is read again that was rotated meanwhile */
#define WARN_EVERY  60000
#define LINE_CAP    (LINE_BYTES_MAX - PLACE_TEXT_MAX) /* a line, LF included */
#define PIECE_MAX   PIPE_BUF /* what a pipe that is ready takes without blocking */

struct config {
  const char *dir, *checkpoint;
  char order[PATH_MAX]; /* CHECKPOINT.files */
  bool make, at_end;    /* make a new checkpoint, and no more */
  bool once;            /* stop at the end of the log */
  int poll_ms;          /* -1: inotify */
};

struct follower {
  const struct config *config;
  int dir;
  int notices; /* inotify, or -1 */
  struct logorder order;
  bool order_saved;
  bool restless;
  bool finished; /* the file being read is not written to any more */
  struct linefile in;
  uint64_t seq; /* of the next line */
  struct seldom strange;
  uint64_t stranges;
  size_t out_len;
  char out[PIECE_MAX];
  char in_buf[LINE_CAP];
};

/* Signals are blocked but while we wait, so none can come between a look at this and the wait. */
static volatile sig_atomic_t stopping;
static sigset_t waiting_mask;

static void on_term(int signal) {
  (void)signal;
  stopping = 1;
}

static void set_signals(void) {
  struct sigaction act = {.sa_handler = on_term};
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigaddset(&blocked, SIGINT);
  sigprocmask(SIG_BLOCK, &blocked, &waiting_mask);
  sigdelset(&waiting_mask, SIGTERM);
  sigdelset(&waiting_mask, SIGINT);
  sigaction(SIGTERM, &act, NULL);
  sigaction(SIGINT, &act, NULL);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN); /* a file size limit is to be an error of the write */
}

/* Waits for events of an output and of the directory; ms < 0: without an end. */
static void wait_for(struct follower *f, short out_events, int ms) {
  struct pollfd fds[2] = {{.fd = 1, .events = out_events}, {.fd = -1, .events = POLLIN}};
  struct timespec limit = {ms / 1000, ms % 1000 * 1000000L};
  if (!out_events) fds[1].fd = f->notices;
  if (ppoll(fds, 2, ms < 0 ? NULL : &limit, &waiting_mask) < 0) {
    if (errno != EINTR) fatal_system("unable to poll");
    return;
  }
  if (fds[0].revents & (POLLERR | POLLNVAL)) fatal_temporary("nobody reads the output any more");
}

/* ---- output ---- */

/* Writes no more than a pipe takes without blocking, so that a stop is heeded at a line's end even
   where the reader stands still. */
static void write_lines(struct follower *f, const char *text, size_t len) {
  for (size_t done = 0; done < len;) {
    if (!stopping || done) wait_for(f, POLLOUT, -1);
    if (stopping && done == 0) return;
    size_t piece = len - done < PIECE_MAX ? len - done : PIECE_MAX;
    ssize_t wrote = write(1, text + done, piece);
    if (wrote < 0 && errno != EINTR && errno != EAGAIN) fatal_system("unable to write");
    if (wrote > 0) done += (size_t)wrote;
  }
}

static void flush(struct follower *f) {
  write_lines(f, f->out, f->out_len);
  f->out_len = 0;
}

static void emit(struct follower *f, const char *text, size_t len) {
  if (len > sizeof f->out - f->out_len) flush(f);
  if (len > sizeof f->out) {
    write_lines(f, text, len);
  } else {
    memcpy(f->out + f->out_len, text, len);
    f->out_len += len;
  }
}

/* ---- lines ---- */

static void count_strange(struct follower *f, const char *what) {
  uint64_t count;
  char number[NUMBER_MAX + 1], more[NUMBER_MAX + 1];
  f->stranges++;
  if (!seldom_due(&f->strange, clock_monotonic_ms(), WARN_EVERY, &count)) return;
  number[number_format(number, f->seq)] = '\0';
  more[number_format(more, f->stranges)] = '\0';
  warn_plain(f->config->dir, ": line ", number, ": ", what, " (strange lines so far: ", more, ")");
}

static void put_line(struct follower *f, struct span text, const char *unread) {
  char line[LINE_BYTES_MAX];
  struct place place = {f->seq, f->order.file[f->order.at].inode, f->in.offset};
  size_t len;
  if (!unread && span_find(text, '\0') < text.len) unread = "nul";
  if (unread) {
    count_strange(f, "too long, torn, or with a NUL");
    len = unread_format(text, f->in.length, unread, line);
  } else {
    len = place_strip(text, line);
    if (len < text.len) count_strange(f, "it had seq= or pos=, which were replaced");
  }
  len += place_format(&place, line + len);
  line[len++] = '\n';
  if (f->seq == PLACE_SEQ_MAX) fatal_permanent(f->config->checkpoint, ": no number is left");
  f->seq++;
  emit(f, line, len);
}

static void read_lines(struct follower *f) {
  struct span text;
  while (!stopping) {
    switch (linefile_next(&f->in, &text)) {
    case LINEFILE_LINE: put_line(f, text, NULL); break;
    case LINEFILE_LONG: put_line(f, text, "long"); break;
    case LINEFILE_END: return;
    case LINEFILE_ERROR: fatal_system("unable to read in ", f->config->dir);
    }
  }
}

/* ---- files ---- */

/* What has been read is printed still: it may be gone, too. */
static _Noreturn void position_is_gone(struct follower *f, const char *why) {
  flush(f);
  fatal_permanent(f->config->checkpoint, ": its position is gone from ", f->config->dir, ": ", why,
                  "; lines are lost. sinbin-follow -n makes a new checkpoint");
}

/* Brings the list of files up to date. False: the directory does not rest. */
static bool look(struct follower *f) {
  static struct logfile found[LOGORDER_MAX];
  size_t n;
  f->restless = false;
  switch (logdir_scan(f->dir, found, LOGORDER_MAX, &n)) {
  case LOGDIR_READ: break;
  case LOGDIR_RESTLESS: f->restless = true; return false;
  case LOGDIR_FULL: fatal_permanent(f->config->dir, ": too many files");
  case LOGDIR_ERROR: fatal_system("unable to read ", f->config->dir);
  }
  switch (logorder_merge(&f->order, found, n)) {
  case LOGORDER_SAME: break;
  case LOGORDER_MORE: f->order_saved = false; break;
  case LOGORDER_LOST: position_is_gone(f, "files were deleted that had not been read");
  case LOGORDER_FULL: fatal_permanent(f->config->dir, ": too many files");
  }
  return true;
}

/* On the disk before the first line of a file is printed: the next start has the same order. */
static void save_order(struct follower *f) {
  static char text[LOGORDER_TEXT_MAX];
  if (f->order_saved) return;
  size_t len = logorder_encode(&f->order, text);
  if (!smallfile_write(f->config->order, span_of(text, len), 0644))
    fatal_system("unable to write ", f->config->order);
  f->order_saved = true;
}

/* -1 where the file of that index has another name by now, or none. */
static int open_file(const struct follower *f, size_t index) {
  const struct logfile *wanted = &f->order.file[index];
  int fd = logdir_open(f->dir, wanted);
  if (fd < 0 && errno != ENOENT) fatal_system("unable to open ", f->config->dir, "/", wanted->name);
  return fd;
}

/* True where there is more to read at once. */
static bool go_to_next(struct follower *f) {
  if (f->order.at + 1 >= f->order.n && (!look(f) || f->order.at + 1 >= f->order.n)) return false;
  int fd = open_file(f, f->order.at + 1);
  if (fd < 0) return look(f);
  save_order(f);
  close(f->in.fd);
  linefile_seek(&f->in, fd, 0);
  f->order.at++;
  f->finished = false;
  return true;
}

static void see_to_its_size(struct follower *f) {
  struct stat st;
  if (fstat(f->in.fd, &st) != 0) fatal_system("unable to stat a file in ", f->config->dir);
  if (st.st_size < 0 || (uint64_t)st.st_size < f->in.offset)
    position_is_gone(f, "the file has become shorter");
}

/* At the end of a file. That it is not `current` any more is seen first and the file read to its
   end afterwards: what was written to it before its renaming is then read. */
static bool advance(struct follower *f) {
  struct logfile current;
  const struct logfile *reading = &f->order.file[f->order.at];
  struct span rest;
  see_to_its_size(f);
  if (f->finished) {
    if (linefile_take_rest(&f->in, &rest)) put_line(f, rest, "torn");
    return go_to_next(f);
  }
  if (!logdir_stat(f->dir, LOGFILE_CURRENT, &current)) {
    if (errno != ENOENT) fatal_system("unable to stat ", f->config->dir, "/current");
  } else if (current.inode == reading->inode && current.born == reading->born) {
    return false;
  }
  f->finished = true;
  return true;
}

/* ---- the start ---- */

static bool read_checkpoint(const struct config *c, struct checkpoint *out) {
  char text[CHECKPOINT_TEXT_MAX];
  struct span found;
  int result = smallfile_read(c->checkpoint, text, sizeof text, &found);
  if (result < 0 && errno != EFBIG) fatal_system("unable to read ", c->checkpoint);
  if (result < 0 || (result && !checkpoint_decode(found, out)))
    fatal_permanent(c->checkpoint, ": no checkpoint, or a malformed one");
  return result;
}

static void read_order(struct follower *f) {
  static char text[LOGORDER_TEXT_MAX];
  struct span found;
  uint64_t line;
  char number[NUMBER_MAX + 1];
  int result = smallfile_read(f->config->order, text, sizeof text, &found);
  if (result < 0) fatal_system("unable to read ", f->config->order);
  if (result == 0 || logorder_decode(found, &f->order, &line)) return;
  number[number_format(number, line)] = '\0';
  fatal_permanent(f->config->order, ":", number, ": malformed");
}

static void wait_for_news(struct follower *f) {
  struct stat st;
  if (fstat(f->dir, &st) == 0 && st.st_nlink == 0)
    fatal_temporary(f->config->dir, ": the directory was removed");
  if (!stopping) wait_for(f, 0, f->restless ? RESTLESS : f->config->poll_ms);
  if (stopping) _exit(EXIT_DONE);
}

/* Looks until there is a file, and where it was renamed meanwhile, again. */
static void wait_for_a_file(struct follower *f) {
  for (;;) {
    notices_drain(f->notices);
    bool seen = look(f);
    if (seen && f->order.n) return;
    if (seen && f->config->make) fatal_temporary(f->config->dir, ": there is no log file yet");
    if (seen && f->config->once) _exit(EXIT_DONE);
    wait_for_news(f);
  }
}

/* *index is brought up to date. */
static int open_surely(struct follower *f, size_t *index) {
  for (;;) {
    uint64_t inode = f->order.file[*index].inode;
    int fd = open_file(f, *index);
    if (fd >= 0) return fd;
    if (!look(f)) wait_for_news(f);
    *index = logorder_find(&f->order, inode);
    if (*index == f->order.n || !f->order.here[*index]) position_is_gone(f, "its file was deleted");
  }
}

static void start_at(struct follower *f, const struct checkpoint *c) {
  f->order.at = logorder_find(&f->order, c->inode);
  bool known = f->order.at < f->order.n;
  wait_for_a_file(f);
  if (!known) f->order.at = logorder_find(&f->order, c->inode);
  if (f->order.at == f->order.n || !f->order.here[f->order.at])
    position_is_gone(f, "its file was deleted");
  int fd = open_surely(f, &f->order.at), error;
  const char *wrong = position_check(fd, c, &error);
  if (error) fatal_exit(EXIT_TEMPORARY, error, fatal_pieces("unable to read in ", f->config->dir));
  if (wrong) position_is_gone(f, wrong);
  save_order(f);
  linefile_init(&f->in, fd, f->in_buf, sizeof f->in_buf);
  linefile_seek(&f->in, fd, c->offset);
  f->seq = c->seq;
}

static void make_checkpoint(struct follower *f, uint64_t old_epoch, struct checkpoint *c) {
  char text[CHECKPOINT_TEXT_MAX];
  int64_t now = clock_wall_ms() / 1000;
  f->order.at = f->order.n;
  wait_for_a_file(f);
  size_t index = f->config->at_end ? f->order.n - 1 : 0;
  int fd = open_surely(f, &index);
  *c = (struct checkpoint){.epoch = old_epoch + 1, .seq = 1, .inode = f->order.file[index].inode};
  if (now > (int64_t)c->epoch) c->epoch = (uint64_t)now;
  if (c->epoch > CHECKPOINT_EPOCH_MAX) fatal_permanent(f->config->checkpoint, ": no epoch is left");
  if (f->config->at_end && !position_at_end(fd, c))
    fatal_system("unable to read in ", f->config->dir);
  close(fd);
  save_order(f);
  if (!smallfile_write(f->config->checkpoint, span_of(text, checkpoint_encode(c, text)), 0644))
    fatal_system("unable to write ", f->config->checkpoint);
}

static void open_directory(struct follower *f, struct config *c) {
  f->dir = open(c->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (f->dir < 0) fatal_system("unable to open ", c->dir);
  f->notices = c->poll_ms < 0 ? notices_open(c->dir) : -1;
  if (f->notices >= 0 || c->poll_ms >= 0) return;
  warn_system("unable to be told of changes, looking every second");
  c->poll_ms = POLL_MS;
}

static void follow(struct follower *f) {
  while (!stopping) {
    notices_drain(f->notices);
    read_lines(f);
    if (stopping || advance(f)) continue;
    flush(f);
    if (f->config->once && !f->restless) return;
    wait_for_news(f);
  }
}

static void parse_options(int argc, char **argv, struct config *c) {
  int option;
  uint64_t ms;
  opterr = 0;
  *c = (struct config){.poll_ms = -1};
  while ((option = getopt(argc, argv, "1nep:")) != -1) {
    if (option == '1') c->once = true;
    else if (option == 'n') c->make = true;
    else if (option == 'e') c->at_end = true;
    else if (option == 'p' && number_parse(span_str(optarg), POLL_MS_MAX, &ms) && ms)
      c->poll_ms = (int)ms;
    else fatal_usage(SYNOPSIS);
  }
  if (argc - optind != 2 || (c->at_end && !c->make)) fatal_usage(SYNOPSIS);
  c->dir = argv[optind];
  c->checkpoint = argv[optind + 1];
  int len = snprintf(c->order, sizeof c->order, "%s.files", c->checkpoint);
  if (len < 0 || (size_t)len >= sizeof c->order) fatal_usage(SYNOPSIS);
}

int main(int argc, char **argv) {
  static struct follower follower;
  static struct config config;
  struct checkpoint c = {.epoch = 0};
  fatal_set_program(argv[0]);
  parse_options(argc, argv, &config);
  follower.config = &config;
  if (!clock_works()) fatal_system("unable to read the clock");
  if (!config.make && !config.once) privileges_refuse_root(PRIVILEGES_OWN_USER);
  set_signals();
  bool there = read_checkpoint(&config, &c);
  open_directory(&follower, &config);
  read_order(&follower);
  if (!there || config.make) make_checkpoint(&follower, c.epoch, &c);
  if (config.make) return EXIT_DONE;
  start_at(&follower, &c);
  follow(&follower);
  return EXIT_DONE;
}
