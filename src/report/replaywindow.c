#include "report/replaywindow.h"

#define BLOB_VERSION 1

static uint8_t bit_of(uint64_t seq) {
  return (uint8_t)(1u << (seq % 8));
}

static size_t byte_of(uint64_t seq) {
  return (size_t)(seq % REPLAYWINDOW_SIZE / 8);
}

static bool has(const struct replaywindow *w, uint64_t seq) {
  return w->bits[byte_of(seq)] & bit_of(seq);
}

static bool is_same(const struct replaywindow *w, uint64_t seq, uint32_t check) {
  uint32_t known = w->checks[seq % REPLAYWINDOW_SIZE];
  return known == 0 || check == 0 || known == check;
}

static uint64_t highest(const struct replaywindow *w) {
  return w->top == 0                               ? REPLAYWINDOW_FIRST
         : UINT64_MAX - w->top < REPLAYWINDOW_LEAP ? UINT64_MAX
                                                   : w->top + REPLAYWINDOW_LEAP;
}

enum replaywindow_state replaywindow_classify(const struct replaywindow *w, uint64_t seq,
                                              uint32_t check) {
  if (seq > highest(w)) return REPLAYWINDOW_AHEAD;
  if (seq > w->top) return REPLAYWINDOW_NEW;
  if (seq == 0 || w->top - seq >= REPLAYWINDOW_SIZE) return REPLAYWINDOW_BELOW;
  if (!has(w, seq)) return REPLAYWINDOW_NEW;
  return is_same(w, seq, check) ? REPLAYWINDOW_DUPLICATE : REPLAYWINDOW_OTHER;
}

void replaywindow_add(struct replaywindow *w, uint64_t seq, uint32_t check) {
  if (seq > w->top) {
    if (seq - w->top >= REPLAYWINDOW_SIZE) memset(w->bits, 0, sizeof w->bits);
    else
      for (uint64_t n = w->top + 1; n < seq; n++) w->bits[byte_of(n)] &= (uint8_t)~bit_of(n);
    w->top = seq;
  }
  w->bits[byte_of(seq)] |= bit_of(seq);
  w->checks[seq % REPLAYWINDOW_SIZE] = check;
  w->unsaved |= UINT64_C(1) << (seq % REPLAYWINDOW_SIZE / REPLAYWINDOW_PART_CHECKS);
}

void replaywindow_encode(const struct replaywindow *w, char *blob) {
  blob[0] = BLOB_VERSION;
  for (int i = 0; i < 8; i++) blob[1 + i] = (char)(w->top >> (56 - 8 * i));
  memcpy(blob + 9, w->bits, sizeof w->bits);
}

/* The empty window has no bit set; any other has the bit of its highest number set. */
static bool is_sound(const struct replaywindow *w) {
  if (w->top) return has(w, w->top);
  for (size_t i = 0; i < sizeof w->bits; i++)
    if (w->bits[i]) return false;
  return true;
}

bool replaywindow_decode(struct span blob, struct replaywindow *out) {
  struct replaywindow w = {.top = 0};
  if (blob.len != REPLAYWINDOW_BLOB || blob.s[0] != BLOB_VERSION) return false;
  for (int i = 0; i < 8; i++) w.top = w.top << 8 | (uint8_t)blob.s[1 + i];
  memcpy(w.bits, blob.s + 9, sizeof w.bits);
  if (!is_sound(&w)) return false;
  *out = w;
  return true;
}

/* ---- the checks ---- */

/* The highest number up to `top` in that slot; 0: there is none. */
static uint64_t number_at(size_t slot, uint64_t top) {
  uint64_t distance = (top % REPLAYWINDOW_SIZE + REPLAYWINDOW_SIZE - slot) % REPLAYWINDOW_SIZE;
  return distance > top ? 0 : top - distance;
}

void replaywindow_encode_part(const struct replaywindow *w, int part, char *blob) {
  const uint32_t *check = &w->checks[part * REPLAYWINDOW_PART_CHECKS];
  for (int i = 0; i < REPLAYWINDOW_PART_SIZE; i++)
    blob[i] = (char)(check[i / 4] >> (24 - 8 * (i % 4)));
}

bool replaywindow_decode_part(struct replaywindow *w, int part, struct span blob, uint64_t top) {
  if (part < 0 || part >= REPLAYWINDOW_PARTS || blob.len != REPLAYWINDOW_PART_SIZE) return false;
  for (size_t i = 0; i < REPLAYWINDOW_PART_CHECKS; i++) {
    size_t slot = (size_t)part * REPLAYWINDOW_PART_CHECKS + i;
    uint32_t check = 0;
    for (int k = 0; k < 4; k++) check = check << 8 | (uint8_t)blob.s[4 * i + (size_t)k];
    uint64_t seq = number_at(slot, w->top);
    if (seq && seq == number_at(slot, top) && has(w, seq)) w->checks[slot] = check;
  }
  return true;
}
