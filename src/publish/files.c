#include "publish/files.h"
#include "base/fnv.h"
#include "sys/atomicfile.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MODE 0644 /* the reader runs as another user */

bool files_init(struct files *f, const char *dir) {
  *f = (struct files){.dir = dir};
  return strlen(dir) + 1 + FILES_NAME_MAX <= PATH_MAX;
}

static void set_path(struct files *f, const char *name) {
  size_t dir = strlen(f->dir);
  memcpy(f->path, f->dir, dir);
  f->path[dir] = '/';
  strcpy(f->path + dir + 1, name);
}

static bool fail(struct files *f, const char *failure) {
  f->error = errno;
  f->failure = failure;
  return false;
}

static void note_state(struct file_state *file, const struct stat *st) {
  file->size = st->st_size;
  file->mtime = st->st_mtime;
}

bool files_find(struct files *f, const char *name, struct file_state *file, bool *exists) {
  struct stat st;
  set_path(f, name);
  *exists = stat(f->path, &st) == 0;
  if (*exists) note_state(file, &st);
  return *exists || errno == ENOENT || fail(f, "unable to look at ");
}

void files_padding(char *out, size_t n) {
  for (size_t i = 0; i < n; i++) out[i] = i % 64 == 63 || i + 1 == n ? '\n' : '#';
}

/* Makes the file larger than the last one, if both have the same modification time. */
static bool pad(int fd, const struct file_state *last) {
  char padding[4096];
  struct stat st;
  if (fstat(fd, &st) != 0) return false;
  if (st.st_mtime != last->mtime || st.st_size > last->size) return true;
  size_t missing = (size_t)(last->size - st.st_size) + 1;
  while (missing) {
    size_t n = missing < sizeof padding ? missing : sizeof padding;
    files_padding(padding, n);
    if (!atomicfile_write_all(fd, padding, n)) return false;
    missing -= n;
  }
  return true;
}

bool files_replace(struct files *f, const char *name, struct file_state *file, struct span text) {
  struct atomicfile new;
  struct stat st;
  set_path(f, name);
  if (!atomicfile_open(&new, f->path, FILE_MODE)) return fail(f, "unable to write ");
  if (!atomicfile_write_all(new.fd, text.s, text.len) || !pad(new.fd, file) ||
      fstat(new.fd, &st) != 0) {
    atomicfile_abandon(&new);
    return fail(f, "unable to write ");
  }
  if (!atomicfile_commit(&new)) return fail(f, "unable to replace ");
  note_state(file, &st);
  f->changed = true;
  return true;
}

bool files_update(struct files *f, const char *name, struct file_state *file, struct span text) {
  uint64_t hash = fnv_bytes(FNV_START, text.s, text.len);
  if (hash == file->hash) return true;
  if (!files_replace(f, name, file, text)) return false;
  file->hash = hash;
  return true;
}
