#include "publish/fixedtext.h"
#include "tap.h"

static void test_bounds(void) {
  char buf[4];
  struct fixedtext t;
  fixedtext_init(&t, buf, sizeof buf);
  fixedtext_add_str(&t, "abcd");
  ok(t.len == 4 && !t.full, "a text takes its whole buffer");
  fixedtext_add_str(&t, "");
  ok(!t.full, "nothing always fits");
  fixedtext_add_number(&t, 7);
  ok(t.len == 4 && t.full, "what does not fit is left out whole");
}

int main(void) {
  test_bounds();
  return done();
}
