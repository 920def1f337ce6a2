/* The replies that are owed, and the one that is going out. */
#include "smtp/outbox.h"
#include "tap.h"

static struct outbox o;
static const struct reply_texts texts = {SPAN_LITERAL("h"), SPAN_LITERAL("r"), SPAN_LITERAL("t"),
                                         SPAN_LITERAL("p")};

static bool owe(enum reply reply, bool *first) {
  return outbox_add(&o, (struct owed){(uint8_t)reply, 0}, first);
}

static void order(void) {
  bool first;
  o = (struct outbox){.count = 0};
  ok(outbox_is_empty(&o) && outbox_ready(&o).len == 0, "empty");
  ok(owe(REPLY_HELO, &first) && first, "the first one's turn has come");
  ok(owe(REPLY_BYE, &first) && !first, "the second one's has not");
  ok(outbox_first(&o).reply == REPLY_HELO, "in order");
  ok(outbox_ready(&o).len == 0, "nothing is ready before it begins");
  outbox_begin(&o, &texts, false);
  is_text(outbox_ready(&o), "250 h\r\n", "all of the first");
  ok(!outbox_wrote(&o, 3) && outbox_is_torn(&o), "a part of it");
  is_text(outbox_ready(&o), " h\r\n", "the rest");
  ok(outbox_wrote(&o, 4) && !outbox_is_torn(&o), "all of it");
  outbox_drop_first(&o);
  ok(outbox_first(&o).reply == REPLY_BYE && outbox_ready(&o).len == 0, "the next one");
  outbox_drop_first(&o);
  ok(outbox_is_empty(&o), "none");
}

static void stutter(void) {
  bool first;
  o = (struct outbox){.count = 0};
  owe(REPLY_HELO, &first);
  outbox_begin(&o, &texts, true);
  is_text(outbox_ready(&o), "2", "one byte");
  ok(!outbox_wrote(&o, 1) && outbox_ready(&o).len == 0, "and no other");
  for (int i = 0; i < 20; i++) outbox_stutter(&o);
  is_text(outbox_ready(&o), "50 h\r\n", "no more than there are");
  ok(outbox_wrote(&o, 99), "more than all is all");
}

static void bounds(void) {
  bool first;
  o = (struct outbox){.count = 0};
  for (int i = 0; i < OUTBOX_MAX; i++) owe(REPLY_HELO, &first);
  ok(!owe(REPLY_HELO, &first), "full");
  outbox_drop_first(&o);
  ok(owe(REPLY_BYE, &first) && !first, "a place is free again");
  for (int i = 1; i < OUTBOX_MAX; i++) outbox_drop_first(&o);
  ok(outbox_first(&o).reply == REPLY_BYE && o.count == 1, "around the ring");
  outbox_replace(&o, REPLY_STOP, &texts);
  ok(o.count == 1 && outbox_first(&o).reply == REPLY_STOP, "last words before all else");
  ok(outbox_ready(&o).len > 4, "are ready at once");
}

static void empty_lines(void) {
  bool first;
  o = (struct outbox){.count = 0};
  ok(!outbox_has_empty(&o), "no answer to an empty line");
  owe(REPLY_EMPTY, &first);
  ok(outbox_has_empty(&o), "one");
  o = (struct outbox){.count = 0};
  owe(REPLY_UNKNOWN, &first);
  ok(!outbox_has_empty(&o), "another answer of the same words");
}

int main(void) {
  order();
  stutter();
  bounds();
  empty_lines();
  return done();
}
