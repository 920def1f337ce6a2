/* Configuration from the environment: defaults, ranges, and the first error kept. */
#include "sys/env.h"
#include "tap.h"
#include <stdlib.h>

int main(void) {
  struct env_error bad = {0};
  char text[120];
  unsetenv("SB_TEST");
  ok(env_number("SB_TEST", 7, 1, 9, &bad) == 7 && !bad.name, "unset gives the default");
  setenv("SB_TEST", "9", 1);
  ok(env_number("SB_TEST", 7, 1, 9, &bad) == 9 && !bad.name, "set gives the value");
  setenv("SB_TEST", "0.5", 1);
  ok(env_ms("SB_TEST", 7, 0, 9000, &bad) == 500 && !bad.name, "seconds give milliseconds");
  setenv("SB_TEST", "1", 1);
  ok(env_flag("SB_TEST", false, &bad) && !bad.name, "a flag");
  setenv("SB_TEST", "yes", 1);
  ok(!env_flag("SB_TEST", false, &bad) && bad.name, "a flag is 0 or 1");
  bad = (struct env_error){0};
  setenv("SB_TEST", "10", 1);
  ok(env_number("SB_TEST", 7, 1, 9, &bad) == 7 && bad.name, "above the range is refused");
  setenv("SB_OTHER", "x", 1);
  env_number("SB_OTHER", 7, 1, 9, &bad);
  env_explain(&bad, text, sizeof text);
  is_text(span_str(text), "malformed SB_TEST=10: want a whole number from 1 to 9",
          "the first error is explained");
  ok(env_ms("SB_TEST", 7, 10000, 20000, &bad) == 10000, "the least time");
  ok(env_ms("SB_TEST", 7, 0, 10000, &bad) == 10000, "the longest");
  bad = (struct env_error){0};
  ok(env_ms("SB_TEST", 7, 10001, 20000, &bad) == 7 && bad.name, "below the range");
  env_explain(&bad, text, sizeof text);
  is_text(span_str(text), "malformed SB_TEST=10: want seconds from 10 to 20", "its bounds");
  bad = (struct env_error){0};
  ok(env_ms("SB_TEST", 7, 0, 9999, &bad) == 7 && bad.name, "above the range");
  bad = (struct env_error){0};
  setenv("SB_TEST", "", 1);
  ok(env_ms("SB_TEST", 7, 0, 9999, &bad) == 7 && bad.name, "no time is no number");
  bad = (struct env_error){0};
  env_number("SB_TEST", 7, 1, 9, &bad);
  ok(bad.name != NULL, "set to nothing is not unset");
  bad = (struct env_error){0};
  setenv("SB_TEST", "0", 1);
  env_number("SB_TEST", 7, 1, 9, &bad);
  ok(bad.name != NULL, "below the range is refused");
  env_explain(&bad, text, 12);
  is_text(span_str(text), "malformed S", "an explanation is cut to fit");
  return done();
}
