#include "prog/follow/follow.h"
#include "base/number.h"
#include "sys/diag.h"
#include "sys/fileio.h"
#include <unistd.h>

static char text_buf[FILEORDER_TEXT_MAX];

void list_read(struct follower *f) {
  struct span found;
  uint64_t line;
  char number[NUMBER_MAX + 1];
  int result = fileio_read(f->config->list, text_buf, sizeof text_buf, &found);
  if (result < 0) diag_system("unable to read ", f->config->list);
  if (result == 0 || fileorder_decode(found, &f->order, &line)) return;
  diag_permanent(f->config->list, ":", number_text(number, line), ": malformed");
}

/* A file that was empty when it was begun has a first line now. */
static void keep_first_hash(struct follower *f) {
  struct logfile *file = &f->order.file[f->order.at];
  if (file->first_hash || f->in.fd < 0) return;
  if (!logdir_hash_first_line(f->in.fd, &file->first_hash))
    diag_system("unable to read in ", f->config->dir);
  if (file->first_hash) f->order_saved = false;
}

void list_save(struct follower *f) {
  if (f->order.at < f->order.n) keep_first_hash(f);
  if (f->order_saved) return;
  size_t len = fileorder_encode(&f->order, text_buf);
  if (!fileio_write(f->config->list, span_of(text_buf, len), 0644))
    diag_system("unable to write ", f->config->list);
  f->order_saved = true;
}

int list_open_file(const struct follower *f, size_t index) {
  const struct logfile *wanted = &f->order.file[index];
  int fd = logdir_open(f->dir, wanted);
  if (fd < 0 && errno != ENOENT) diag_system("unable to open ", f->config->dir, "/", wanted->name);
  return fd;
}

/* If it was deleted in between, the next scan sees that it is gone. */
static void hold_newest(struct follower *f) {
  if (f->newest >= 0) close(f->newest);
  f->newest = f->order.n ? list_open_file(f, f->order.n - 1) : -1;
}

bool list_scan(struct follower *f) {
  static struct logfile found[FILEORDER_MAX];
  size_t n, known = f->order.n;
  f->busy = false;
  switch (logdir_scan_hashed(f->dir, found, FILEORDER_MAX, &n)) {
  case LOGDIR_READ: break;
  case LOGDIR_CHANGING: f->busy = true; return false;
  case LOGDIR_FULL: diag_permanent(f->config->dir, ": too many files");
  case LOGDIR_ERROR: diag_system("unable to read ", f->config->dir);
  }
  if (!fileorder_update(&f->order, found, n)) diag_permanent(f->config->dir, ": too many files");
  if (f->order.n > known) f->order_saved = false;
  hold_newest(f);
  return true;
}
