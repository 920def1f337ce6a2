/* How a session ended, what came after the 451, and the final reply. */
#include "smtp/ending.h"
#include "tap.h"

#define WATCH ENDING_WATCH_MIN

static const struct {
  const char *name;
  struct end_state moment;
  enum end end;
  const char *facts;
  enum reply words;
} rows[] = {
    {"QUIT and FIN", {END_FIN, true, true, false, false, false, WATCH}, END_QUIT, "", REPLY_BYE},
    {"QUIT and RST in a delay",
     {END_RST, true, false, true, false, false, WATCH},
     END_QUIT,
     "",
     REPLY_BYE},
    {"FIN", {END_FIN, false, false, false, false, false, WATCH}, END_FIN, "", REPLIES},
    {"FIN in a delay",
     {END_FIN, false, false, true, false, false, WATCH},
     END_FIN,
     "hasty-exit",
     REPLIES},
    {"RST in a delay",
     {END_RST, false, false, true, false, false, WATCH},
     END_RST,
     "hasty-exit",
     REPLIES},
    {"FIN in a delay after the 451",
     {END_FIN, false, true, true, false, false, WATCH},
     END_FIN,
     "",
     REPLIES},
    {"an error in a delay",
     {END_ERROR, false, false, true, false, false, WATCH},
     END_ERROR,
     "",
     REPLIES},
    {"silence",
     {END_IDLE, false, false, false, false, false, WATCH},
     END_IDLE,
     "stall",
     REPLY_IDLE},
    {"silence within a line",
     {END_IDLE, false, false, false, true, false, WATCH},
     END_IDLE,
     "",
     REPLY_IDLE},
    {"silence after the 451",
     {END_IDLE, false, true, false, false, false, WATCH},
     END_IDLE,
     "",
     REPLY_IDLE},
    {"a watch too short",
     {END_IDLE, false, true, false, false, false, WATCH - 1},
     END_CAP,
     "",
     REPLY_IDLE},
    {"a short watch before the 451",
     {END_IDLE, false, false, false, false, false, 1},
     END_IDLE,
     "stall",
     REPLY_IDLE},
    {"the cap", {END_CAP, false, false, false, false, false, WATCH}, END_CAP, "", REPLY_IDLE},
    {"too much", {END_LIMIT, false, false, true, false, false, WATCH}, END_LIMIT, "", REPLY_LIMIT},
    {"too long a message",
     {END_LIMIT, false, false, false, false, true, WATCH},
     END_LIMIT,
     "",
     REPLY_REFUSAL},
    {"told to stop", {END_STOP, false, false, true, false, false, WATCH}, END_STOP, "", REPLY_STOP},
};

static const struct {
  const char *line;
  enum after after;
} sequels[] = {
    {"RSET", AFTER_RSET},          {"NOOP", AFTER_NOOP},  {"MAIL FROM:<a@b>", AFTER_MAIL},
    {"QUIT", AFTER_NONE},          {"HELP", AFTER_OTHER}, {"EHLO h", AFTER_OTHER},
    {"Subject: x", AFTER_BODY},    {".", AFTER_BODY},     {"WHAT", AFTER_OTHER},
    {"RCPT TO:<a@b>", AFTER_OTHER}};

int main(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    fact_set facts = 0;
    char text[FACT_TEXT_MAX];
    ok(ending_classify(&rows[i].moment, &facts) == rows[i].end, "%s", rows[i].name);
    is_text(span_of(text, fact_list(facts, text)), rows[i].facts, "%s: facts", rows[i].name);
    ok(ending_final_reply(&rows[i].moment) == rows[i].words, "%s: last words", rows[i].name);
  }
  for (size_t i = 0; i < sizeof sequels / sizeof *sequels; i++) {
    struct command_line c = command_parse(span_str(sequels[i].line));
    ok(ending_after_451(&c) == sequels[i].after, "after the 451: %s", sequels[i].line);
  }
  return done();
}
