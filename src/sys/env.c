#include "sys/env.h"
#include "sys/diag.h"
#include "base/textbuf.h"
#include <stdlib.h>

static void refuse(struct env_error *bad, struct env_error with) {
  if (!bad->name) *bad = with;
}

uint64_t env_number(const char *name, uint64_t otherwise, uint64_t min, uint64_t max,
                    struct env_error *bad) {
  const char *text = getenv(name);
  uint64_t value;
  if (!text) return otherwise;
  if (number_parse(span_str(text), max, &value) && value >= min) return value;
  refuse(bad, (struct env_error){name, text, "a whole number", min, max});
  return otherwise;
}

uint64_t env_ms(const char *name, uint64_t otherwise, uint64_t min, uint64_t max,
                struct env_error *bad) {
  const char *text = getenv(name);
  uint64_t value;
  if (!text) return otherwise;
  if (number_parse_ms(span_str(text), max, &value) && value >= min) return value;
  refuse(bad, (struct env_error){name, text, "seconds", min / 1000, max / 1000});
  return otherwise;
}

bool env_flag(const char *name, bool otherwise, struct env_error *bad) {
  return env_number(name, otherwise, 0, 1, bad) == 1;
}

const char *env_text(const char *name, const char *otherwise) {
  const char *text = getenv(name);
  return text ? text : otherwise;
}

void env_explain(const struct env_error *bad, char *buf, size_t cap) {
  char min[NUMBER_MAX + 1], max[NUMBER_MAX + 1];
  const char *const pieces[] = {"malformed ", bad->name,
                                "=",          bad->value,
                                ": want ",    bad->want,
                                " from ",     number_text(min, bad->min),
                                " to ",       number_text(max, bad->max)};
  if (cap == 0) return;
  struct textbuf t = textbuf_of(buf, cap - 1);
  for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) textbuf_cut_str(&t, pieces[i]);
  buf[t.len] = '\0';
}

void env_check(const struct env_error *bad) {
  char text[512];
  if (!bad->name) return;
  env_explain(bad, text, sizeof text);
  diag_permanent(text);
}
