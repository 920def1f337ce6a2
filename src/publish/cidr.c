#include "publish/cidr.h"

void cidr_init(struct cidr *c, unsigned int width) {
  *c = (struct cidr){.width = width};
}

bool cidr_add(struct cidr *c, uint64_t value) {
  if (!c->filled) {
    c->first = c->last = value;
    c->filled = true;
    return true;
  }
  if (!c->ended && value == c->last) return true;
  if (c->ended || value < c->last || value - c->last != 1) {
    c->ended = true;
    return false;
  }
  c->last = value;
  return true;
}

void cidr_end(struct cidr *c) {
  c->ended = true;
}

/* The largest block that begins at `first` and does not reach beyond `last`. */
bool cidr_next(struct cidr *c, uint64_t *value, unsigned int *bits) {
  unsigned int size = 0; /* as a power of two */
  if (!c->filled || !c->ended) {
    c->ended = false;
    return false;
  }
  while (size < c->width) {
    uint64_t rest = (UINT64_MAX >> (63 - size)); /* the block of the next size, without its first */
    if (c->first & rest || rest > c->last - c->first) break;
    size++;
  }
  *value = c->first;
  *bits = c->width - size;
  uint64_t block_last = c->first + (size ? UINT64_MAX >> (64 - size) : 0);
  if (block_last == c->last) c->filled = c->ended = false;
  else c->first = block_last + 1;
  return true;
}
