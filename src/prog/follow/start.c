#include "prog/follow/follow.h"
#include "follow/checkpointfile.h"
#include "follow/dirwatch.h"
#include "follow/position.h"
#include "follow/resume.h"
#include "sys/diag.h"
#include "sys/clock.h"
#include <unistd.h>

static void write_checkpoint(const struct follower *f, const struct checkpoint *c) {
  if (!checkpointfile_write(f->config->checkpoint, c))
    diag_system("unable to write ", f->config->checkpoint);
}

static uint64_t next_epoch(const struct follower *f, uint64_t old) {
  int64_t now = clock_wall_ms() / 1000;
  uint64_t epoch = (old > f->order.epoch ? old : f->order.epoch) + 1;
  if (now > (int64_t)epoch) epoch = (uint64_t)now;
  if (epoch > CHECKPOINT_EPOCH_MAX) diag_permanent(f->config->checkpoint, ": no epoch is left");
  return epoch;
}

/* Opens a file of the list. If it was renamed, *index is its new place in the list. */
static int open_surely(struct follower *f, size_t *index) {
  for (;;) {
    uint64_t inode = f->order.file[*index].inode;
    int fd = list_open_file(f, *index);
    if (fd >= 0) return fd;
    if (!files_update(f)) files_wait(f);
    *index = fileorder_find(&f->order, inode);
    if (*index == f->order.n || !f->order.present[*index])
      fatal_temporary(f->config->dir, ": the file was deleted that was to be read");
  }
}

/* ---- a new checkpoint ---- */

static void wait_first_file(struct follower *f) {
  for (;;) {
    dirwatch_drain(f->watch);
    bool scanned = files_update(f);
    if (scanned && f->order.n) return;
    if (scanned && f->config->make) fatal_temporary(f->config->dir, ": there is no log file yet");
    if (scanned && f->config->once) _exit(EXIT_DONE);
    files_wait(f);
  }
}

void start_new(struct follower *f, uint64_t old, struct checkpoint *c) {
  f->order.at = f->order.n;
  wait_first_file(f);
  size_t index = f->config->at_end ? f->order.n - 1 : 0;
  int fd = open_surely(f, &index);
  *c = (struct checkpoint){
      .epoch = next_epoch(f, old), .seq = 1, .inode = f->order.file[index].inode};
  if (f->config->at_end && !position_at_end(fd, c))
    diag_system("unable to read in ", f->config->dir);
  close(fd);
  fileorder_clear_numbers(&f->order, c->epoch);
  f->order_saved = false;
  list_save(f);
  write_checkpoint(f, c);
}

/* ---- where to go on ---- */

/* True if the position of the checkpoint is in the file `at`. */
static bool has_position(const struct follower *f, const struct checkpoint *c, size_t at) {
  int error = 0;
  if (at == f->order.n || !f->order.present[at]) return false;
  int fd = list_open_file(f, at);
  if (fd < 0) return false;
  const char *wrong = position_check(fd, c, &error);
  close(fd);
  if (error) diag_exit(EXIT_TEMPORARY, error, diag_parts("unable to read in ", f->config->dir));
  return !wrong;
}

/* The gap between the checkpoint and the file `next`. */
static struct gap gap_before(const struct follower *f, size_t next, const struct checkpoint *c) {
  struct gap gap = {.at = files_wall_ms(), .inode = c->inode, .offset = c->offset};
  int fd = list_open_file(f, next);
  memcpy(gap.from, c->label, sizeof gap.from);
  if (fd < 0) return gap;
  files_label_at(f, fd, f->order.read[next].start, gap.to);
  close(fd);
  return gap;
}

/* Moves the checkpoint to just before the gap, so that the lines after it keep their numbers. */
static void move_to_file(struct follower *f, size_t next, struct checkpoint *c) {
  struct filenumbers *r = &f->order.read[next];
  if (r->first > c->seq && !r->gap.at) {
    r->gap = gap_before(f, next, c);
    f->order_saved = false;
  }
  c->seq = r->first - (r->gap.at != 0);
  c->inode = f->order.file[next].inode;
  c->offset = r->start;
  c->label[0] = '\0';
}

/* Begins a new epoch with the gap as number 1. The list is written before the checkpoint. If a kill
   leaves only the list, the next start writes that checkpoint (resume_find_unwritten). */
static void move_to_epoch(struct follower *f, size_t next, struct checkpoint *c) {
  struct filenumbers *r = &f->order.read[next];
  uint64_t start = r->start;
  struct gap gap = gap_before(f, next, c);
  fileorder_clear_numbers(&f->order, next_epoch(f, c->epoch));
  *r = (struct filenumbers){.first = 2, .start = start, .gap = gap};
  *c = (struct checkpoint){
      .epoch = f->order.epoch, .seq = 1, .inode = f->order.file[next].inode, .offset = start};
  f->order_saved = false;
}

/* The file of the checkpoint, but with other content. */
static bool start_in_rewritten(struct follower *f, size_t next) {
  int fd = list_open_file(f, next);
  if (fd < 0) return false;
  files_find_start(f, fd, &f->order.read[next]);
  close(fd);
  return true;
}

/* Sets the offset at which a file that was not begun is read, and may move *next to a later file.
   known: how many files the list had before the scan. Returns false if a file was renamed. */
static bool find_start(struct follower *f, const struct checkpoint *c, size_t known, size_t *next) {
  f->order.read[*next].start = 0;
  if (f->order.file[*next].inode == c->inode) return start_in_rewritten(f, *next);
  if (!files_none_is_known(f, known)) return true;
  if (!*f->label && resume_is_copy(&f->order)) files_refuse_copy(f);
  return !*f->label || files_skip_old(f, next);
}

/* Returns true once it is known where to go on: at *c, in the file order.at. */
static bool try_to_resume(struct follower *f, size_t known, struct checkpoint *c) {
  size_t next;
  if (!list_scan(f)) return false;
  /* If the list is of the checkpoint's epoch, the checkpoint's file is in it, not a new one. */
  size_t at = resume_find_file(&f->order, c, f->order_fits ? known : f->order.n);
  switch (resume_choose(&f->order, c, at, has_position(f, c, at), &next)) {
  case RESUME_WAIT: return false;
  case RESUME_POSITION: break;
  case RESUME_FILE: move_to_file(f, next, c); break;
  case RESUME_EPOCH:
    if (!find_start(f, c, known, &next)) return false;
    move_to_epoch(f, next, c);
  }
  f->order.at = next;
  files_forget_gone(f, fileorder_find_loss(&f->order, known) != FILEORDER_COMPLETE);
  return true;
}

static bool is_same_position(const struct checkpoint *a, const struct checkpoint *b) {
  return a->epoch == b->epoch && a->inode == b->inode && a->offset == b->offset;
}

/* Brings the list and the checkpoint to one epoch. */
static void match_epochs(struct follower *f, struct checkpoint *c) {
  if (resume_find_unwritten(&f->order, c->epoch, c)) write_checkpoint(f, c);
  f->order_fits = f->order.epoch == c->epoch;
  if (!f->order_fits) fileorder_clear_numbers(&f->order, c->epoch);
}

static void open_start(struct follower *f, const struct checkpoint *c) {
  int fd = open_surely(f, &f->order.at);
  struct filenumbers *r = &f->order.read[f->order.at];
  tail_init(&f->in, fd, f->in_buf, sizeof f->in_buf);
  f->seq = c->seq;
  if (c->offset != r->start || r->first) return;
  r->first = c->seq;
  f->order_saved = false;
}

void start_at(struct follower *f, struct checkpoint *c) {
  size_t known = f->order.n;
  match_epochs(f, c);
  struct checkpoint start = *c;
  memcpy(f->label, c->label, sizeof f->label);
  for (;;) {
    dirwatch_drain(f->watch);
    if (try_to_resume(f, known, &start)) break;
    if (f->config->once && !f->busy) _exit(EXIT_DONE);
    files_wait(f);
  }
  open_start(f, &start);
  list_save(f);
  if (!is_same_position(&start, c)) write_checkpoint(f, &start);
  tail_seek(&f->in, f->in.fd, start.offset);
  const struct filenumbers *r = &f->order.read[f->order.at];
  if (r->gap.at && start.seq == r->first - 1) output_gap(f, r);
}
