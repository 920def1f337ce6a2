#include "sys/epochfile.h"
#include "sys/atomicfile.h"
#include "base/number.h"
#include "sys/fileio.h"
#include <errno.h>
#include <fcntl.h>

static const char *read_last(const char *path, uint64_t *epoch) {
  char buf[FILEIO_VALUE_MAX + 1];
  struct span value;
  int found = fileio_read_value(AT_FDCWD, path, buf, &value);
  if (found < 0) return "unable to read it";
  *epoch = 0;
  if (found == 0 || number_canonical(value, EPOCHFILE_MAX - 1, epoch)) return NULL;
  errno = 0;
  return "malformed epoch: want a whole number";
}

static const char *replace(struct atomicfile *file, const char *path, uint64_t unixtime,
                           uint64_t *epoch) {
  char text[NUMBER_MAX + 1];
  const char *wrong = read_last(path, epoch);
  if (wrong) return wrong;
  if (++*epoch < unixtime) *epoch = unixtime;
  size_t len = number_format(text, *epoch);
  text[len++] = '\n';
  if (!atomicfile_write_all(file->fd, text, len) || !atomicfile_commit(file))
    return "unable to write it";
  return NULL;
}

/* The temporary file is locked before the old number is read: two programs that start at the same
   time do not get the same number. */
const char *epochfile_next(const char *path, uint64_t unixtime, uint64_t *epoch) {
  struct atomicfile file;
  if (!atomicfile_open(&file, path, 0644)) return "unable to write it";
  const char *wrong = replace(&file, path, unixtime, epoch);
  if (wrong) atomicfile_abandon(&file);
  return wrong;
}
