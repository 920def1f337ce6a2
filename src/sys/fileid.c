#include "sys/fileid.h"
#include <sys/stat.h>

static struct fileid id_of(const struct stat *st) {
  return (struct fileid){st->st_dev, st->st_ino, st->st_size, st->st_mtim};
}

bool fileid_of_fd(int fd, struct fileid *id) {
  struct stat st;
  if (fstat(fd, &st) != 0) return false;
  *id = id_of(&st);
  return true;
}

bool fileid_of_path(const char *path, struct fileid *id) {
  struct stat st;
  if (stat(path, &st) != 0) return false;
  *id = id_of(&st);
  return true;
}

bool fileid_is_same(const struct fileid *a, const struct fileid *b) {
  return a->dev == b->dev && a->ino == b->ino;
}

bool fileid_is_unchanged(const struct fileid *a, const struct fileid *b) {
  return fileid_is_same(a, b) && a->size == b->size && a->mtime.tv_sec == b->mtime.tv_sec &&
         a->mtime.tv_nsec == b->mtime.tv_nsec;
}
