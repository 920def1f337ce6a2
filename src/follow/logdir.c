#include "follow/logdir.h"
#include "base/fnv.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES_MAX 200 /* of a scan */

static bool is_label_name(const char *name) {
  if (strlen(name) != LOGFILE_NAME_LEN || name[0] != '@') return false;
  for (int i = 1; i < 25; i++) {
    char c = name[i];
    if (!ascii_is_digit((unsigned char)c) && !(c >= 'a' && c <= 'f')) return false;
  }
  return name[25] == '.' && (name[26] == 's' || name[26] == 'u');
}

bool logfile_name_is_valid(const char *name) {
  return is_label_name(name) || strcmp(name, LOGFILE_CURRENT) == 0 ||
         strcmp(name, LOGFILE_PREVIOUS) == 0;
}

bool logfile_is_current(const struct logfile *f) {
  return strcmp(f->name, LOGFILE_CURRENT) == 0;
}

/* 0 `@LABEL`, 1 `previous`, 2 `current`. A file is renamed to a lower rank only. */
static int rank_of(const char *name) {
  if (*name == '@') return 0;
  return strcmp(name, LOGFILE_PREVIOUS) == 0 ? 1 : 2;
}

bool logfile_is_same_inode(const struct logfile *a, const struct logfile *b) {
  return a->inode == b->inode && a->birth == b->birth;
}

/* A first line that is complete never changes. */
static bool is_later_self(const struct logfile *known, const struct logfile *seen) {
  return logfile_is_same_inode(known, seen) &&
         (!known->first_hash || known->first_hash == seen->first_hash);
}

bool logfile_is_later_self(const struct logfile *known, const struct logfile *seen) {
  if (!is_later_self(known, seen)) return false;
  int was = rank_of(known->name), is = rank_of(seen->name);
  return is < was || strcmp(known->name, seen->name) == 0;
}

/* Without statx(2), which some containers refuse: the same, but no time of birth. */
static bool stat_plain(int dirfd, const char *name, int flags, struct statx *out) {
  struct stat st;
  if (fstatat(dirfd, name, &st, flags) != 0) return false;
  *out = (struct statx){.stx_mode = (uint16_t)st.st_mode, .stx_ino = st.st_ino};
  return true;
}

/* With AT_EMPTY_PATH and an empty name: the file that is open as dirfd. */
static bool stat_file(int dirfd, const char *name, int flags, struct logfile *out) {
  struct statx st;
  if (statx(dirfd, name, flags, STATX_TYPE | STATX_INO | STATX_BTIME, &st) != 0 &&
      (errno == ENOENT || !stat_plain(dirfd, name, flags, &st)))
    return false;
  if (!S_ISREG(st.stx_mode)) {
    errno = ENOENT;
    return false;
  }
  *out = (struct logfile){.inode = st.stx_ino};
  if (st.stx_mask & STATX_BTIME && st.stx_btime.tv_sec > 0)
    out->birth = (uint64_t)st.stx_btime.tv_sec * 1000000000 + st.stx_btime.tv_nsec;
  return true;
}

bool logdir_stat(int dirfd, const char *name, struct logfile *out) {
  if (!stat_file(dirfd, name, AT_SYMLINK_NOFOLLOW, out)) return false;
  memcpy(out->name, name, strlen(name) + 1);
  return true;
}

bool logdir_hash_first_line(int fd, uint64_t *hash) {
  char buf[LOGFILE_FIRST_MAX];
  ssize_t got;
  while ((got = pread(fd, buf, sizeof buf, 0)) < 0 && errno == EINTR) continue;
  if (got < 0) return false;
  struct span text = span_of(buf, (size_t)got);
  struct span line = span_head(text, span_find(text, '\n'));
  *hash = 0;
  if (line.len == text.len && text.len < sizeof buf) return true;
  *hash = fnv_bytes(FNV_START, line.s, line.len);
  if (!*hash) *hash = 1;
  return true;
}

static bool is_open_file(int fd, const struct logfile *f) {
  struct logfile opened;
  if (!stat_file(fd, "", AT_EMPTY_PATH, &opened) || !logdir_hash_first_line(fd, &opened.first_hash))
    return false;
  errno = ENOENT;
  return is_later_self(f, &opened);
}

static void close_keeping_errno(int fd) {
  int error = errno;
  close(fd);
  errno = error;
}

int logdir_open(int dirfd, const struct logfile *f) {
  int fd = openat(dirfd, f->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
  if (fd < 0 && errno == ELOOP) errno = ENOENT;
  if (fd < 0 || is_open_file(fd, f)) return fd;
  close_keeping_errno(fd);
  return -1;
}

/* A rotation changes at least one of these. */
struct newest {
  struct logfile current, previous;
};

static bool read_newest(int dirfd, struct newest *out) {
  *out = (struct newest){.current = {.inode = 0}};
  return (logdir_stat(dirfd, LOGFILE_CURRENT, &out->current) || errno == ENOENT) &&
         (logdir_stat(dirfd, LOGFILE_PREVIOUS, &out->previous) || errno == ENOENT);
}

/* Lists the full files only. */
static enum logdir_result read_names(DIR *dir, struct logfile *out, size_t cap, size_t *n) {
  for (;;) {
    errno = 0;
    const struct dirent *entry = readdir(dir);
    if (!entry) return errno ? LOGDIR_ERROR : LOGDIR_READ;
    if (!is_label_name(entry->d_name)) continue;
    if (*n == cap) return LOGDIR_FULL;
    if (logdir_stat(dirfd(dir), entry->d_name, &out[*n])) ++*n;
    else if (errno != ENOENT) return LOGDIR_ERROR;
  }
}

static enum logdir_result read_once(int fd, struct logfile *out, size_t cap, size_t *n) {
  *n = 0;
  int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = own < 0 ? NULL : fdopendir(own);
  if (!dir) {
    if (own >= 0) close_keeping_errno(own);
    return LOGDIR_ERROR;
  }
  enum logdir_result result = read_names(dir, out, cap, n);
  int error = errno;
  closedir(dir);
  errno = error;
  return result;
}

static bool has(const struct logfile *files, size_t n, const struct logfile *wanted) {
  for (size_t i = 0; i < n; i++)
    if (logfile_is_same_inode(&files[i], wanted)) return true;
  return false;
}

/* Adds `previous` and `current`. If `current` has a second name, the logger is just renaming it: it
   is listed as `current`. */
static void add_newest(const struct newest *newest, struct logfile *out, size_t *n) {
  size_t kept = 0;
  for (size_t i = 0; i < *n; i++)
    if (!logfile_is_same_inode(&out[i], &newest->current)) out[kept++] = out[i];
  *n = kept;
  if (newest->previous.inode && !has(out, *n, &newest->previous)) out[(*n)++] = newest->previous;
  if (newest->current.inode) out[(*n)++] = newest->current;
}

static int by_name(const void *a, const void *b) {
  const struct logfile *one = a, *other = b;
  int ranks = rank_of(one->name) - rank_of(other->name);
  return ranks ? ranks : strcmp(one->name, other->name);
}

enum logdir_result logdir_scan(int dirfd, struct logfile *out, size_t cap, size_t *n) {
  struct newest before, after;
  for (int tries = 0; tries < TRIES_MAX; tries++) {
    if (cap < 2) return LOGDIR_FULL;
    if (!read_newest(dirfd, &before)) return LOGDIR_ERROR;
    enum logdir_result result = read_once(dirfd, out, cap - 2, n);
    if (result != LOGDIR_READ) return result;
    if (!read_newest(dirfd, &after)) return LOGDIR_ERROR;
    if (!logfile_is_same_inode(&before.current, &after.current) ||
        !logfile_is_same_inode(&before.previous, &after.previous))
      continue;
    add_newest(&after, out, n);
    if (*n) qsort(out, *n, sizeof *out, by_name);
    return LOGDIR_READ;
  }
  return LOGDIR_CHANGING;
}

/* False with errno set; ENOENT: the file was renamed, or deleted, after the scan. */
static bool add_hash(int dirfd, struct logfile *f) {
  int fd = logdir_open(dirfd, f);
  if (fd < 0) return false;
  bool done = logdir_hash_first_line(fd, &f->first_hash);
  close_keeping_errno(fd);
  return done;
}

static bool add_hashes(int dirfd, struct logfile *files, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (!add_hash(dirfd, &files[i])) return false;
  return true;
}

enum logdir_result logdir_scan_hashed(int dirfd, struct logfile *out, size_t cap, size_t *n) {
  for (int tries = 0; tries < TRIES_MAX; tries++) {
    enum logdir_result result = logdir_scan(dirfd, out, cap, n);
    if (result != LOGDIR_READ || add_hashes(dirfd, out, *n)) return result;
    if (errno != ENOENT) return LOGDIR_ERROR;
  }
  return LOGDIR_CHANGING;
}
