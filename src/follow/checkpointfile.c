#include "follow/checkpointfile.h"
#include "sys/fileio.h"
#include <errno.h>

int checkpointfile_read(const char *path, struct checkpoint *out) {
  char buf[CHECKPOINT_TEXT_MAX];
  struct span text;
  int result = fileio_read(path, buf, sizeof buf, &text);
  if (result != 1 || checkpoint_decode(text, out)) return result;
  errno = 0;
  return -1;
}

bool checkpointfile_write(const char *path, const struct checkpoint *c) {
  char text[CHECKPOINT_TEXT_MAX];
  return fileio_write(path, span_of(text, checkpoint_encode(c, text)), 0644);
}
