#include "publish/files.h"
#include "tap.h"

static void test_padding(void) {
  bool comments = true, ends = true, inside = true;
  for (size_t n = 1; n <= 300; n++) {
    char out[302];
    memset(out, '?', sizeof out);
    files_padding(out, n);
    for (size_t i = 0; i < n; i++)
      if (out[i] != '\n' && out[i] != '#') comments = false;
    if (out[n - 1] != '\n') ends = false;
    if (out[n] != '?') inside = false;
  }
  ok(comments, "padding is empty lines and comments");
  ok(ends, "padding ends its last line");
  ok(inside, "padding has the length that was asked for");
}

int main(void) {
  test_padding();
  return done();
}
