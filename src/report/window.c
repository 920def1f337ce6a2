#include "report/window.h"

#define BLOB_VERSION 1

static uint8_t bit_of(uint64_t seq) {
  return (uint8_t)(1u << (seq % 8));
}

static size_t byte_of(uint64_t seq) {
  return (size_t)(seq % WINDOW_SIZE / 8);
}

static bool has(const struct window *w, uint64_t seq) {
  return w->bits[byte_of(seq)] & bit_of(seq);
}

enum window_state window_look(const struct window *w, uint64_t seq) {
  if (seq > w->top) return WINDOW_NEW;
  if (seq == 0 || w->top - seq >= WINDOW_SIZE) return WINDOW_BELOW;
  return has(w, seq) ? WINDOW_DUPLICATE : WINDOW_NEW;
}

void window_take(struct window *w, uint64_t seq) {
  if (seq > w->top) {
    if (seq - w->top >= WINDOW_SIZE) memset(w->bits, 0, sizeof w->bits);
    else
      for (uint64_t n = w->top + 1; n < seq; n++) w->bits[byte_of(n)] &= (uint8_t)~bit_of(n);
    w->top = seq;
  }
  w->bits[byte_of(seq)] |= bit_of(seq);
}

void window_save(const struct window *w, char *blob) {
  blob[0] = BLOB_VERSION;
  for (int i = 0; i < 8; i++) blob[1 + i] = (char)(w->top >> (56 - 8 * i));
  memcpy(blob + 9, w->bits, sizeof w->bits);
}

/* The empty window has no bit; any other has the bit of its highest number. */
static bool is_sound(const struct window *w) {
  if (w->top) return has(w, w->top);
  for (size_t i = 0; i < sizeof w->bits; i++)
    if (w->bits[i]) return false;
  return true;
}

bool window_load(struct span blob, struct window *out) {
  struct window w = {.top = 0};
  if (blob.len != WINDOW_BLOB || blob.s[0] != BLOB_VERSION) return false;
  for (int i = 0; i < 8; i++) w.top = w.top << 8 | (uint8_t)blob.s[1 + i];
  memcpy(w.bits, blob.s + 9, sizeof w.bits);
  if (!is_sound(&w)) return false;
  *out = w;
  return true;
}
