#include "smtp/recipients.h"
#include "base/fnv.h"
#include "smtp/path.h"

/* A client that makes two addresses collide is counted one recipient too few. */
static uint64_t hash(struct span address) {
  uint64_t h = FNV_START;
  size_t at = path_at(address);
  for (size_t i = 0; i < address.len; i++) {
    unsigned char c = (unsigned char)address.s[i];
    if (i > at && c >= 'A' && c <= 'Z') c = (unsigned char)(c - 'A' + 'a');
    h = fnv_byte(h, c);
  }
  return h;
}

void recipients_clear(struct recipients *r) {
  r->count = 0;
}

void recipients_add(struct recipients *r, struct span address) {
  uint64_t h = hash(address);
  uint32_t kept = r->count < RECIPIENTS_KEPT ? r->count : RECIPIENTS_KEPT;
  for (uint32_t i = 0; i < kept; i++)
    if (r->kept[i] == h) return;
  if (r->count < RECIPIENTS_KEPT) r->kept[r->count] = h;
  if (r->count < UINT32_MAX) r->count++;
}
