#include "store/sqlite_dbfile.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- whose file it is ---- */

/* Offsets in the first page of a database, sqlite.org/fileformat2.html. */
#define VERSION_AT     60
#define APPLICATION_AT 68
#define PAGE_AT        100 /* the tree of sqlite_master: its kind, the number of cells in 2 bytes */
#define CELLS_AT       103
#define HEAD           105
#define LEAF           0x0d

static uint32_t number_at(const uint8_t *head, size_t at) {
  return (uint32_t)head[at] << 24 | (uint32_t)head[at + 1] << 16 | (uint32_t)head[at + 2] << 8 |
         head[at + 3];
}

/* True for a sinbin database, and for a database without tables, which may become one. */
static bool head_is_ours(const uint8_t *head) {
  uint32_t application = number_at(head, APPLICATION_AT);
  bool empty = head[PAGE_AT] == LEAF && head[CELLS_AT] == 0 && head[CELLS_AT + 1] == 0;
  return memcmp(head, "SQLite format 3", 16) == 0 &&
         (application == STORE_APPLICATION ||
          (application == 0 && number_at(head, VERSION_AT) == 0 && empty));
}

/* A file that cannot be read is not foreign: SQLite will report why. */
static bool is_foreign(const char *path) {
  uint8_t head[HEAD];
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t got = pread(fd, head, sizeof head, 0);
  close(fd);
  return got > 0 && (got < (ssize_t)sizeof head || !head_is_ours(head));
}

enum store_open dbfile_inspect(const char *path) {
  struct stat st;
  if (stat(path, &st) != 0) return STORE_OPEN;
  if (S_ISDIR(st.st_mode)) {
    errno = EISDIR;
    return STORE_FAILED;
  }
  return !S_ISREG(st.st_mode) || is_foreign(path) ? STORE_FOREIGN : STORE_OPEN;
}

/* ---- the lock ---- */

static bool open_and_lock(struct dbfile *f, const char *path) {
  char name[PATH_MAX];
  int len = snprintf(name, sizeof name, "%s-lock", path);
  if (len < 0 || (size_t)len >= sizeof name) {
    errno = ENAMETOOLONG;
    return false;
  }
  f->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  return f->lock >= 0 && flock(f->lock, LOCK_EX | LOCK_NB) == 0;
}

enum store_open dbfile_lock(struct dbfile *f, const char *path) {
  if (open_and_lock(f, path)) return STORE_OPEN;
  return errno == EWOULDBLOCK ? STORE_LOCKED : STORE_FAILED;
}

void dbfile_unlock(struct dbfile *f) {
  if (f->lock >= 0) close(f->lock);
  f->lock = -1;
}

/* ---- whether it is still there ---- */

static void remember(struct dbfile_part *part, const char *name) {
  part->name = name;
  part->known = name && *name && fileid_of_path(name, &part->id);
}

static bool is_there(const struct dbfile_part *part) {
  struct fileid now;
  return !part->known || (fileid_of_path(part->name, &now) && fileid_is_same(&part->id, &now));
}

void dbfile_remember(struct dbfile *f, sqlite3 *handle) {
  const char *name = sqlite3_db_filename(handle, "main");
  remember(&f->base, name);
  remember(&f->log, name && *name ? sqlite3_filename_wal(name) : NULL);
}

bool dbfile_check(const struct dbfile *f, sqlite3 *handle) {
  if (is_there(&f->base) && is_there(&f->log)) return true;
  sqlite3_wal_checkpoint_v2(handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
  return false;
}
