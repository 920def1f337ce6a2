#include "smtp/replyqueue.h"

bool replyqueue_add(struct replyqueue *o, struct pending_reply pending_reply, bool *first) {
  if (o->count == REPLYQUEUE_MAX) return false;
  *first = o->count == 0;
  o->pending_reply[(o->first + o->count++) % REPLYQUEUE_MAX] = pending_reply;
  return true;
}

void replyqueue_drop_first(struct replyqueue *o) {
  o->first = (uint16_t)((o->first + 1) % REPLYQUEUE_MAX);
  o->count--;
  o->writing = false;
  o->len = o->ready = o->sent = 0;
}

void replyqueue_begin(struct replyqueue *o, const struct reply_texts *texts, bool stutter) {
  o->writing = true;
  o->len = (uint16_t)reply_compose((enum reply)replyqueue_first(o).reply, texts, o->text);
  o->sent = 0;
  o->ready = stutter ? 1 : o->len;
}

void replyqueue_stutter(struct replyqueue *o) {
  if (o->ready < o->len) o->ready++;
}

void replyqueue_replace(struct replyqueue *o, enum reply reply, const struct reply_texts *texts) {
  o->first = 0;
  o->count = 1;
  o->pending_reply[0] = (struct pending_reply){(uint8_t)reply, 0};
  replyqueue_begin(o, texts, false);
}

struct span replyqueue_ready(const struct replyqueue *o) {
  return o->writing ? span_of(o->text + o->sent, (size_t)(o->ready - o->sent))
                    : span_of(o->text, 0);
}

bool replyqueue_wrote(struct replyqueue *o, size_t n) {
  size_t left = (size_t)(o->ready - o->sent);
  o->sent = (uint16_t)(o->sent + (n < left ? n : left));
  return o->writing && o->sent == o->len;
}
