#include "accept/slots.h"
#include <stdlib.h>

bool slots_open(struct slots *s, uint32_t count) {
  *s = (struct slots){malloc(count * sizeof *s->free), count, count};
  if (!s->free) return false;
  for (uint32_t i = 0; i < count; i++) s->free[i] = count - 1 - i;
  return true;
}

void slots_close(struct slots *s) {
  free(s->free);
  s->free = NULL;
}

bool slots_take(struct slots *s, uint32_t *number) {
  if (s->left == 0) return false;
  *number = s->free[--s->left];
  return true;
}

void slots_give(struct slots *s, uint32_t number) {
  s->free[s->left++] = number;
}

uint32_t slots_lent(const struct slots *s) {
  return s->count - s->left;
}
