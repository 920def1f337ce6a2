/* replyqueue.h: a queue of pending replies, and the bytes of the first one while it is sent.

   The delay of a reply begins when the reply becomes the first one: when it is added to an empty
   queue, or when the reply before it has been sent. The caller sets the end of the delay
   (replyqueue_wait) and sends the bytes. A reply is sent when its last byte is. With stutter, one
   byte becomes ready each second. Times are the caller's, in milliseconds. The queue holds at most
   REPLYQUEUE_MAX replies. */
#ifndef SINBIN_SMTP_REPLYQUEUE_H
#define SINBIN_SMTP_REPLYQUEUE_H

#include "smtp/reply.h"
#include <stdint.h>

#define REPLYQUEUE_MAX     512
#define REPLYQUEUE_STUTTER 1000

struct pending_reply {
  uint8_t reply; /* enum reply */
  uint8_t delay; /* the kind of delay, for the caller */
};

struct replyqueue {
  uint16_t first, count;
  uint16_t len, ready, sent;
  bool writing;
  int64_t due; /* of the first reply or, with stutter, of the next byte */
  struct pending_reply ring[REPLYQUEUE_MAX];
  char text[REPLY_MAX];
};

/* Returns false if the queue is full. *first: the reply is now the first one. */
bool replyqueue_add(struct replyqueue *q, struct pending_reply reply, bool *first);
static inline bool replyqueue_is_empty(const struct replyqueue *q) {
  return q->count == 0;
}
static inline struct pending_reply replyqueue_first(const struct replyqueue *q) {
  return q->ring[q->first];
}
/* True if the reply to an empty line is pending. It is always the first one. */
static inline bool replyqueue_has_empty(const struct replyqueue *q) {
  return q->count && replyqueue_first(q).reply == REPLY_EMPTY;
}
void replyqueue_drop_first(struct replyqueue *q);
static inline void replyqueue_wait(struct replyqueue *q, int64_t until) {
  q->due = until;
}

/* The delay of the first reply is over: makes all its bytes ready or, with stutter, one. */
void replyqueue_begin(struct replyqueue *q, const struct reply_texts *texts, bool stutter);
/* Makes one more byte ready. */
void replyqueue_stutter(struct replyqueue *q);
/* Drops all pending replies and makes this one ready: the final reply of a session. */
void replyqueue_replace(struct replyqueue *q, enum reply reply, const struct reply_texts *texts);

struct span replyqueue_ready(const struct replyqueue *q);
/* n bytes were sent. Returns true if the first reply is now sent completely. */
bool replyqueue_wrote(struct replyqueue *q, size_t n);
/* True if only a part of the first reply was sent. */
static inline bool replyqueue_is_torn(const struct replyqueue *q) {
  return q->writing && q->sent > 0 && q->sent < q->len;
}

#endif
