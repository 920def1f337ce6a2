/* slots.h: numbers from 0 to count - 1, lent and taken back at a constant cost: the places of a
   table whose entries must not move while the kernel holds their numbers. The last one given back
   is lent next, and numbers from `fresh` on never have been lent, so a small peertable touches little
   memory. */
#ifndef SINBIN_ACCEPT_SLOTS_H
#define SINBIN_ACCEPT_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

struct slots {
  uint32_t *free;
  uint32_t given, fresh, count; /* `free` holds those given back */
};

/* False: no memory. */
bool slots_open(struct slots *s, uint32_t count);
void slots_close(struct slots *s);
/* False: all are lent. */
bool slots_take(struct slots *s, uint32_t *number);
void slots_give(struct slots *s, uint32_t number);
uint32_t slots_lent(const struct slots *s);

#endif
