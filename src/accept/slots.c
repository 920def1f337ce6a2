#include "accept/slots.h"
#include <stdlib.h>

bool slots_init(struct slots *s, uint32_t count) {
  *s = (struct slots){malloc(count * sizeof *s->free), 0, 0, count};
  return s->free != NULL;
}

void slots_free(struct slots *s) {
  free(s->free);
  s->free = NULL;
}

bool slots_get(struct slots *s, uint32_t *number) {
  if (s->free_count) *number = s->free[--s->free_count];
  else if (s->fresh < s->count) *number = s->fresh++;
  else return false;
  return true;
}

void slots_put(struct slots *s, uint32_t number) {
  s->free[s->free_count++] = number;
}

uint32_t slots_used(const struct slots *s) {
  return s->fresh - s->free_count;
}
