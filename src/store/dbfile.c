/* The database's file, its log, and the lock beside it. */
#include "store/store_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- whose it is ---- */

/* Places in the first page of a database, sqlite.org/fileformat2.html. */
#define VERSION_AT     60
#define APPLICATION_AT 68
#define PAGE_AT        100 /* the tree of sqlite_master: its kind, and in two bytes how many cells */
#define CELLS_AT       103
#define HEAD           105
#define LEAF           0x0d

static uint32_t number_at(const uint8_t *head, size_t at) {
  return (uint32_t)head[at] << 24 | (uint32_t)head[at + 1] << 16 | (uint32_t)head[at + 2] << 8 |
         head[at + 3];
}

/* Ours, or one without tables that may become ours. */
static bool head_is_ours(const uint8_t *head) {
  uint32_t application = number_at(head, APPLICATION_AT);
  bool empty = head[PAGE_AT] == LEAF && head[CELLS_AT] == 0 && head[CELLS_AT + 1] == 0;
  return memcmp(head, "SQLite format 3", 16) == 0 &&
         (application == STORE_APPLICATION ||
          (application == 0 && number_at(head, VERSION_AT) == 0 && empty));
}

/* What cannot be read is left to those who say why. */
static bool is_foreign(const char *path) {
  uint8_t head[HEAD];
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t got = pread(fd, head, sizeof head, 0);
  close(fd);
  return got > 0 && (got < (ssize_t)sizeof head || !head_is_ours(head));
}

enum store_open dbfile_inspect(struct store *s, const char *path) {
  struct stat st;
  if (stat(path, &st) != 0) return STORE_OPEN;
  if (S_ISDIR(st.st_mode)) {
    store_malformed(s, strerror(EISDIR));
    return STORE_FAILED;
  }
  return !S_ISREG(st.st_mode) || is_foreign(path) ? STORE_FOREIGN : STORE_OPEN;
}

/* ---- the lock ---- */

static bool take_lock(struct store *s, const char *path) {
  char name[PATH_MAX];
  int len = snprintf(name, sizeof name, "%s-lock", path);
  if (len < 0 || (size_t)len >= sizeof name) {
    errno = ENAMETOOLONG;
    return false;
  }
  s->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  return s->lock >= 0 && flock(s->lock, LOCK_EX | LOCK_NB) == 0;
}

/* What no second try will change. */
static bool is_permanent(int error) {
  return error == EROFS || error == EACCES || error == EPERM || error == ENOENT ||
         error == ENOTDIR || error == EISDIR || error == ELOOP || error == ENAMETOOLONG;
}

enum store_open dbfile_lock(struct store *s, const char *path) {
  if (take_lock(s, path)) return STORE_OPEN;
  s->problem = strerror(errno);
  s->permanent = is_permanent(errno);
  return errno == EWOULDBLOCK ? STORE_LOCKED : STORE_FAILED;
}

/* ---- where it stays ---- */

static struct dbfile_id partition_of(const char *path) {
  struct stat st;
  if (!path || !*path || stat(path, &st) != 0) return (struct dbfile_id){.known = false};
  return (struct dbfile_id){.known = true, .dev = st.st_dev, .ino = st.st_ino};
}

static bool is_there(const struct dbfile_id *place, const char *path) {
  struct dbfile_id now = place->known ? partition_of(path) : *place;
  return now.known == place->known && now.dev == place->dev && now.ino == place->ino;
}

void dbfile_remember(struct store *s) {
  s->base_name = sqlite3_db_filename(s->db, "main");
  s->log_name = s->base_name && *s->base_name ? sqlite3_filename_wal(s->base_name) : NULL;
  s->base = partition_of(s->base_name);
  s->log = partition_of(s->log_name);
}

bool dbfile_check(struct store *s) {
  if (is_there(&s->base, s->base_name) && is_there(&s->log, s->log_name)) return true;
  sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
  s->problem = "the database or its log was moved, removed or replaced";
  return false;
}
