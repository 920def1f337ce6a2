/* Fuzz target: the list of log files. What decodes encodes to the same bytes; where it has each
   file once, as a directory does, it stays as it is when the same files are seen again. */
#include "follow/fileorder.h"
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void must(bool condition, const char *what) {
  if (condition) return;
  fprintf(stderr, "not so: %s\n", what);
  abort();
}

static bool has_a_file_twice(const struct fileorder *order) {
  for (size_t i = 0; i < order->n; i++)
    for (size_t j = i + 1; j < order->n; j++)
      if (order->file[i].inode == order->file[j].inode &&
          order->file[i].birth == order->file[j].birth)
        return true;
  return false;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
  static struct fileorder order, fresh;
  static char text[FILEORDER_TEXT_MAX];
  uint64_t line;
  if (size > 4000) return 0;
  struct span input = span_of((const char *)data, size);
  if (!fileorder_decode(input, &order, &line)) {
    must(line > 0, "a line is bad");
    return 0;
  }
  must(span_equal(span_of(text, fileorder_encode(&order, text)), input), "one value, one spelling");
  if (has_a_file_twice(&order)) return 0;
  fileorder_clear_numbers(&order, 0);
  fresh.epoch = 0;
  static char names[FILEORDER_TEXT_MAX];
  input = span_of(names, fileorder_encode(&order, names));
  fresh.n = fresh.at = 0;
  must(fileorder_update(&fresh, order.file, order.n) && fresh.n == order.n, "all are new");
  fresh.at = 0;
  must(fileorder_update(&fresh, order.file, order.n) && fresh.n == order.n, "and known afterwards");
  must(fileorder_find_loss(&fresh, order.n) == FILEORDER_COMPLETE, "none is lost");
  fileorder_forget_gone(&fresh);
  must(fresh.at == 0 && span_equal(span_of(text, fileorder_encode(&fresh, text)), input),
       "and where they were");
  return 0;
}
