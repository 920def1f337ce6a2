#include "prog/follow/follow.h"
#include "base/number.h"
#include "line/unread.h"
#include "sys/clock.h"
#include "sys/diag.h"
#include "sys/pipewait.h"
#include "sys/wholelines.h"
#include <poll.h>
#include <unistd.h>

#define WARN_EVERY 60000 /* milliseconds */

/* ---- waiting ---- */

/* Waits for room in the output (POLLOUT), or for a change of the directory (0). */
static void wait_for(struct follower *f, short out_events, int ms) {
  struct pollfd fds[2] = {{.fd = 1, .events = out_events}, {.fd = -1, .events = POLLIN}};
  struct timespec limit = {ms / 1000, ms % 1000 * 1000000L};
  if (!out_events) fds[1].fd = f->watch;
  if (ppoll(fds, 2, ms < 0 ? NULL : &limit, &waiting_mask) < 0) {
    if (errno != EINTR) diag_system("unable to poll");
    return;
  }
  if (fds[0].revents & (POLLERR | POLLNVAL)) pipewait_leave();
}

void output_wait(struct follower *f, int ms) {
  wait_for(f, 0, ms);
}

static void wait_for_room(struct follower *f, size_t len) {
  wait_for(f, POLLOUT, -1);
  while (!stopping && !wholelines_fits(1, len)) {
    wait_for(f, 0, WHOLELINES_WAIT);
    wait_for(f, POLLOUT, -1);
  }
}

/* ---- writing ---- */

static _Noreturn void fail_write(void) {
  if (errno == EPIPE) pipewait_leave();
  diag_system("unable to write");
}

/* Writes only when the pipe takes it without waiting. So a signal stops the program at the end of a
   line even if the reader does not read. */
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

void output_flush(struct follower *f) {
  write_lines(f, f->out, f->out_len);
  f->out_len = 0;
}

static void put(struct follower *f, const char *text, size_t len) {
  if (len > sizeof f->out - f->out_len) output_flush(f);
  if (len > sizeof f->out) {
    write_lines(f, text, len);
  } else {
    memcpy(f->out + f->out_len, text, len);
    f->out_len += len;
  }
}

/* Appends number and position to a line that ends at an offset of the file, and prints it. */
static void put_numbered(struct follower *f, char *line, size_t len, uint64_t offset) {
  struct seqpos place = {f->seq, f->order.file[f->order.at].inode, offset};
  if (f->seq == SEQPOS_SEQ_MAX) diag_permanent(f->config->checkpoint, ": no number is left");
  list_save(f);
  len += seqpos_format(&place, line + len);
  line[len++] = '\n';
  f->seq++;
  put(f, line, len);
}

/* ---- lines ---- */

static void warn_unreadable(struct follower *f, const char *what) {
  uint64_t count;
  char number[NUMBER_MAX + 1], total[NUMBER_MAX + 1];
  f->unreadables++;
  if (!ratelimit_allow(&f->unreadable, clock_monotonic_ms(), WARN_EVERY, &count)) return;
  log_warning(f->config->dir, ": line ", number_text(number, f->seq), ": ", what,
              " (such lines so far: ", number_text(total, f->unreadables), ")");
}

static void put_line(struct follower *f, struct span text, const char *unread) {
  char line[LINE_BYTES_MAX];
  size_t len;
  gap_label(text, f->label);
  if (!unread && span_find(text, '\0') < text.len) unread = "nul";
  if (unread) {
    warn_unreadable(f, "too long, torn, or with a NUL");
    len = unread_format(text, f->in.length, unread, line);
  } else {
    len = seqpos_strip(text, line);
    if (len < text.len) warn_unreadable(f, "it had seq= or pos=, which were replaced");
  }
  put_numbered(f, line, len, f->in.offset);
}

void output_lines(struct follower *f) {
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

void output_partial(struct follower *f) {
  struct span rest;
  if (tail_take_partial(&f->in, &rest)) put_line(f, rest, "torn");
}

/* Its position is the one where the lines after the gap begin. */
void output_gap(struct follower *f, const struct filenumbers *r) {
  char line[GAP_TEXT_MAX + SEQPOS_TEXT_MAX + 1];
  const struct gap *g = &r->gap;
  log_warning(f->config->dir, ": lines are lost: the last one that was read is of ",
              *g->from ? g->from : "an unknown time",
              ", and the first one that is there now is of ", *g->to ? g->to : "an unknown time",
              "; going on with that");
  put_numbered(f, line, gap_format(g, line), r->start);
}
