/* outbox.h: the replies that are owed, in order, and the one that is going out.

   A reply waits from the moment its turn comes: when it is added to an empty outbox, or when the
   one before it has been sent. The caller says how long (outbox_wait) and hands the bytes to the
   peer; a reply counts as sent when its last byte was handed over. In a stutter one byte a second
   is ready. Times are the caller's, in milliseconds. OUTBOX_MAX bounds what may be owed at once. */
#ifndef SINBIN_SMTP_OUTBOX_H
#define SINBIN_SMTP_OUTBOX_H

#include "smtp/reply.h"
#include <stdint.h>

#define OUTBOX_MAX     512
#define OUTBOX_STUTTER 1000

struct owed {
  uint8_t reply; /* enum reply */
  uint8_t wait;  /* whose delay; the caller's */
};

struct outbox {
  uint16_t first, count;
  uint16_t len, ready, sent;
  bool writing;
  int64_t due;                  /* of the first reply, or in a stutter of the next byte */
  struct owed owed[OUTBOX_MAX]; /* a ring */
  char text[REPLY_MAX];
};

/* False where it is full. *first says that its turn has come at once. */
bool outbox_add(struct outbox *o, struct owed owed, bool *first);
static inline bool outbox_is_empty(const struct outbox *o) {
  return o->count == 0;
}
static inline struct owed outbox_first(const struct outbox *o) {
  return o->owed[o->first];
}
/* The reply to an empty line is owed; it is always the first. */
static inline bool outbox_has_empty(const struct outbox *o) {
  return o->count && outbox_first(o).reply == REPLY_EMPTY;
}
void outbox_drop_first(struct outbox *o);
static inline void outbox_wait(struct outbox *o, int64_t until) {
  o->due = until;
}

/* The first reply's time has come: its bytes are ready, all of them or in a stutter the first. */
void outbox_begin(struct outbox *o, const struct reply_texts *texts, bool stutter);
/* One byte more of a stutter. */
void outbox_stutter(struct outbox *o);
/* Puts one reply before everything owed, which is dropped; for last words. */
void outbox_replace(struct outbox *o, enum reply reply, const struct reply_texts *texts);

struct span outbox_ready(const struct outbox *o);
/* Bytes were handed over; true where that was the whole of the first reply. */
bool outbox_wrote(struct outbox *o, size_t n);
static inline bool outbox_is_torn(const struct outbox *o) {
  return o->writing && o->sent > 0 && o->sent < o->len;
}

#endif
