/* Names and addresses as the session line shows them; the number of recipients. */
#include "smtp/envelope.h"
#include "smtp/recipients.h"
#include "tap.h"

static struct envelope e;

#define HELO span_of(e.helo, e.helo_len)
#define FROM span_of(e.from, e.from_len)
#define TO   span_of(e.to, e.to_len)

static void lists(void) {
  e = (struct envelope){.hide_local = false};
  envelope_helo(&e, span_str("a.Example"));
  envelope_helo(&e, span_str("A.example"));
  envelope_helo(&e, span_str("a.exampl"));
  envelope_helo(&e, span_str("b,c d%"));
  envelope_helo(&e, span_str("b,c d%"));
  envelope_helo(&e, span_str(""));
  is_text(HELO, "a.Example,a.exampl,b%2Cc%20d%25", "distinct names");
  envelope_to(&e, span_str("x@y"));
  envelope_to(&e, span_str("X@y"));
  envelope_to(&e, span_str("z@y"));
  is_text(TO, "x@y,z@y", "distinct recipients");
  envelope_from(&e, span_str("a@b"));
  envelope_from(&e, span_str("c,d@b"));
  is_text(FROM, "c,d@b", "the last sender");
  envelope_from(&e, span_str(""));
  is_text(FROM, "<>", "the null sender");
  ok(!e.helo_cut && !e.from_cut && !e.to_cut, "nothing was cut");
}

static void hidden(void) {
  e = (struct envelope){.hide_local = true};
  envelope_from(&e, span_str("a@b"));
  envelope_to(&e, span_str("x@y"));
  envelope_to(&e, span_str("\"p@q\"@y"));
  envelope_to(&e, span_str("postmaster"));
  is_text(FROM, "@b", "hidden: the sender");
  is_text(TO, "@y,@", "hidden: recipients");
  envelope_from(&e, span_str(""));
  is_text(FROM, "<>", "hidden: the null sender");
}

static void bounds(void) {
  static char name[2000];
  memset(name, 'x', sizeof name);
  e = (struct envelope){.hide_local = false};
  envelope_helo(&e, span_of(name, ENVELOPE_HELO_MAX));
  ok(e.helo_len == ENVELOPE_HELO_MAX && !e.helo_cut, "a name that just fits");
  envelope_helo(&e, span_str("a"));
  ok(e.helo_len == ENVELOPE_HELO_MAX && e.helo_cut, "no room for another");
  e = (struct envelope){.hide_local = false};
  envelope_helo(&e, span_of(name, ENVELOPE_HELO_MAX + 1));
  ok(e.helo_len == ENVELOPE_HELO_MAX && e.helo_cut, "the first is cut");
  e = (struct envelope){.hide_local = false};
  envelope_helo(&e, span_str("a"));
  envelope_helo(&e, span_of(name, ENVELOPE_HELO_MAX - 2));
  ok(e.helo_len == ENVELOPE_HELO_MAX && !e.helo_cut, "a second that just fits");
  e = (struct envelope){.hide_local = false};
  envelope_helo(&e, span_str("a"));
  envelope_helo(&e, span_of(name, ENVELOPE_HELO_MAX - 1));
  is_text(HELO, "a", "a second that does not fit is left out");
  ok(e.helo_cut, "a name that is left out sets the mark");
  envelope_from(&e, span_of(name, ENVELOPE_FROM_MAX));
  ok(e.from_len == ENVELOPE_FROM_MAX && !e.from_cut, "a sender that just fits");
  envelope_from(&e, span_of(name, ENVELOPE_FROM_MAX + 1));
  ok(e.from_len == ENVELOPE_FROM_MAX && e.from_cut, "a sender that does not fit is cut");
  envelope_from(&e, span_str("a@b"));
  ok(!e.from_cut, "the next one is whole");
}

static void counted(void) {
  struct recipients r = {.count = 0};
  char text[20];
  recipients_add(&r, span_str("x@Y"));
  recipients_add(&r, span_str("x@y"));
  ok(r.count == 1, "a domain in two cases");
  recipients_add(&r, span_str("X@y"));
  ok(r.count == 2, "a local part in two cases");
  recipients_clear(&r);
  ok(r.count == 0, "none");
  for (int round = 0; round < 2; round++)
    for (int i = 0; i < RECIPIENTS_KEPT + 3; i++)
      recipients_add(&r, span_of(text, (size_t)snprintf(text, sizeof text, "x%d@y", i)));
  ok(r.count == RECIPIENTS_KEPT + 6, "repetitions of those that are kept");
}

int main(void) {
  lists();
  hidden();
  bounds();
  counted();
  return done();
}
