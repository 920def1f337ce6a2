/* The replies that are owed, and the one that is going out. */
#include "smtp/replyqueue.h"
#include "tap.h"

static struct replyqueue o;
static const struct reply_texts texts = {SPAN_LITERAL("h"), SPAN_LITERAL("r"), SPAN_LITERAL("t"),
                                         SPAN_LITERAL("p")};

static bool owe(enum reply reply, bool *first) {
  return replyqueue_add(&o, (struct pending_reply){(uint8_t)reply, 0}, first);
}

static void order(void) {
  bool first;
  o = (struct replyqueue){.count = 0};
  ok(replyqueue_is_empty(&o) && replyqueue_ready(&o).len == 0, "empty");
  ok(owe(REPLY_HELO, &first) && first, "the first one's turn has come");
  ok(owe(REPLY_BYE, &first) && !first, "the second one's has not");
  ok(replyqueue_first(&o).reply == REPLY_HELO, "in order");
  ok(replyqueue_ready(&o).len == 0, "nothing is ready before it begins");
  replyqueue_begin(&o, &texts, false);
  is_text(replyqueue_ready(&o), "250 h\r\n", "all of the first");
  ok(!replyqueue_wrote(&o, 3) && replyqueue_is_torn(&o), "a part of it");
  is_text(replyqueue_ready(&o), " h\r\n", "the rest");
  ok(replyqueue_wrote(&o, 4) && !replyqueue_is_torn(&o), "all of it");
  replyqueue_drop_first(&o);
  ok(replyqueue_first(&o).reply == REPLY_BYE && replyqueue_ready(&o).len == 0, "the next one");
  replyqueue_drop_first(&o);
  ok(replyqueue_is_empty(&o), "none");
}

static void stutter(void) {
  bool first;
  o = (struct replyqueue){.count = 0};
  owe(REPLY_HELO, &first);
  replyqueue_begin(&o, &texts, true);
  is_text(replyqueue_ready(&o), "2", "one byte");
  ok(!replyqueue_wrote(&o, 1) && replyqueue_ready(&o).len == 0, "and no other");
  for (int i = 0; i < 20; i++) replyqueue_stutter(&o);
  is_text(replyqueue_ready(&o), "50 h\r\n", "no more than there are");
  ok(replyqueue_wrote(&o, 99), "more than all is all");
}

static void bounds(void) {
  bool first;
  o = (struct replyqueue){.count = 0};
  for (int i = 0; i < REPLYQUEUE_MAX; i++) owe(REPLY_HELO, &first);
  ok(!owe(REPLY_HELO, &first), "full");
  replyqueue_drop_first(&o);
  ok(owe(REPLY_BYE, &first) && !first, "a place is free again");
  for (int i = 1; i < REPLYQUEUE_MAX; i++) replyqueue_drop_first(&o);
  ok(replyqueue_first(&o).reply == REPLY_BYE && o.count == 1, "around the ring");
  replyqueue_replace(&o, REPLY_STOP, &texts);
  ok(o.count == 1 && replyqueue_first(&o).reply == REPLY_STOP, "last words before all else");
  ok(replyqueue_ready(&o).len > 4, "are ready at once");
}

static void empty_lines(void) {
  bool first;
  o = (struct replyqueue){.count = 0};
  ok(!replyqueue_has_empty(&o), "no answer to an empty line");
  owe(REPLY_EMPTY, &first);
  ok(replyqueue_has_empty(&o), "one");
  o = (struct replyqueue){.count = 0};
  owe(REPLY_UNKNOWN, &first);
  ok(!replyqueue_has_empty(&o), "another answer of the same words");
}

int main(void) {
  order();
  stutter();
  bounds();
  empty_lines();
  return done();
}
