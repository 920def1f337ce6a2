#include "smtp/outbox.h"

bool outbox_add(struct outbox *o, struct owed owed, bool *first) {
  if (o->count == OUTBOX_MAX) return false;
  *first = o->count == 0;
  o->owed[(o->first + o->count++) % OUTBOX_MAX] = owed;
  return true;
}

void outbox_drop_first(struct outbox *o) {
  o->first = (uint16_t)((o->first + 1) % OUTBOX_MAX);
  o->count--;
  o->writing = false;
  o->len = o->ready = o->sent = 0;
}

void outbox_begin(struct outbox *o, const struct reply_texts *texts, bool stutter) {
  o->writing = true;
  o->len = (uint16_t)reply_compose((enum reply)outbox_first(o).reply, texts, o->text);
  o->sent = 0;
  o->ready = stutter ? 1 : o->len;
}

void outbox_stutter(struct outbox *o) {
  if (o->ready < o->len) o->ready++;
}

void outbox_replace(struct outbox *o, enum reply reply, const struct reply_texts *texts) {
  o->first = 0;
  o->count = 1;
  o->owed[0] = (struct owed){(uint8_t)reply, 0};
  outbox_begin(o, texts, false);
}

struct span outbox_ready(const struct outbox *o) {
  return o->writing ? span_of(o->text + o->sent, (size_t)(o->ready - o->sent))
                    : span_of(o->text, 0);
}

bool outbox_wrote(struct outbox *o, size_t n) {
  size_t left = (size_t)(o->ready - o->sent);
  o->sent = (uint16_t)(o->sent + (n < left ? n : left));
  return o->writing && o->sent == o->len;
}
