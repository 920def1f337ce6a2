/* replyqueue.h: the replies that are owed, in order, and the one that is going out.

   A reply waits from the moment its turn comes: when it is added to an empty outbox, or when the
   one before it has been sent. The caller says how long (replyqueue_wait) and hands the bytes to the
   peer; a reply counts as sent when its last byte was handed over. In a stutter one byte a second
   is ready. Times are the caller's, in milliseconds. REPLYQUEUE_MAX bounds what may be owed at once. */
#ifndef SINBIN_SMTP_REPLYQUEUE_H
#define SINBIN_SMTP_REPLYQUEUE_H

#include "smtp/reply.h"
#include <stdint.h>

#define REPLYQUEUE_MAX     512
#define REPLYQUEUE_STUTTER 1000

struct pending_reply {
  uint8_t reply; /* enum reply */
  uint8_t delay; /* whose delay; the caller's */
};

struct replyqueue {
  uint16_t first, count;
  uint16_t len, ready, sent;
  bool writing;
  int64_t due; /* of the first reply, or in a stutter of the next byte */
  struct pending_reply ring[REPLYQUEUE_MAX]; /* a ring */
  char text[REPLY_MAX];
};

/* False where it is full. *first says that its turn has come at once. */
bool replyqueue_add(struct replyqueue *q, struct pending_reply reply, bool *first);
static inline bool replyqueue_is_empty(const struct replyqueue *q) {
  return q->count == 0;
}
static inline struct pending_reply replyqueue_first(const struct replyqueue *q) {
  return q->ring[q->first];
}
/* The reply to an empty line is owed; it is always the first. */
static inline bool replyqueue_has_empty(const struct replyqueue *q) {
  return q->count && replyqueue_first(q).reply == REPLY_EMPTY;
}
void replyqueue_drop_first(struct replyqueue *q);
static inline void replyqueue_wait(struct replyqueue *q, int64_t until) {
  q->due = until;
}

/* The first reply's time has come: its bytes are ready, all of them or in a stutter the first. */
void replyqueue_begin(struct replyqueue *q, const struct reply_texts *texts, bool stutter);
/* One byte more of a stutter. */
void replyqueue_stutter(struct replyqueue *q);
/* Puts one reply before everything owed, which is dropped; for last words. */
void replyqueue_replace(struct replyqueue *q, enum reply reply, const struct reply_texts *texts);

struct span replyqueue_ready(const struct replyqueue *q);
/* Bytes were handed over; true where that was the whole of the first reply. */
bool replyqueue_wrote(struct replyqueue *q, size_t n);
static inline bool replyqueue_is_torn(const struct replyqueue *q) {
  return q->writing && q->sent > 0 && q->sent < q->len;
}

#endif
