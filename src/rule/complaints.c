#include "rule/complaints.h"

#define WORD_SHOWN 80

static size_t append(char *to, size_t len, size_t cap, struct span what) {
  struct span part = span_head(what, cap - 1 - len);
  if (part.len) memcpy(to + len, part.s, part.len);
  return len + part.len;
}

static void fill(struct complaint *new, const char *reason, struct span word) {
  size_t n = append(new->reason, 0, sizeof new->reason, span_str(reason));
  if (word.len) n = append(new->reason, n, sizeof new->reason, span_str(": "));
  if (word.len) n = append(new->reason, n, sizeof new->reason, span_head(word, WORD_SHOWN));
  if (word.len > WORD_SHOWN) n = append(new->reason, n, sizeof new->reason, span_str("..."));
  new->reason[n] = '\0';
}

void complain(struct complaints *c, const char *file, uint32_t line, const char *reason,
              struct span word) {
  if (c->count < COMPLAINTS_MAX) {
    struct complaint *new = &c->kept[c->count];
    *new = (struct complaint){.file = file, .line = line};
    fill(new, reason, word);
  }
  c->count++;
}

void warn_of(struct complaints *c, const char *file, uint32_t line, const char *reason,
             struct span word) {
  if (c->warnings < COMPLAINTS_MAX) {
    struct complaint *new = &c->warned[c->warnings];
    *new = (struct complaint){.file = file, .line = line};
    fill(new, reason, word);
  }
  c->warnings++;
}
