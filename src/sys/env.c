#include "sys/env.h"
#include "sys/diag.h"
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

struct text {
  char *at;
  size_t cap, len;
};

static void add(struct text *t, const char *s) {
  for (; *s && t->len + 1 < t->cap; s++) t->at[t->len++] = *s;
}

static void add_number(struct text *t, uint64_t value) {
  char digits[NUMBER_MAX + 1];
  digits[number_format(digits, value)] = '\0';
  add(t, digits);
}

void env_explain(const struct env_error *bad, char *buf, size_t cap) {
  struct text t = {buf, cap, 0};
  add(&t, "malformed ");
  add(&t, bad->name);
  add(&t, "=");
  add(&t, bad->value);
  add(&t, ": want ");
  add(&t, bad->want);
  add(&t, " from ");
  add_number(&t, bad->min);
  add(&t, " to ");
  add_number(&t, bad->max);
  if (cap) buf[t.len] = '\0';
}

void env_check(const struct env_error *bad) {
  char text[512];
  if (!bad->name) return;
  env_explain(bad, text, sizeof text);
  diag_permanent(text);
}
