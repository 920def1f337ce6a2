/* hotrows.h: the rows of the hot partitions, in ascending order of their keys, each key once.

   A row is copied whole, with its sins. Initialise struct hotrows with {0}. */
#ifndef SINBIN_PUBLISH_HOTROWS_H
#define SINBIN_PUBLISH_HOTROWS_H

#include "publish/partition.h"
#include "store/reader.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hotrow {
  struct listing_row row; /* its sins are stored after this struct */
  uint8_t answers;
};

struct hotrows {
  struct hotrow **row;
  size_t count, cap;
  size_t of[BASES]; /* how many rows will go to each base partition */
};

/* The key must not be there yet. False: no memory, and nothing was added. */
bool hotrows_add(struct hotrows *h, const struct listing_row *l, uint8_t answers);
/* Does nothing if the key is not there. */
void hotrows_remove(struct hotrows *h, const struct addr *ip);
void hotrows_remove_base(struct hotrows *h, unsigned int base);
void hotrows_remove_ended(struct hotrows *h, int64_t now);
void hotrows_free(struct hotrows *h);

#endif
