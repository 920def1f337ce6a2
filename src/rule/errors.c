#include "rule/errors.h"

#define WORD_SHOWN 80

static size_t append(char *to, size_t len, size_t cap, struct span what) {
  struct span part = span_head(what, cap - 1 - len);
  if (part.len) memcpy(to + len, part.s, part.len);
  return len + part.len;
}

static void fill(struct rule_message *new, const char *reason, struct span word) {
  size_t n = append(new->reason, 0, sizeof new->reason, span_str(reason));
  if (word.len) n = append(new->reason, n, sizeof new->reason, span_str(": "));
  if (word.len) n = append(new->reason, n, sizeof new->reason, span_head(word, WORD_SHOWN));
  if (word.len > WORD_SHOWN) n = append(new->reason, n, sizeof new->reason, span_str("..."));
  new->reason[n] = '\0';
}

void rule_error(struct rule_errors *errors, const char *file, uint32_t line, const char *reason,
                struct span word) {
  if (errors->count < RULE_ERRORS_MAX) {
    struct rule_message *new = &errors->kept[errors->count];
    *new = (struct rule_message){.file = file, .line = line};
    fill(new, reason, word);
  }
  errors->count++;
}

void rule_warning(struct rule_errors *errors, const char *file, uint32_t line, const char *reason,
                  struct span word) {
  if (errors->warnings < RULE_ERRORS_MAX) {
    struct rule_message *new = &errors->warned[errors->warnings];
    *new = (struct rule_message){.file = file, .line = line};
    fill(new, reason, word);
  }
  errors->warnings++;
}
