#include "collect/detectordir.h"
#include "base/number.h"
#include "sys/fileio.h"
#include "sys/keyfile.h"
#include "sys/secret.h"
#include "sys/systemerror.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool diagnose(struct diagnosis *p, const char *detector, const char *file,
                     const char *what) {
  const char *reason = errno ? strerror(errno) : "";
  p->temporary = systemerror_is_temporary(errno);
  snprintf(p->text, sizeof p->text, "%s%s%s: %s%s%s", detector, file ? "/" : "", file ? file : "",
           what, errno ? ": " : "", reason);
  return false;
}

/* If the file exists it must hold a value that `set` accepts. */
static bool read_setting(int dir, const char *file, struct detector *d,
                         bool (*set)(struct detector *, struct span)) {
  char buf[FILEIO_VALUE_MAX + 1];
  struct span value;
  int found = fileio_read_value(dir, file, buf, &value);
  if (found < 0) return false;
  errno = 0;
  return found == 0 || set(d, value);
}

static bool read_settings(int dir, struct detector *d, struct diagnosis *p) {
  for (int i = 0; i < DETECTOR_SETTINGS; i++) {
    const struct detector_setting *setting = &detector_settings[i];
    if (!read_setting(dir, setting->file, d, setting->set))
      return diagnose(p, d->name, setting->file, setting->want);
  }
  return true;
}

static bool read_key(int dir, const char *file, struct detector *d, struct diagnosis *p) {
  struct detector_key key = {.keygen = 0};
  errno = 0;
  if (!detector_parse_keyname(span_str(file), &key.keygen))
    return diagnose(p, d->name, file, "want key. and a number from 1 to 4294967295");
  const char *wrong = keyfile_read(dir, file, key.key.byte);
  if (wrong) return diagnose(p, d->name, file, wrong);
  bool added = detector_add_key(d, &key);
  secret_wipe(&key, sizeof key);
  return added || diagnose(p, d->name, file, "it has more than 8 keys; remove one");
}

static int compare_keys(const void *a, const void *b) {
  const struct detector_key *x = a, *y = b;
  return (x->keygen > y->keygen) - (x->keygen < y->keygen);
}

static bool read_detector(DIR *dir, struct detector *d, struct diagnosis *p) {
  struct dirent *entry;
  while ((errno = 0, entry = readdir(dir)))
    if (strncmp(entry->d_name, "key.", 4) == 0 && !read_key(dirfd(dir), entry->d_name, d, p))
      return false;
  if (errno) return diagnose(p, d->name, NULL, "unable to read the directory");
  if (d->key_count == 0) return diagnose(p, d->name, NULL, "it has no file key.N");
  qsort(d->keys, d->key_count, sizeof *d->keys, compare_keys);
  return read_settings(dirfd(dir), d, p);
}

static bool open_detector(int parent, const char *name, struct detector *d, struct diagnosis *p) {
  errno = 0;
  if (!d)
    return diagnose(p, name, NULL, "not a name of a detector: want 1 to 32 of a-z, 0-9 and -");
  int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd < 0 ? NULL : fdopendir(fd);
  if (!dir) return diagnose(p, name, NULL, "unable to open it as a directory");
  bool ok = read_detector(dir, d, p);
  closedir(dir);
  return ok;
}

/* Works even if nothing else of the detector can be read. */
static bool is_in_quarantine(int parent, const char *name) {
  char file[DETECTOR_MAX + sizeof "/quarantine"];
  struct stat st;
  snprintf(file, sizeof file, "%s/quarantine", name);
  return fstatat(parent, file, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool add_detector(int parent, const char *name, struct registry *r,
                         const struct fallback *fallback, struct diagnosis *p) {
  errno = 0;
  if (r->count == DETECTORS_MAX)
    return diagnose(p, name, NULL, "there are more than 1000 detectors");
  struct detector *d = registry_add(r, span_str(name));
  if (open_detector(parent, name, d, p)) return true;
  if (!fallback) return false;
  const struct detector *instead = fallback->replace(fallback->context, name, p);
  if (!d) return true;
  *d = instead ? *instead : (struct detector){.name = ""};
  d->cap = (struct ratecap){.rate = 0}; /* do not share the memory of the replacement */
  if (instead && is_in_quarantine(parent, d->name)) d->orders.quarantine = true;
  if (!instead) r->count--;
  return true;
}

static bool fill_registry(DIR *dir, struct registry *r, const struct fallback *fallback,
                          struct diagnosis *p) {
  struct dirent *entry;
  while ((errno = 0, entry = readdir(dir)))
    if (entry->d_name[0] != '.' && !add_detector(dirfd(dir), entry->d_name, r, fallback, p))
      return false;
  if (errno || r->count == 0)
    return diagnose(p, ".", NULL, "there is no detector; add one with sinbin-detector");
  registry_sort(r);
  secret_keep(r->detectors, r->count * sizeof *r->detectors);
  return true;
}

int detectordir_thawed(const char *path, int64_t *when, struct diagnosis *p) {
  char buf[FILEIO_VALUE_MAX + 1];
  struct span value;
  uint64_t time = 0;
  int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int found = dir < 0 ? -1 : fileio_read_value(dir, DETECTORDIR_THAWED, buf, &value);
  if (found < 0) diagnose(p, ".", DETECTORDIR_THAWED, "unable to read it");
  if (dir >= 0) close(dir);
  errno = 0;
  if (found == 1 && !number_canonical(value, UNIXTIME_MAX, &time)) {
    diagnose(p, ".", DETECTORDIR_THAWED, "want unix seconds");
    return -1;
  }
  *when = (int64_t)time;
  return found;
}

bool detectordir_read(const char *path, struct registry *r, const struct fallback *fallback,
                      struct diagnosis *p) {
  DIR *dir = opendir(path);
  if (!dir) return diagnose(p, ".", NULL, "unable to open the directory");
  bool ok = registry_init(r);
  if (!ok) diagnose(p, ".", NULL, "out of memory");
  else if (!fill_registry(dir, r, fallback, p)) {
    registry_free(r);
    ok = false;
  }
  closedir(dir);
  return ok;
}
