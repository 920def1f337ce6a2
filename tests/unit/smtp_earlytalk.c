/* Commands before the greeting was complete: three kinds, separated by time. */
#include "smtp/earlytalk.h"
#include "tap.h"

/* One command: when its first and its last byte came, and what it was. */
struct said {
  int64_t from, to;
  enum command command;
};

#define NEVER -1

static const struct {
  const char *name;
  int64_t teased, round_trip;
  struct said said[3];
  int count;
  bool delay; /* there was talk in a delay */
  const char *want;
} rows[] = {
    {"nothing", 0, 0, {{0}}, 0, false, ""},
    {"nothing, and talk in a delay", 0, 0, {{0}}, 0, true, "talk-in-delay"},
    {"one command", 5, 0, {{5, 5, COMMAND_EHLO}}, 1, false, "teaser-talk"},
    {"no first line", NEVER, 0, {{5, 5, COMMAND_EHLO}}, 1, false, "early-talk"},
    {"less than a round trip", 5, 40, {{44, 99, COMMAND_EHLO}}, 1, false, "early-talk"},
    {"a round trip", 5, 40, {{45, 99, COMMAND_EHLO}}, 1, false, "teaser-talk"},
    {"a round trip, then talk",
     5,
     40,
     {{45, 99, COMMAND_EHLO}},
     1,
     true,
     "early-talk,talk-in-delay"},
    {"two commands", 5, 0, {{9, 9, COMMAND_EHLO}, {99, 99, COMMAND_MAIL}}, 2, false, "early-talk"},
    {"three",
     5,
     0,
     {{9, 9, COMMAND_RSET}, {99, 99, COMMAND_RSET}, {199, 199, COMMAND_QUIT}},
     3,
     false,
     "early-talk"},
    {"QUIT", 5, 40, {{9, 9, COMMAND_QUIT}}, 1, false, "early-quit"},
    {"QUIT, no first line", NEVER, 0, {{9, 9, COMMAND_QUIT}}, 1, false, "early-quit"},
    {"RSET and QUIT", 5, 40, {{9, 9, COMMAND_RSET}, {9, 9, COMMAND_QUIT}}, 2, false, "early-quit"},
    {"RSET", 5, 0, {{9, 9, COMMAND_RSET}}, 1, false, "teaser-talk"},
    {"EHLO and QUIT in one moment",
     5,
     0,
     {{9, 9, COMMAND_EHLO}, {9, 9, COMMAND_QUIT}},
     2,
     false,
     "early-talk"},
    {"a millisecond later",
     5,
     0,
     {{9, 9, COMMAND_EHLO}, {10, 10, COMMAND_QUIT}},
     2,
     false,
     "teaser-talk,pipelined"},
    {"less than a round trip later",
     0,
     40,
     {{50, 60, COMMAND_EHLO}, {99, 99, COMMAND_QUIT}},
     2,
     false,
     "early-talk"},
    {"a round trip later",
     0,
     40,
     {{50, 60, COMMAND_EHLO}, {100, 100, COMMAND_QUIT}},
     2,
     false,
     "teaser-talk,pipelined"},
    {"EHLO too soon, and QUIT much later",
     0,
     40,
     {{9, 9, COMMAND_EHLO}, {999, 999, COMMAND_QUIT}},
     2,
     false,
     "early-talk"},
};

static fact_set facts_of(size_t i) {
  struct earlytalk e = {.round_trip = rows[i].round_trip};
  fact_set facts = 0;
  if (rows[i].teased != NEVER) earlytalk_teaser(&e, rows[i].teased);
  for (int n = 0; n < rows[i].count; n++) {
    const struct said *said = &rows[i].said[n];
    earlytalk_byte(&e, said->from, true);
    if (said->to > said->from) earlytalk_byte(&e, said->to, false);
    earlytalk_line(&e, said->command);
  }
  earlytalk_line(&e, COMMAND_QUIT); /* a later line is none of these */
  if (rows[i].delay) fact_note(&facts, FACT_TALK_IN_DELAY);
  ok(earlytalk_seen(&e) == (rows[i].count > 0), "%s: seen", rows[i].name);
  earlytalk_end(&e, &facts);
  return facts;
}

int main(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char text[FACT_TEXT_MAX];
    size_t len = fact_list(facts_of(i), text);
    is_text(span_of(text, len), rows[i].want, "%s", rows[i].name);
  }
  return done();
}
