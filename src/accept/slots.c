#include "accept/slots.h"
#include <stdlib.h>

bool slots_open(struct slots *s, uint32_t count) {
  *s = (struct slots){malloc(count * sizeof *s->free), 0, 0, count};
  return s->free != NULL;
}

void slots_close(struct slots *s) {
  free(s->free);
  s->free = NULL;
}

bool slots_take(struct slots *s, uint32_t *number) {
  if (s->given) *number = s->free[--s->given];
  else if (s->fresh < s->count) *number = s->fresh++;
  else return false;
  return true;
}

void slots_give(struct slots *s, uint32_t number) {
  s->free[s->given++] = number;
}

uint32_t slots_lent(const struct slots *s) {
  return s->fresh - s->given;
}
