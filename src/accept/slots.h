/* slots.h: the free entries of a table whose entries must not move while the kernel holds their
   numbers. slots_get and slots_put take constant time. Numbers run from 0 to count - 1. slots_get
   returns the number that was put back last. Numbers from `fresh` on have never been used, so a table
   that is mostly empty uses little memory. */
#ifndef SINBIN_ACCEPT_SLOTS_H
#define SINBIN_ACCEPT_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

struct slots {
  uint32_t *free;
  uint32_t free_count, fresh, count; /* `free` holds the numbers that were put back */
};

/* False: no memory. */
bool slots_init(struct slots *s, uint32_t count);
void slots_free(struct slots *s);
/* False: all are used. */
bool slots_get(struct slots *s, uint32_t *number);
void slots_put(struct slots *s, uint32_t number);
uint32_t slots_used(const struct slots *s);

#endif
