/* sinbin-follow: prints the lines of a log directory from a checkpoint on, numbered, and goes on.
 */
#include "sys/clock.h"
#include "sys/diag.h"
#include "base/number.h"
#include "sys/privileges.h"
#include "sys/pipewait.h"
#include "sys/ratelimit.h"
#include "sys/smallfile.h"
#include "sys/wholelines.h"
#include "follow/tail.h"
#include "follow/logdir.h"
#include "follow/fileorder.h"
#include "follow/dirwatch.h"
#include "follow/position.h"
#include "follow/resume.h"
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
#define MOVED_MS    1000 /* between two looks for the new directory, if it was renamed */
#define RESTLESS    10 /* milliseconds until a directory is read again that was rotated meanwhile */
#define WARN_EVERY  60000
#define LINE_CAP    (LINE_BYTES_MAX - SEQPOS_TEXT_MAX) /* a line, LF included */
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
  int poll_ms; /* the configured one, or POLL_MS without inotify */
  struct fileorder order;
  bool order_saved;
  bool restless;
  bool finished; /* the file being read is not written to any more */
  bool lost;     /* lines are missing after this file; the next one is not there yet */
  bool listed;   /* the list of files belonged to the checkpoint */
  bool moved;    /* the directory has another name, or none */
  struct tail in;
  uint64_t seq;                         /* of the next line */
  char label[CHECKPOINT_LABEL_LEN + 1]; /* of the last line read, or of the checkpoint */
  struct ratelimit unreadable;
  uint64_t unreadables;
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
    if (errno != EINTR) diag_system("unable to poll");
    return;
  }
  if (fds[0].revents & (POLLERR | POLLNVAL)) pipewait_leave();
}

/* ---- output ---- */

static _Noreturn void fail_write(void) {
  if (errno == EPIPE) pipewait_leave();
  diag_system("unable to write");
}

static void wait_for_room(struct follower *f, size_t len) {
  wait_for(f, POLLOUT, -1);
  while (!stopping && !wholelines_fits(1, len)) {
    wait_for(f, 0, WHOLELINES_WAIT);
    wait_for(f, POLLOUT, -1);
  }
}

/* Writes when a pipe takes it without waiting, so that a stop is heeded at a line's end even if the
   reader does not read. */
static void write_lines(struct follower *f, const char *text, size_t len) {
  for (size_t done = 0; done < len;) {
    size_t piece = wholelines_piece(span_of(text + done, len - done));
    if (!stopping || done) wait_for_room(f, piece);
    if (stopping && done == 0) return;
    ssize_t wrote = write(1, text + done, piece);
    if (wrote < 0 && errno != EINTR && errno != EAGAIN) fail_write();
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

static void count_unreadable(struct follower *f, const char *what) {
  uint64_t count;
  char number[NUMBER_MAX + 1], more[NUMBER_MAX + 1];
  f->unreadables++;
  if (!ratelimit_allow(&f->unreadable, clock_monotonic_ms(), WARN_EVERY, &count)) return;
  number[number_format(number, f->seq)] = '\0';
  more[number_format(more, f->unreadables)] = '\0';
  log_warning(f->config->dir, ": line ", number, ": ", what, " (strange lines so far: ", more, ")");
}

static void put_line(struct follower *f, struct span text, const char *unread) {
  char line[LINE_BYTES_MAX];
  struct seqpos place = {f->seq, f->order.file[f->order.at].inode, f->in.offset};
  size_t len;
  gap_label(text, f->label);
  if (!unread && span_find(text, '\0') < text.len) unread = "nul";
  if (unread) {
    count_unreadable(f, "too long, torn, or with a NUL");
    len = unread_format(text, f->in.length, unread, line);
  } else {
    len = seqpos_strip(text, line);
    if (len < text.len) count_unreadable(f, "it had seq= or pos=, which were replaced");
  }
  len += seqpos_format(&place, line + len);
  line[len++] = '\n';
  if (f->seq == SEQPOS_SEQ_MAX) diag_permanent(f->config->checkpoint, ": no number is left");
  f->seq++;
  emit(f, line, len);
}

static void read_lines(struct follower *f) {
  struct span text;
  while (!stopping) {
    switch (tail_next(&f->in, &text)) {
    case TAIL_LINE: put_line(f, text, NULL); break;
    case TAIL_LONG: put_line(f, text, "long"); break;
    case TAIL_END: return;
    case TAIL_ERROR: diag_system("unable to read in ", f->config->dir);
    }
  }
}

/* ---- files ---- */

enum scanned { SCANNED, RESTLESS_NOW };

static enum scanned scan(struct follower *f, struct logfile *found, size_t *n) {
  f->restless = false;
  switch (logdir_scan(f->dir, found, FILEORDER_MAX, n)) {
  case LOGDIR_READ: return SCANNED;
  case LOGDIR_CHANGING: break;
  case LOGDIR_FULL: diag_permanent(f->config->dir, ": too many files");
  case LOGDIR_ERROR: diag_system("unable to read ", f->config->dir);
  }
  f->restless = true;
  return RESTLESS_NOW;
}

static uint64_t wall_ms(void) {
  int64_t now = clock_wall_ms();
  return now < 1 ? 1 : (uint64_t)now > GAP_AT_MAX ? GAP_AT_MAX : (uint64_t)now;
}

/* The gap is before the next file; its other fields are set when that file is begun. */
static void mark_loss(struct follower *f) {
  size_t next = f->order.at + 1;
  if (next >= f->order.n) {
    f->lost = true;
    return;
  }
  f->lost = false;
  f->order.read[next].gap.at = wall_ms();
}

/* What has been read is printed still. The next start numbers the lines without using a number
   twice. */
static _Noreturn void start_again(struct follower *f) {
  flush(f);
  fatal_temporary(f->config->dir, ": files were deleted of which lines had been printed that were "
                                  "not acknowledged; a new start continues after them");
}

static bool none_is_known(const struct fileorder *order, size_t known) {
  for (size_t i = 0; i < known; i++)
    if (order->here[i]) return false;
  return true;
}

static int open_file(const struct follower *f, size_t index);

/* Of files that were all unknown, those at the beginning that hold no newer line than the label are
   left out: the directory may be a copy. */
static bool skip_old_files(struct follower *f, size_t *index, const char *label) {
  struct logread *r = &f->order.read[*index];
  struct stat st;
  for (;; ++*index, r++) {
    int fd = open_file(f, *index);
    if (fd < 0) return false;
    if (!resume_skip_old(fd, label, &r->start) || fstat(fd, &st) != 0)
      diag_system("unable to read in ", f->config->dir);
    close(fd);
    if (*index + 1 == f->order.n || r->start < (uint64_t)st.st_size) return true;
  }
}

static _Noreturn void refuse_copy(struct follower *f) {
  flush(f);
  diag_permanent(f->config->checkpoint, ": its position is gone from ", f->config->dir,
                 ", which looks like a copy, and its lines have no labels: some may have been "
                 "reported. sinbin-follow -n makes a new checkpoint");
}

/* Brings the list of files up to date. False: the directory does not rest. */
static bool look(struct follower *f) {
  static struct logfile found[FILEORDER_MAX];
  size_t n, known = f->order.n;
  if (scan(f, found, &n) != SCANNED) return false;
  if (!fileorder_update(&f->order, found, n)) diag_permanent(f->config->dir, ": too many files");
  enum fileorder_result loss = fileorder_find_loss(&f->order, known);
  if (loss == FILEORDER_LOST_BEGUN) start_again(f);
  if (loss == FILEORDER_LOST && none_is_known(&f->order, known)) {
    size_t next = known;
    if (!*f->label && resume_is_copy(&f->order)) refuse_copy(f);
    if (*f->label && next < f->order.n && !skip_old_files(f, &next, f->label)) return false;
    for (size_t i = known; i < next; i++) f->order.here[i] = false;
  }
  if (f->order.n > known) f->order_saved = false;
  if (f->order.at >= known) f->order.at = f->order.n;
  fileorder_forget_gone(&f->order);
  if (loss == FILEORDER_LOST || f->lost) mark_loss(f);
  return true;
}

/* On the disk before the first line of a file is printed: the next start has the same order. */
static void save_order(struct follower *f) {
  static char text[FILEORDER_TEXT_MAX];
  if (f->order_saved) return;
  size_t len = fileorder_encode(&f->order, text);
  if (!smallfile_write(f->config->order, span_of(text, len), 0644))
    diag_system("unable to write ", f->config->order);
  f->order_saved = true;
}

/* -1 if the file of that index has another name by now, or none. */
static int open_file(const struct follower *f, size_t index) {
  const struct logfile *wanted = &f->order.file[index];
  int fd = logdir_open(f->dir, wanted);
  if (fd < 0 && errno != ENOENT) diag_system("unable to open ", f->config->dir, "/", wanted->name);
  return fd;
}

static bool label_at(int fd, uint64_t offset, char label[CHECKPOINT_LABEL_LEN + 1]) {
  char text[CHECKPOINT_LABEL_LEN + 2];
  ssize_t got = pread(fd, text, sizeof text, (off_t)offset);
  gap_label(span_of(text, got > 0 ? (size_t)got : 0), label);
  return got >= 0;
}

static void warn_of_gap(const struct follower *f, const struct gap *g) {
  log_warning(f->config->dir, ": lines are lost: the last one that was read is of ",
              *g->from ? g->from : "an unknown time",
              ", and the first one that is there now is of ", *g->to ? g->to : "an unknown time",
              "; going on with that");
}

/* Its number and position are those of any line; its position is where the file is read from. */
static void put_gap(struct follower *f, const struct logread *r) {
  char line[GAP_TEXT_MAX + SEQPOS_TEXT_MAX + 1];
  struct seqpos place = {f->seq, f->order.file[f->order.at].inode, r->start};
  warn_of_gap(f, &r->gap);
  size_t len = gap_format(&r->gap, line);
  len += seqpos_format(&place, line + len);
  line[len++] = '\n';
  f->seq++;
  emit(f, line, len);
}

/* From now on the file's lines have these numbers, whatever happens: that is on the disk before the
   first of them is printed. */
static void begin_file(struct follower *f, int fd, const struct seqpos *after) {
  struct logread *r = &f->order.read[f->order.at];
  uint64_t first = f->seq + (r->gap.at != 0);
  if (r->first != first) {
    if (r->gap.at) {
      r->gap.inode = after->inode;
      r->gap.offset = after->offset;
      memcpy(r->gap.from, f->label, sizeof r->gap.from);
      if (!label_at(fd, r->start, r->gap.to)) diag_system("unable to read in ", f->config->dir);
    }
    r->first = first;
    f->order_saved = false;
  }
  save_order(f);
  tail_seek(&f->in, fd, r->start);
  f->finished = false;
  if (r->gap.at) put_gap(f, r);
}

/* True if there is more to read at once. */
static bool go_to_next(struct follower *f) {
  if (f->order.at + 1 >= f->order.n && (!look(f) || f->order.at + 1 >= f->order.n)) return false;
  int fd = open_file(f, f->order.at + 1);
  if (fd < 0) return look(f);
  struct seqpos after = {f->seq, f->order.file[f->order.at].inode, f->in.offset};
  close(f->in.fd);
  f->order.at++;
  begin_file(f, fd, &after);
  return true;
}

/* What the file held at first is lost if it was not read; what it holds now may be older. Lines
   without labels that are there already are passed over: some of them may have been printed. */
static void find_new_start(struct follower *f, int fd, struct logread *r) {
  struct checkpoint end;
  bool read = *f->label ? resume_skip_old(fd, f->label, &r->start) : position_at_end(fd, &end);
  if (!read) diag_system("unable to read in ", f->config->dir);
  if (!*f->label) r->start = end.offset;
}

/* The file was emptied, or cut. It counts as another one, which is begun after a gap. */
static void begin_file_again(struct follower *f) {
  struct logread *r = &f->order.read[f->order.at];
  struct seqpos after = {f->seq, f->order.file[f->order.at].inode, f->in.offset};
  *r = (struct logread){.gap.at = wall_ms()};
  find_new_start(f, f->in.fd, r);
  begin_file(f, f->in.fd, &after);
}

static bool has_become_shorter(struct follower *f) {
  struct stat st;
  if (fstat(f->in.fd, &st) != 0) diag_system("unable to stat a file in ", f->config->dir);
  return st.st_size < 0 || (uint64_t)st.st_size < f->in.offset;
}

/* At the end of a file. That it is not `current` any more is seen first and the file read to its
   end afterwards: what was written to it before its renaming is then read. */
static bool advance(struct follower *f) {
  struct logfile current;
  const struct logfile *reading = &f->order.file[f->order.at];
  struct span rest;
  if (has_become_shorter(f)) {
    begin_file_again(f);
    return true;
  }
  if (f->finished) {
    if (tail_take_partial(&f->in, &rest)) put_line(f, rest, "torn");
    return go_to_next(f);
  }
  if (!logdir_stat(f->dir, LOGFILE_CURRENT, &current)) {
    if (errno != ENOENT) diag_system("unable to stat ", f->config->dir, "/current");
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
  if (result < 0 && errno != EFBIG) diag_system("unable to read ", c->checkpoint);
  if (result < 0 || (result && !checkpoint_decode(found, out)))
    diag_permanent(c->checkpoint, ": no checkpoint, or a malformed one");
  return result;
}

static void read_order(struct follower *f) {
  static char text[FILEORDER_TEXT_MAX];
  struct span found;
  uint64_t line;
  char number[NUMBER_MAX + 1];
  int result = smallfile_read(f->config->order, text, sizeof text, &found);
  if (result < 0) diag_system("unable to read ", f->config->order);
  if (result == 0 || fileorder_decode(found, &f->order, &line)) return;
  number[number_format(number, line)] = '\0';
  diag_permanent(f->config->order, ":", number, ": malformed");
}

static void open_directory(struct follower *f);

/* A directory that took the place of ours is followed once a logger has begun to write there; until
   then ours is, if it still exists. */
static void see_to_the_directory(struct follower *f) {
  struct stat ours, named;
  struct logfile current;
  if (fstat(f->dir, &ours) != 0) diag_system("unable to stat ", f->config->dir);
  bool there = stat(f->config->dir, &named) == 0;
  if (!there && ours.st_nlink == 0) fatal_temporary(f->config->dir, ": the directory was removed");
  f->moved = !there || ours.st_ino != named.st_ino || ours.st_dev != named.st_dev;
  if (!there || !f->moved) return;
  int fd = open(f->config->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool used = fd >= 0 && logdir_stat(fd, LOGFILE_CURRENT, &current);
  if (fd >= 0) close(fd);
  if (!used) return;
  log_warning(f->config->dir, ": another directory took its place; following that");
  close(f->dir);
  if (f->notices >= 0) close(f->notices);
  open_directory(f);
  f->moved = false;
  f->finished = true;
  f->restless = true; /* look there at once */
}

static void wait_for_news(struct follower *f) {
  see_to_the_directory(f);
  int ms = f->restless ? RESTLESS : f->poll_ms;
  if (f->moved && (ms < 0 || ms > MOVED_MS)) ms = MOVED_MS;
  if (!stopping) wait_for(f, 0, ms);
  if (stopping) _exit(EXIT_DONE);
}

/* Looks until there is a file, and again if it was renamed meanwhile. */
static void wait_first_file(struct follower *f) {
  for (;;) {
    dirwatch_drain(f->notices);
    bool seen = look(f);
    if (seen && f->order.n) return;
    if (seen && f->config->make) fatal_temporary(f->config->dir, ": there is no log file yet");
    if (seen && f->config->once) _exit(EXIT_DONE);
    wait_for_news(f);
  }
}

/* *index is brought up to date. */
static int open_retry(struct follower *f, size_t *index) {
  for (;;) {
    uint64_t inode = f->order.file[*index].inode;
    int fd = open_file(f, *index);
    if (fd >= 0) return fd;
    if (!look(f)) wait_for_news(f);
    *index = fileorder_find(&f->order, inode);
    if (*index == f->order.n || !f->order.here[*index])
      fatal_temporary(f->config->dir, ": the file was deleted that was to be read");
  }
}

static void write_checkpoint(const struct follower *f, const struct checkpoint *c) {
  char text[CHECKPOINT_TEXT_MAX];
  if (!smallfile_write(f->config->checkpoint, span_of(text, checkpoint_encode(c, text)), 0644))
    diag_system("unable to write ", f->config->checkpoint);
}

static uint64_t next_epoch(const struct follower *f, uint64_t old) {
  int64_t now = clock_wall_ms() / 1000;
  uint64_t epoch = (old > f->order.epoch ? old : f->order.epoch) + 1;
  if (now > (int64_t)epoch) epoch = (uint64_t)now;
  if (epoch > CHECKPOINT_EPOCH_MAX) diag_permanent(f->config->checkpoint, ": no epoch is left");
  return epoch;
}

/* Whether the position of the checkpoint is there. *fd is its file, or -1. */
static bool find_position(struct follower *f, const struct checkpoint *c, size_t at, int *fd) {
  int error;
  *fd = -1;
  if (at == f->order.n || !f->order.here[at]) return false;
  *fd = open_file(f, at);
  if (*fd < 0 || !resume_number_fits(&f->order.read[at], c)) return false;
  const char *wrong = position_check(*fd, c, &error);
  if (error) diag_exit(EXIT_TEMPORARY, error, diag_parts("unable to read in ", f->config->dir));
  return !wrong;
}

/* The gap of a start: what the checkpoint says, and the first line that is there. */
static struct gap new_gap(const struct follower *f, size_t next, const struct checkpoint *c) {
  struct gap gap = {.at = wall_ms(), .inode = c->inode, .offset = c->offset};
  int fd = open_file(f, next);
  memcpy(gap.from, c->label, sizeof gap.from);
  if (fd < 0) return gap;
  if (!label_at(fd, f->order.read[next].start, gap.to))
    diag_system("unable to read in ", f->config->dir);
  close(fd);
  return gap;
}

/* The checkpoint moves to just before the gap, so that the lines after it keep their numbers. */
static void move_to_file(struct follower *f, size_t next, struct checkpoint *c) {
  struct logread *r = &f->order.read[next];
  if (r->first > c->seq && !r->gap.at) {
    r->gap = new_gap(f, next, c);
    f->order_saved = false;
  }
  c->seq = r->first - (r->gap.at != 0);
  c->inode = f->order.file[next].inode;
  c->offset = r->start;
  c->label[0] = '\0';
}

/* Numbers begin again, with the gap. The list is written before the checkpoint: if only the list is
   there at the next start, the checkpoint is written then (resume_unwritten). */
static void move_to_epoch(struct follower *f, size_t next, struct checkpoint *c) {
  struct logread *r = &f->order.read[next];
  uint64_t start = r->start;
  struct gap gap = new_gap(f, next, c);
  fileorder_clear_numbers(&f->order, next_epoch(f, c->epoch));
  *r = (struct logread){.first = 2, .start = start, .gap = gap};
  *c = (struct checkpoint){
      .epoch = f->order.epoch, .seq = 1, .inode = f->order.file[next].inode, .offset = start};
  f->order_saved = false;
}

/* Where the next file is begun: false if it was renamed meanwhile. */
static bool find_start(struct follower *f, size_t at, size_t known, size_t *next) {
  struct logread *r = &f->order.read[*next];
  int fd;
  r->start = 0;
  if (*next == at) {
    if ((fd = open_file(f, *next)) < 0) return false;
    find_new_start(f, fd, r);
    close(fd);
    return true;
  }
  if (at < known && !none_is_known(&f->order, known)) return true;
  if (!*f->label && resume_is_copy(&f->order)) refuse_copy(f);
  return !*f->label || skip_old_files(f, next, f->label);
}

/* A list of the checkpoint's epoch has had its file. Another one of the same number has got that
   since. */
static size_t find_file(const struct follower *f, uint64_t inode, size_t known) {
  for (size_t i = known; i-- > 0;)
    if (f->order.file[i].inode == inode) return i;
  return f->listed ? f->order.n : fileorder_find(&f->order, inode);
}

/* True once it is known where to go on: c is there, and f->order.at its file. */
static bool try_to_resume(struct follower *f, size_t known, struct checkpoint *c) {
  static struct logfile found[FILEORDER_MAX];
  size_t n, next;
  int fd;
  if (scan(f, found, &n) != SCANNED) return false;
  size_t before = f->order.n;
  if (!fileorder_update(&f->order, found, n)) diag_permanent(f->config->dir, ": too many files");
  if (f->order.n > before) f->order_saved = false;
  size_t at = find_file(f, c->inode, known);
  bool good = find_position(f, c, at, &fd);
  if (fd >= 0) close(fd);
  enum resume how = resume_choose(&f->order, c, at, good, &next);
  if (how == RESUME_WAIT) return false;
  if (how == RESUME_FILE) move_to_file(f, next, c);
  if (how == RESUME_EPOCH) {
    if (!find_start(f, at, known, &next)) return false;
    move_to_epoch(f, next, c);
  }
  f->order.at = next;
  bool lost = fileorder_find_loss(&f->order, known) != FILEORDER_SAME;
  fileorder_forget_gone(&f->order);
  if (lost) mark_loss(f);
  return true;
}

static void start_at(struct follower *f, struct checkpoint *c) {
  size_t known = f->order.n;
  struct checkpoint found = *c;
  if (resume_unwritten(&f->order, c->epoch, &found)) write_checkpoint(f, &found);
  f->listed = f->order.epoch == found.epoch;
  if (!f->listed) fileorder_clear_numbers(&f->order, found.epoch);
  *c = found;
  memcpy(f->label, c->label, sizeof f->label);
  for (;;) {
    dirwatch_drain(f->notices);
    if (try_to_resume(f, known, &found)) break;
    if (f->config->once && !f->restless) _exit(EXIT_DONE);
    wait_for_news(f);
  }
  int fd = open_retry(f, &f->order.at);
  struct logread *r = &f->order.read[f->order.at];
  tail_init(&f->in, fd, f->in_buf, sizeof f->in_buf);
  f->seq = found.seq;
  bool begins = found.offset == r->start && (!r->first || found.seq <= r->first);
  if (begins && !r->first) {
    r->first = found.seq;
    f->order_saved = false;
  }
  save_order(f);
  if (found.epoch != c->epoch || found.inode != c->inode || found.offset != c->offset)
    write_checkpoint(f, &found);
  tail_seek(&f->in, fd, found.offset);
  if (r->gap.at && found.seq == r->first - 1) put_gap(f, r);
}

static void make_checkpoint(struct follower *f, uint64_t old_epoch, struct checkpoint *c) {
  f->order.at = f->order.n;
  wait_first_file(f);
  size_t index = f->config->at_end ? f->order.n - 1 : 0;
  int fd = open_retry(f, &index);
  *c = (struct checkpoint){
      .epoch = next_epoch(f, old_epoch), .seq = 1, .inode = f->order.file[index].inode};
  if (f->config->at_end && !position_at_end(fd, c))
    diag_system("unable to read in ", f->config->dir);
  close(fd);
  fileorder_clear_numbers(&f->order, c->epoch);
  f->order_saved = false;
  save_order(f);
  write_checkpoint(f, c);
}

static void open_directory(struct follower *f) {
  const struct config *c = f->config;
  f->dir = open(c->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (f->dir < 0) diag_system("unable to open ", c->dir);
  f->notices = f->poll_ms < 0 ? dirwatch_open(c->dir) : -1;
  if (f->notices >= 0 || f->poll_ms >= 0) return;
  log_warning_errno("unable to be told of changes, looking every second");
  f->poll_ms = POLL_MS;
}

static void follow(struct follower *f) {
  while (!stopping) {
    dirwatch_drain(f->notices);
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
    else diag_usage(SYNOPSIS);
  }
  if (argc - optind != 2 || (c->at_end && !c->make)) diag_usage(SYNOPSIS);
  c->dir = argv[optind];
  c->checkpoint = argv[optind + 1];
  int len = snprintf(c->order, sizeof c->order, "%s.files", c->checkpoint);
  if (len < 0 || (size_t)len >= sizeof c->order) diag_usage(SYNOPSIS);
}

int main(int argc, char **argv) {
  static struct follower follower;
  static struct config config;
  struct checkpoint c = {.epoch = 0};
  diag_set_program(argv[0]);
  parse_options(argc, argv, &config);
  follower.config = &config;
  if (!clock_works()) diag_system("unable to read the clock");
  if (!config.make && !config.once) privileges_refuse_root(PRIVILEGES_OWN_USER);
  set_signals();
  bool there = read_checkpoint(&config, &c);
  follower.poll_ms = config.poll_ms;
  open_directory(&follower);
  read_order(&follower);
  if (!there || config.make) make_checkpoint(&follower, c.epoch, &c);
  if (config.make) return EXIT_DONE;
  start_at(&follower, &c);
  follow(&follower);
  return EXIT_DONE;
}
