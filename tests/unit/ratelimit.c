/* A message is due at most once an interval; the occurrences between are counted. */
#include "sys/ratelimit.h"
#include "tap.h"

static const struct {
  const char *name;
  int64_t now;
  bool due;
  uint64_t count;
} rows[] = {
    {"the first", 5, true, 1},
    {"the second at the same time", 5, false, 0},
    {"one before the interval is over", 104, false, 0},
    {"one when it is over", 105, true, 3},
    {"one after a long time", 9000, true, 1},
    {"one soon after it", 9001, false, 0},
};

int main(void) {
  struct ratelimit limit = {0};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    uint64_t count = 0;
    ok(ratelimit_is_due(&limit, rows[i].now) == rows[i].due &&
           ratelimit_is_due(&limit, rows[i].now) == rows[i].due,
       "%s: due or not, however often it is asked", rows[i].name);
    ok(ratelimit_allow(&limit, rows[i].now, 100, &count) == rows[i].due && count == rows[i].count,
       "%s: %d", rows[i].name, (int)count);
  }
  return done();
}
