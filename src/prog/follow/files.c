#include "prog/follow/follow.h"
#include "follow/dirwatch.h"
#include "follow/position.h"
#include "follow/resume.h"
#include "sys/clock.h"
#include "sys/diag.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define POLL_MS  1000 /* without inotify */
#define MOVED_MS 1000 /* between two looks for the new directory, if it was renamed */
#define BUSY_MS  10   /* until a busy directory is scanned again */

uint64_t files_wall_ms(void) {
  int64_t now = clock_wall_ms();
  return now < 1 ? 1 : (uint64_t)now > GAP_AT_MAX ? GAP_AT_MAX : (uint64_t)now;
}

/* ---- the directory ---- */

void files_open_directory(struct follower *f) {
  const struct config *c = f->config;
  f->dir = open(c->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (f->dir < 0) diag_system("unable to open ", c->dir);
  f->watch = f->poll_ms < 0 ? dirwatch_open(c->dir) : -1;
  if (f->watch >= 0 || f->poll_ms >= 0) return;
  log_warning_errno("unable to use inotify, looking at the directory every second");
  f->poll_ms = POLL_MS;
}

static bool has_current(const char *path) {
  struct logfile current;
  int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool found = dir >= 0 && logdir_stat(dir, LOGFILE_CURRENT, &current);
  if (dir >= 0) close(dir);
  return found;
}

static void follow_other_directory(struct follower *f) {
  log_warning(f->config->dir, ": another directory took its place; following that");
  close(f->dir);
  if (f->watch >= 0) close(f->watch);
  files_open_directory(f);
  f->moved = false;
  f->finished = true;
  f->busy = true; /* look there at once */
}

/* Another directory that has our directory's name is followed once a logger writes there. Until then
   ours is followed, if it still exists. */
static void check_directory(struct follower *f) {
  struct stat ours, named;
  if (fstat(f->dir, &ours) != 0) diag_system("unable to stat ", f->config->dir);
  bool exists = stat(f->config->dir, &named) == 0;
  if (!exists && ours.st_nlink == 0) fatal_temporary(f->config->dir, ": the directory was removed");
  f->moved = !exists || ours.st_ino != named.st_ino || ours.st_dev != named.st_dev;
  if (exists && f->moved && has_current(f->config->dir)) follow_other_directory(f);
}

void files_wait(struct follower *f) {
  check_directory(f);
  int ms = f->busy ? BUSY_MS : f->poll_ms;
  if (f->moved && (ms < 0 || ms > MOVED_MS)) ms = MOVED_MS;
  if (!stopping) output_wait(f, ms);
  if (stopping) _exit(EXIT_DONE);
}

/* ---- what a scan finds ---- */

/* The gap is before the next file. Its other fields are set when that file is begun. */
static void mark_loss(struct follower *f) {
  size_t next = f->order.at + 1;
  f->lost = next >= f->order.n;
  if (!f->lost) f->order.read[next].gap.at = files_wall_ms();
}

void files_forget_gone(struct follower *f, bool lost) {
  fileorder_forget_gone(&f->order);
  if (lost) mark_loss(f);
}

bool files_none_is_known(const struct follower *f, size_t known) {
  for (size_t i = 0; i < known; i++)
    if (f->order.present[i]) return false;
  return true;
}

/* Lines that were read are still printed. The next start gives the lines after them new numbers. */
static _Noreturn void start_again(struct follower *f) {
  output_flush(f);
  fatal_temporary(f->config->dir, ": files were deleted of which lines had been printed that were "
                                  "not acknowledged; a new start continues after them");
}

_Noreturn void files_refuse_copy(struct follower *f) {
  output_flush(f);
  diag_permanent(f->config->checkpoint, ": its position is gone from ", f->config->dir,
                 ", which looks like a copy, and its lines have no labels: some may have been "
                 "reported. sinbin-follow -n makes a new checkpoint");
}

bool files_skip_old(struct follower *f, size_t *index) {
  struct filenumbers *r = &f->order.read[*index];
  struct stat st;
  for (;; ++*index, r++) {
    int fd = list_open_file(f, *index);
    if (fd < 0) return false;
    if (!resume_skip_old(fd, f->label, &r->start) || fstat(fd, &st) != 0)
      diag_system("unable to read in ", f->config->dir);
    close(fd);
    if (*index + 1 == f->order.n || r->start < (uint64_t)st.st_size) return true;
  }
}

/* No file of the list is there. The new ones may be copies: lines that may have been printed must not
   be printed again. Returns false if a file was renamed. */
static bool leave_out_old(struct follower *f, size_t known) {
  size_t next = known;
  if (!*f->label && resume_is_copy(&f->order)) files_refuse_copy(f);
  if (*f->label && next < f->order.n && !files_skip_old(f, &next)) return false;
  for (size_t i = known; i < next; i++) f->order.present[i] = false;
  return true;
}

bool files_update(struct follower *f) {
  size_t known = f->order.n;
  if (!list_scan(f)) return false;
  enum fileorder_loss loss = fileorder_find_loss(&f->order, known);
  if (loss == FILEORDER_LOST_BEGUN) start_again(f);
  if (loss == FILEORDER_LOST && files_none_is_known(f, known) && !leave_out_old(f, known))
    return false;
  if (f->order.at >= known) f->order.at = f->order.n;
  files_forget_gone(f, loss == FILEORDER_LOST || f->lost);
  return true;
}

/* ---- from one file to the next ---- */

void files_label_at(const struct follower *f, int fd, uint64_t offset,
                    char label[CHECKPOINT_LABEL_LEN + 1]) {
  char text[CHECKPOINT_LABEL_LEN + 2];
  ssize_t got = pread(fd, text, sizeof text, (off_t)offset);
  if (got < 0) diag_system("unable to read in ", f->config->dir);
  gap_label(span_of(text, (size_t)got), label);
}

static void complete_gap(const struct follower *f, struct filenumbers *r, int fd,
                         const struct seqpos *after) {
  r->gap.inode = after->inode;
  r->gap.offset = after->offset;
  memcpy(r->gap.from, f->label, sizeof r->gap.from);
  files_label_at(f, fd, r->start, r->gap.to);
}

/* Reads the file order.at from now on. Its lines get their numbers here, and keep them: the list is
   on the disk before the first of them is printed. */
static void begin(struct follower *f, int fd, const struct seqpos *after) {
  struct filenumbers *r = &f->order.read[f->order.at];
  uint64_t first = f->seq + (r->gap.at != 0);
  if (r->first != first) {
    if (r->gap.at) complete_gap(f, r, fd, after);
    r->first = first;
    f->order_saved = false;
  }
  tail_seek(&f->in, fd, r->start);
  f->finished = false;
  if (r->gap.at) output_gap(f, r);
}

static struct seqpos place(const struct follower *f) {
  return (struct seqpos){f->seq, f->order.file[f->order.at].inode, f->in.offset};
}

static bool begin_next(struct follower *f) {
  if (f->order.at + 1 >= f->order.n && (!files_update(f) || f->order.at + 1 >= f->order.n))
    return false;
  int fd = list_open_file(f, f->order.at + 1);
  if (fd < 0) return files_update(f);
  struct seqpos after = place(f);
  close(f->in.fd);
  f->order.at++;
  begin(f, fd, &after);
  return true;
}

/* What the file held before is lost if it was not read. What it holds now may be older than that.
   Without labels all of it is skipped, because lines of it may have been printed. */
void files_find_start(struct follower *f, int fd, struct filenumbers *r) {
  struct checkpoint end;
  bool read = *f->label ? resume_skip_old(fd, f->label, &r->start) : position_at_end(fd, &end);
  if (!read) diag_system("unable to read in ", f->config->dir);
  if (!*f->label) r->start = end.offset;
}

/* The file was emptied, or cut. It is begun again, after a gap, like another file. */
static void begin_again(struct follower *f) {
  struct filenumbers *r = &f->order.read[f->order.at];
  struct seqpos after = place(f);
  *r = (struct filenumbers){.gap.at = files_wall_ms()};
  f->order.file[f->order.at].first_hash = 0;
  files_find_start(f, f->in.fd, r);
  begin(f, f->in.fd, &after);
}

static bool has_become_shorter(const struct follower *f) {
  struct stat st;
  if (fstat(f->in.fd, &st) != 0) diag_system("unable to stat a file in ", f->config->dir);
  return st.st_size < 0 || (uint64_t)st.st_size < f->in.offset;
}

static bool is_current(const struct follower *f) {
  struct logfile current;
  if (logdir_stat(f->dir, LOGFILE_CURRENT, &current))
    return logfile_is_same_inode(&current, &f->order.file[f->order.at]);
  if (errno != ENOENT) diag_system("unable to stat ", f->config->dir, "/current");
  return false;
}

/* When the file is not `current` any more, it is read to its end once more: the logger may have
   written to it just before it renamed it. */
bool files_advance(struct follower *f) {
  if (has_become_shorter(f)) {
    begin_again(f);
    return true;
  }
  if (f->finished) {
    output_partial(f);
    return begin_next(f);
  }
  f->finished = !is_current(f);
  return f->finished;
}
