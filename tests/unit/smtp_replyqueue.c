/* The pending replies, and the one that is being sent. */
#include "smtp/replyqueue.h"
#include "tap.h"

static struct replyqueue q;
static const struct reply_texts texts = {SPAN_LITERAL("h"), SPAN_LITERAL("r"), SPAN_LITERAL("t"),
                                         SPAN_LITERAL("p")};

static bool add(enum reply reply, bool *first) {
  return replyqueue_add(&q, (struct pending_reply){(uint8_t)reply, 0}, first);
}

static void order(void) {
  bool first;
  q = (struct replyqueue){.count = 0};
  ok(replyqueue_is_empty(&q) && replyqueue_ready(&q).len == 0, "empty");
  ok(add(REPLY_HELO, &first) && first, "the first reply is due");
  ok(add(REPLY_BYE, &first) && !first, "the second reply is not due");
  ok(replyqueue_first(&q).reply == REPLY_HELO, "in order");
  ok(replyqueue_ready(&q).len == 0, "nothing is ready before it begins");
  replyqueue_begin(&q, &texts, false);
  is_text(replyqueue_ready(&q), "250 h\r\n", "all of the first");
  ok(!replyqueue_wrote(&q, 3) && replyqueue_is_torn(&q), "a part of it");
  is_text(replyqueue_ready(&q), " h\r\n", "the rest");
  ok(replyqueue_wrote(&q, 4) && !replyqueue_is_torn(&q), "all of it");
  replyqueue_drop_first(&q);
  ok(replyqueue_first(&q).reply == REPLY_BYE && replyqueue_ready(&q).len == 0, "the next one");
  replyqueue_drop_first(&q);
  ok(replyqueue_is_empty(&q), "empty again");
}

static void stutter(void) {
  bool first;
  q = (struct replyqueue){.count = 0};
  add(REPLY_HELO, &first);
  replyqueue_begin(&q, &texts, true);
  is_text(replyqueue_ready(&q), "2", "one byte");
  ok(!replyqueue_wrote(&q, 1) && replyqueue_ready(&q).len == 0, "one byte and no other");
  for (int i = 0; i < 20; i++) replyqueue_stutter(&q);
  is_text(replyqueue_ready(&q), "50 h\r\n", "no more than there are");
  ok(replyqueue_wrote(&q, 99), "more than all is all");
}

static void bounds(void) {
  bool first;
  q = (struct replyqueue){.count = 0};
  for (int i = 0; i < REPLYQUEUE_MAX; i++) add(REPLY_HELO, &first);
  ok(!add(REPLY_HELO, &first), "full");
  replyqueue_drop_first(&q);
  ok(add(REPLY_BYE, &first) && !first, "a place is free again");
  for (int i = 1; i < REPLYQUEUE_MAX; i++) replyqueue_drop_first(&q);
  ok(replyqueue_first(&q).reply == REPLY_BYE && q.count == 1, "around the ring");
  replyqueue_replace(&q, REPLY_STOP, &texts);
  ok(q.count == 1 && replyqueue_first(&q).reply == REPLY_STOP, "a final reply replaces all others");
  ok(replyqueue_ready(&q).len > 4, "a final reply is ready at once");
}

static void empty_lines(void) {
  bool first;
  q = (struct replyqueue){.count = 0};
  ok(!replyqueue_has_empty(&q), "no answer to an empty line");
  add(REPLY_EMPTY, &first);
  ok(replyqueue_has_empty(&q), "one");
  q = (struct replyqueue){.count = 0};
  add(REPLY_UNKNOWN, &first);
  ok(!replyqueue_has_empty(&q), "another answer of the same words");
}

int main(void) {
  order();
  stutter();
  bounds();
  empty_lines();
  return done();
}
