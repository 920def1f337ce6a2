#include "smtp/replyqueue.h"

bool replyqueue_add(struct replyqueue *q, struct pending_reply reply, bool *first) {
  if (q->count == REPLYQUEUE_MAX) return false;
  *first = q->count == 0;
  q->ring[(q->first + q->count++) % REPLYQUEUE_MAX] = reply;
  return true;
}

void replyqueue_drop_first(struct replyqueue *q) {
  q->first = (uint16_t)((q->first + 1) % REPLYQUEUE_MAX);
  q->count--;
  q->writing = false;
  q->len = q->ready = q->sent = 0;
}

void replyqueue_begin(struct replyqueue *q, const struct reply_texts *texts, bool stutter) {
  q->writing = true;
  q->len = (uint16_t)reply_compose((enum reply)replyqueue_first(q).reply, texts, q->text);
  q->sent = 0;
  q->ready = stutter ? 1 : q->len;
}

void replyqueue_stutter(struct replyqueue *q) {
  if (q->ready < q->len) q->ready++;
}

void replyqueue_replace(struct replyqueue *q, enum reply reply, const struct reply_texts *texts) {
  q->first = 0;
  q->count = 1;
  q->ring[0] = (struct pending_reply){(uint8_t)reply, 0};
  replyqueue_begin(q, texts, false);
}

struct span replyqueue_ready(const struct replyqueue *q) {
  return q->writing ? span_of(q->text + q->sent, (size_t)(q->ready - q->sent))
                    : span_of(q->text, 0);
}

bool replyqueue_wrote(struct replyqueue *q, size_t n) {
  size_t left = (size_t)(q->ready - q->sent);
  q->sent = (uint16_t)(q->sent + (n < left ? n : left));
  return q->writing && q->sent == q->len;
}
