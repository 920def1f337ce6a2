/* Sets of facts and their names. */
#include "smtp/fact.h"
#include "tap.h"

static const struct {
  const char *name;
  enum fact facts[4]; /* up to FACTS */
  const char *want;
} rows[] = {
    {"none", {FACTS}, ""},
    {"the first", {FACT_EARLY_TALK, FACTS}, "early-talk"},
    {"the last", {FACT_HELO_EMPTY, FACTS}, "helo-empty"},
    {"one twice", {FACT_AUTH, FACT_AUTH, FACTS}, "auth"},
    {"several, in the order of the list",
     {FACT_GOES_ON, FACT_STALL, FACT_EARLY_QUIT, FACTS},
     "early-quit,stall,goes-on"},
};

int main(void) {
  char text[FACT_TEXT_MAX + 1];
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    fact_set set = 0;
    for (int k = 0; rows[i].facts[k] != FACTS; k++) fact_note(&set, rows[i].facts[k]);
    is_text(span_of(text, fact_list(set, text)), rows[i].want, "%s", rows[i].name);
  }
  fact_set all = 0, none;
  for (enum fact fact = 0; fact < FACTS; fact++) {
    ok(!fact_seen(all, fact), "fact %d is not there", fact);
    fact_note(&all, fact);
    ok(fact_seen(all, fact), "and is, when it was noted");
  }
  text[FACT_TEXT_MAX] = '~';
  size_t len = fact_list(all, text);
  ok(len <= FACT_TEXT_MAX && text[FACT_TEXT_MAX] == '~', "all fit");
  is_text(span_of(text, len),
          "early-talk,teaser-talk,early-quit,talk-in-delay,pipelined,hasty-exit,stall,"
          "body-after-451,bare-lf,bare-cr,auth,unoffered,starttls,params-after-helo,no-brackets,"
          "odd-space,bad-order,no-helo,garbage,long-line,goes-on,helo-empty",
          "with these names");
  none = all;
  for (enum fact fact = 0; fact < FACTS; fact++) {
    fact_drop(&none, fact);
    fact_drop(&none, fact);
    ok(!fact_seen(none, fact) && (fact + 1 == FACTS || fact_seen(none, fact + 1)),
       "fact %d alone is dropped", fact);
  }
  ok(none == 0, "none is left");
  return done();
}
