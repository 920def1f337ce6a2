#include "publish/nftfiles.h"
#include "base/number.h"
#include "sys/atomicfile.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MODE      0644
#define DIRECTORY_MODE 0755
#define HEAD_MAX       1024
#define DIGITS         10
#define SUFFIX         ".nft"

static void set_path(struct nftfiles *f, const char *name) {
  snprintf(f->path, sizeof f->path, "%s/" NFT_DIRECTORY "%s%s", f->dir, *name ? "/" : "", name);
}

static void set_path_number(struct nftfiles *f, uint64_t number) {
  char name[DIGITS + sizeof SUFFIX];
  number_format_padded(name, number, DIGITS);
  memcpy(name + DIGITS, SUFFIX, sizeof SUFFIX);
  set_path(f, name);
}

static void note_number(struct nftfiles *f, struct span digits) {
  uint64_t number;
  if (number_parse(digits, UINT64_C(9999999999), &number) && number > f->number) f->number = number;
}

static bool find_last(struct nftfiles *f) {
  DIR *dir = opendir(f->path);
  if (!dir) return false;
  errno = 0;
  for (struct dirent *entry; (entry = readdir(dir));) {
    struct span name = span_str(entry->d_name);
    if (name.len == DIGITS + sizeof SUFFIX - 1 && span_is(span_from(name, DIGITS), SUFFIX))
      note_number(f, span_head(name, DIGITS));
  }
  int saved = errno;
  closedir(dir);
  errno = saved;
  return saved == 0;
}

/* The number of the whole list; its line is one of the first. */
static bool read_full(struct nftfiles *f) {
  static const char key[] = "# changes ";
  char head[HEAD_MAX];
  set_path(f, "full.nft");
  int fd = open(f->path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT;
  ssize_t n = read(fd, head, sizeof head);
  close(fd);
  struct span rest = span_of(head, n > 0 ? (size_t)n : 0);
  while (rest.len) {
    struct span line = span_cut(&rest, '\n');
    if (span_starts_nocase(line, key)) note_number(f, span_from(line, sizeof key - 1));
  }
  return true;
}

bool nftfiles_open(struct nftfiles *f, const char *dir) {
  *f = (struct nftfiles){.dir = dir};
  set_path(f, "");
  if (mkdir(f->path, DIRECTORY_MODE) != 0 && errno != EEXIST) return false;
  return find_last(f) && read_full(f);
}

void nftfiles_skip(struct nftfiles *f) {
  f->number++;
  if (f->number <= NFT_FILES_KEPT) return;
  set_path_number(f, f->number - NFT_FILES_KEPT);
  unlink(f->path);
}

bool nftfiles_write(struct nftfiles *f, struct span text) {
  struct atomicfile file;
  uint64_t number = f->number + 1;
  set_path_number(f, number);
  if (!atomicfile_open(&file, f->path, FILE_MODE)) return false;
  if (!atomicfile_write_all(file.fd, text.s, text.len)) {
    atomicfile_abandon(&file);
    return false;
  }
  if (!atomicfile_commit(&file)) return false;
  nftfiles_skip(f);
  return true;
}
