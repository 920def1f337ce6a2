/* What a collector does with signed lines that no honest reporter sends, and with all others. */
#include "collect/intake.h"
#include "report/answer.h"
#include "sqlnumber.h"
#include "tap.h"
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW   INT64_C(1764000100)
#define GOOD  " 1764000014 192.0.2.7 bot 28 fin no-quit -"
#define CLEAN " 1764000014 127.0.0.1 clean 0 quit - -"

static char dir[] = "/tmp/sinbin-intake-XXXXXX";
static char path[64];
static struct registry registry;
static struct intake in;
static struct datagram answer; /* to the last datagram */

static struct mac_key key_of(uint8_t seed) {
  struct mac_key key;
  memset(key.byte, seed, sizeof key.byte);
  return key;
}

static void add_detector(const char *name, uint8_t seed) {
  struct detector_key key = {.keygen = 1, .key = key_of(seed)};
  struct detector *d = registry_add(&registry, span_str(name));
  if (!d || !detector_add_key(d, &key)) abort();
}

static void start(void) {
  struct store *store;
  if (!mkdtemp(dir) || !mac_init() || !registry_init(&registry)) abort();
  snprintf(path, sizeof path, "%s/store.db", dir);
  const struct store_options options = {
      .cache = 1000, .at_once = 64, .sweep_ms = 5000, .slice = 10};
  if (store_open(path, &options, &store) != STORE_OPEN) abort();
  add_detector("trap1", 1);
  add_detector("trap2", 2);
  registry_sort(&registry);
  in = (struct intake){.store = store, .registry = &registry, .dummy_key = key_of(99)};
  in.testimonies = calloc(DETECTORS_MAX, sizeof *in.testimonies);
  if (!in.testimonies) abort();
}

static int64_t ask(const char *sql) {
  return sql_number(path, NULL, sql);
}

/* Signs what a datagram's tag is to cover, hands it in and commits. */
static bool hand_in_from(const char *covered, uint8_t seed, struct arrival from) {
  struct mac_key key = key_of(seed);
  struct datagram d = {.len = 0};
  char tag[TAG_HEX];
  if (!datagram_add(&d, span_str(covered))) abort();
  mac_tag(&key, datagram_covered(&d), tag);
  from.datagram = datagram_close(&d, tag);
  from.now = NOW;
  return intake_datagram(&in, &from, &answer) && intake_commit(&in, NOW, 0);
}

static struct arrival place(const char *ip, uint16_t port) {
  struct arrival a = {.port = port};
  if (!addr_parse(span_str(ip), &a.from)) abort();
  return a;
}

static bool hand_in(const char *covered, uint8_t seed) {
  return hand_in_from(covered, seed, place("198.51.100.1", 4000));
}

/* In this order; the epochs and numbers of the rows before are remembered. */
static const struct {
  const char *name, *covered;
  uint8_t seed;
  enum count moves;
  unsigned int by, unread; /* unread: rows in the table afterwards */
} rows[] = {
    {"a good line", "SB1 trap1 1 5 1" GOOD, 1, COUNT_REPORTS, 1, 0},
    {"again", "SB1 trap1 1 5 1" GOOD, 1, COUNT_DUPLICATE, 1, 0},
    {"by the key of another", "SB1 trap1 1 5 2" GOOD, 2, COUNT_TAG, 1, 0},
    {"with another key", "SB1 ghost 1 5 2" GOOD, 99, COUNT_UNKNOWN, 1, 0},
    {"an unknown generation", "SB1 trap1 2 5 2" GOOD, 99, COUNT_UNKNOWN, 1, 0},
    {"a rest that cannot be read", "SB1 trap1 1 5 2 x", 1, COUNT_UNREAD, 1, 1},
    {"its number is used up", "SB1 trap1 1 5 2" GOOD, 1, COUNT_OTHER, 1, 1},
    {"and it is no news again", "SB1 trap1 1 5 2 x", 1, COUNT_DUPLICATE, 1, 1},
    {"no number", "SB1 trap1 1 5", 1, COUNT_UNREAD, 1, 2},
    {"no number, again: kept once", "SB1 trap1 1 5", 1, COUNT_UNREAD, 1, 2},
    {"then another detector's line", "SB1 trap1 1 5 3" GOOD "\nSB1 trap2 1 5 4" GOOD, 1,
     COUNT_UNREAD, 1, 3},
    {"then another epoch's line", "SB1 trap1 1 5 5" GOOD "\nSB1 trap1 1 6 5" GOOD, 1, COUNT_UNREAD,
     1, 4},
    {"an empty line between", "SB1 trap1 1 5 6" GOOD "\n\nSB1 trap1 1 5 7" GOOD, 1, COUNT_REPORTS,
     2, 5},
    {"noise after a good line", "SB1 trap1 1 5 8" GOOD "\n\x01\xff \x1b[2J", 1, COUNT_UNREAD, 1, 6},
    {"a good line beside an old one", "SB1 trap1 1 5 8" GOOD "\nSB1 trap1 1 5 9" GOOD, 1,
     COUNT_REPORTS, 1, 6},
    {"the same number twice in a datagram", "SB1 trap1 1 5 10" GOOD "\nSB1 trap1 1 5 10" GOOD, 1,
     COUNT_REPORTS, 1, 6},
    {"another detector has its own numbers", "SB1 trap2 1 5 1" GOOD, 2, COUNT_REPORTS, 1, 6},
    {"a newer epoch", "SB1 trap1 1 6 1" GOOD, 1, COUNT_REPORTS, 1, 6},
    {"the older one", "SB1 trap1 1 5 11" GOOD, 1, COUNT_EPOCH, 1, 6},
    {"below the window", "SB1 trap1 1 6 9000" GOOD "\nSB1 trap1 1 6 100" GOOD, 1, COUNT_BELOW, 1,
     6},
    {"far ahead", "SB1 trap1 1 6 9223372036854775807" GOOD, 1, COUNT_AHEAD, 1, 6},
    {"far ahead in a newer epoch", "SB1 trap2 1 6 9223372036854775807" GOOD, 2, COUNT_AHEAD, 1, 6},
    {"which begins no epoch", "SB1 trap2 1 5 1" GOOD, 2, COUNT_DUPLICATE, 1, 6},
    {"the future", "SB1 trap1 1 6 9001 1764000221 192.0.2.9 bot 28 fin - -", 1, COUNT_FUTURE, 1, 6},
    {"not yet the future", "SB1 trap1 1 6 9002 1764000220 192.0.2.8 bot 28 fin - -", 1,
     COUNT_REPORTS, 1, 6},
    {"loopback", "SB1 trap1 1 6 9003 1764000014 127.0.0.1 bot 28 fin - -", 1, COUNT_NEVER, 1, 6},
    {"a clean loopback is no alarm", "SB1 trap1 1 6 9004 1764000014 127.0.0.1 clean 0 quit - -", 1,
     COUNT_REPORTS, 1, 6},
    {"two lines begin an epoch", "SB1 trap2 1 6 1" CLEAN "\nSB1 trap2 1 6 2" CLEAN, 2,
     COUNT_REPORTS, 2, 6},
    {"the first of them again", "SB1 trap2 1 6 1" CLEAN, 2, COUNT_DUPLICATE, 1, 6},
};

/* The numbers of the answer to the last datagram, as text. */
static const char *answered(uint8_t seed) {
  static char text[DATAGRAM_MAX];
  struct mac_key key = key_of(seed);
  struct span covered, tag, seqs;
  struct origin origin;
  if (answer.len == 0) return "nothing";
  enum datagram_kind kind =
      datagram_parse(span_of(answer.buf, answer.len), &covered, &tag, &origin);
  bool refusal = kind == DATAGRAM_REFUSAL;
  if (!mac_check(&key, covered, tag) ||
      !(refusal ? refusal_decode : answer_decode)(covered, &origin, &seqs))
    return "no answer at all";
  snprintf(text, sizeof text, "%s%.*s", refusal ? "refused " : "", (int)seqs.len, seqs.s);
  return text;
}

#define BEAT                                                                                 \
  " 1764000050 version=1 up=60 lines=1 reports=1 acked=1 pending=0 oldest=0 sent=1 resent=0" \
  " failed=0 unread=0 bogus=0"

/* In this order, on top of what the rows above have left. */
static const struct {
  const char *name, *covered, *want;
  uint8_t seed;
} questions[] = {
    {"a report", "SB1 trap1 1 7 1" GOOD, "1", 1},
    {"repeated", "SB1 trap1 1 7 1" GOOD, "1", 1},
    {"two, one of them repeated", "SB1 trap1 1 7 1" GOOD "\nSB1 trap1 1 7 2" GOOD, "1 2", 1},
    {"what cannot be read", "SB1 trap1 1 7 3 x\nSB1 trap1 1 7 4" GOOD, "3 4", 1},
    {"what has no number", "SB1 trap1 1 7", "nothing", 1},
    {"a line without, one with", "SB1 trap1 1 7 5" GOOD "\nnoise", "5", 1},
    {"another detector's line is not answered", "SB1 trap1 1 7 6" GOOD "\nSB1 trap2 1 7 7" GOOD,
     "6", 1},
    {"the future", "SB1 trap1 1 7 8 1764000221 192.0.2.9 bot 28 fin - -", "8", 1},
    {"never listed", "SB1 trap1 1 7 9 1764000014 127.0.0.1 bot 28 fin - -", "9", 1},
    {"below the window beside a new one", "SB1 trap1 1 7 9000" GOOD "\nSB1 trap1 1 7 10" GOOD,
     "9000", 1},
    {"below the window", "SB1 trap1 1 7 10" GOOD "\nSB1 trap1 1 7 11" GOOD, "refused 10 11", 1},
    {"far ahead", "SB1 trap1 1 7 9223372036854775807" GOOD, "refused 9223372036854775807", 1},
    {"another report under a number", "SB1 trap1 1 7 9000 1764000014 192.0.2.8 bot 28 fin - -",
     "refused 9000", 1},
    {"another time", "SB1 trap1 1 7 9000 1764000015 192.0.2.7 bot 28 fin no-quit -", "refused 9000",
     1},
    {"another end", "SB1 trap1 1 7 9000 1764000014 192.0.2.7 bot 28 rst no-quit -", "refused 9000",
     1},
    {"another dialect",
     "SB1 trap1 1 7 9000 1764000014 192.0.2.7 bot 28 fin no-quit 0123456789abcdef", "refused 9000",
     1},
    {"what cannot be read under a number", "SB1 trap1 1 7 9000 x", "refused 9000", 1},
    {"the same session by other rules",
     "SB1 trap1 1 7 9000 1764000014 192.0.2.7 clean 2 fin quit -", "9000", 1},
    {"the same that cannot be read", "SB1 trap1 1 7 3 x", "refused 3", 1},
    {"a number twice, for two sessions",
     "SB1 trap1 1 7 9002" GOOD "\nSB1 trap1 1 7 9002 1764000014 192.0.2.8 bot 28 fin - -", "9002",
     1},
    {"a wrong tag", "SB1 trap1 1 7 9001" GOOD, "nothing", 2},
    {"an unknown detector", "SB1 ghost 1 7 1" GOOD, "nothing", 99},
    {"an older epoch", "SB1 trap1 1 6 9005" GOOD, "nothing", 1},
    {"an older epoch, and no number", "SB1 trap1 1 6 x", "nothing", 1},
    {"a heartbeat of an older epoch", "HB1 trap1 1 6 2" BEAT, "nothing", 1},
    {"an answer that is sent back", "OK1 trap1 1 7 1", "nothing", 1},
    {"a heartbeat", "HB1 trap1 1 7 1" BEAT, "nothing", 1},
    {"a heartbeat that cannot be read", "HB1 trap1 1 7 2 x", "nothing", 1},
};

static void test_answers(void) {
  for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
    ok(hand_in(questions[i].covered, questions[i].seed), "taken: %s", questions[i].name);
    is_text(span_str(answered(questions[i].seed)), questions[i].want, "answered: %s",
            questions[i].name);
    ok(answer.len <= strlen(questions[i].covered) + DATAGRAM_TAIL, "not longer than the question");
  }
}

/* How many of `count` copies of a datagram that was accepted before are answered. */
static int repeated(const char *covered, uint8_t seed, struct arrival from, int count) {
  int answers = 0;
  for (int i = 0; i < count; i++) {
    hand_in_from(covered, seed, from);
    answers += answer.len > 0;
  }
  return answers;
}

static void test_repeats(void) {
  struct arrival honest = place("198.51.100.1", 4000), other = place("198.51.100.2", 4000),
                 port = place("198.51.100.1", 4001);
  uint64_t unanswered = in.counts[COUNT_UNANSWERED];
  hand_in("SB1 trap2 1 6 1" GOOD, 2);
  hand_in("SB1 trap2 1 6 2" GOOD, 2);
  memset(in.repeats, 0, sizeof in.repeats);
  int answers = repeated("SB1 trap2 1 6 1" GOOD, 2, other, ANSWERS_REPEATED + 50);
  ok(answers == ANSWERS_REPEATED && in.counts[COUNT_UNANSWERED] - unanswered == 50,
     "%d of 150 repeated questions in a second are answered", answers);
  ok(repeated("SB1 trap2 1 6 1" GOOD, 2, honest, 79) == 79, "those from another address all are");
  ok(repeated("SB1 trap2 1 6 1" GOOD, 2, port, 79) == 79, "and those from another port");
  ok(repeated("SB1 trap2 1 6 2" GOOD, 2, other, 79) == 79, "and those about another number");
  ok(repeated("SB1 trap2 1 6 2 x", 2, other, 150) == 21, "refusals are of the same budget");
  ok(hand_in_from("SB1 trap2 1 6 3" GOOD, 2, other) && answer.len > 0, "a new one always is");
}

static bool alarm_is(enum alarm which, const char *want) {
  char text[INTAKE_TEXT];
  intake_alarm(&in, which, text);
  in.alarms[which].count = 0;
  bool same = strcmp(text, want) == 0;
  if (!same) printf("# %s\n", text);
  return same;
}

/* Two machines with one checkpoint: what one has reported is not acknowledged to the other. */
static void test_clone(void) {
  struct arrival one = place("198.51.100.1", 4000), two = place("198.51.100.2", 4000);
  for (int i = 0; i < ALARMS; i++) in.alarms[i].count = 0;
  ok(hand_in_from("SB1 trap2 1 6 10 1764000014 192.0.2.40 bot 28 fin no-quit -", 2, one), "one");
  is_text(span_str(answered(2)), "10", "is acknowledged");
  hand_in_from("SB1 trap2 1 6 10 1764000015 192.0.2.41 bot 28 fin no-quit -", 2, two);
  is_text(span_str(answered(2)), "refused 10", "the other is not");
  ok(ask("SELECT count(*) FROM evidence WHERE hex(ip) LIKE '%C0000229'") == 0, "and not stored");
  ok(alarm_is(ALARM_OTHER,
              "1 reports refused whose number another report has, the last number 10, by trap2 from"
              " 198.51.100.2, whose last new report came from 198.51.100.1: two reporters of one"
              " name and epoch, most probably a copied machine"),
     "an alarm names both");
  hand_in_from("SB1 trap2 1 6 10 1764000014 192.0.2.40 bot 28 fin no-quit -", 2, one);
  is_text(span_str(answered(2)), "10", "the first is acknowledged as often as it asks");
  ok(in.alarms[ALARM_OTHER].count == 0, "without an alarm");
  store_close(in.store);
  const struct store_options options = {
      .cache = 1000, .at_once = 64, .sweep_ms = 5000, .slice = 10};
  if (store_open(path, &options, &in.store) != STORE_OPEN) abort();
  for (size_t i = 0; i < registry.count; i++)
    if (!store_load_detector(in.store, &registry.detectors[i])) abort();
  hand_in_from("SB1 trap2 1 6 10 1764000015 192.0.2.41 bot 28 fin no-quit -", 2, two);
  is_text(span_str(answered(2)), "refused 10", "a new start remembers what was reported");
  hand_in_from("SB1 trap2 1 6 9223372036854775807" GOOD, 2, two);
  ok(alarm_is(ALARM_AHEAD,
              "1 reports refused with a number far ahead of all others, the last number"
              " 9223372036854775807, by trap2 from 198.51.100.2, whose last new report"
              " came from 198.51.100.1: its checkpoint is wrong, or someone else has"
              " its key"),
     "a forged number is an alarm");
  hand_in_from("SB1 trap2 1 6 11" GOOD, 2, one);
  is_text(span_str(answered(2)), "11", "and silences no detector");
  hand_in_from("SB1 trap2 1 6 9000" GOOD, 2, one);
  hand_in_from("SB1 trap2 1 6 11" GOOD, 2, one);
  is_text(span_str(answered(2)), "refused 11", "below the window");
  ok(alarm_is(ALARM_BELOW,
              "1 reports refused with a number below the window, the last number 11, by"
              " trap2 from 198.51.100.1: an old checkpoint, two reporters of one name,"
              " or a replay"),
     "is an alarm, too");
}

static bool has_notice(const char *want) {
  char text[INTAKE_TEXT];
  bool found = false;
  while (intake_notice(&in, text)) {
    found |= strcmp(text, want) == 0;
    if (!found) printf("# %s\n", text);
  }
  return found;
}

static void test_notices(void) {
  struct arrival friend = place("10.80.0.12", 4000);
  char line[128], text[INTAKE_TEXT];
  while (intake_notice(&in, text)) {
  }
  for (int i = 0; i < 14; i++) hand_in_from("SB1 trap2 1 6 9001" GOOD, 9, friend);
  ok(has_notice(
         "14 datagrams of trap2 from 10.80.0.12 with a wrong tag: is its key the same here?"),
     "a wrong key");
  hand_in_from("SB1 trap2 7 6 9001" GOOD, 2, friend);
  ok(has_notice("1 datagrams of trap2 from 10.80.0.12 with key generation 7, which is not in its"
                " directory here"),
     "an old generation");
  hand_in_from("SB1 trap3 1 6 9001" GOOD, 2, friend);
  ok(has_notice("1 datagrams of trap3 from 10.80.0.12: there is no such detector"), "a wrong name");
  hand_in_from("HB1 trap2 1 6 1" BEAT, 2, friend);
  ok(!intake_notice(&in, text), "no notice for a clock that is right");
  hand_in_from(
      "HB1 trap2 1 6 2 1763992900 version=1 up=60 lines=1 reports=1 acked=1 pending=0 oldest=0"
      " sent=1 resent=0 failed=0 unread=0 bogus=0",
      2, friend);
  ok(has_notice("the clock of trap2 at 10.80.0.12 is 7200 seconds behind ours"),
     "a clock that is slow");
  hand_in_from(
      "HB1 trap2 1 6 3 1764000221 version=1 up=60 lines=1 reports=1 acked=1 pending=0 oldest=0"
      " sent=1 resent=0 failed=0 unread=0 bogus=0",
      2, friend);
  ok(has_notice("the clock of trap2 at 10.80.0.12 is 121 seconds ahead of ours"),
     "a clock that is fast");
  for (int i = 0; i < 10000; i++) {
    snprintf(line, sizeof line, "SB1 ghost%d 1 6 1" GOOD, i);
    hand_in(line, 2);
  }
  hand_in_from("SB1 trap2 1 6 9001" GOOD, 9, friend);
  int logged = 0;
  bool friend_named = false, rest_counted = false;
  for (; intake_notice(&in, text); logged++) {
    friend_named |= strstr(text, "1 datagrams of trap2 from 10.80.0.12") == text;
    rest_counted |= strstr(text, "9996 more datagrams with a wrong tag") == text;
  }
  ok(logged == 6 && friend_named && rest_counted,
     "unknown names do not fill the log, and hide no detector: %d lines", logged);
}

/* Lines without a number are no way around the rate cap. */
static void test_rate(void) {
  struct detector *d = registry_find(&registry, span_str("trap2"));
  uint64_t capped = in.counts[COUNT_CAPPED];
  d->cap = (struct ratecap){.rate = 2, .span = 4};
  ok(hand_in("SB1 trap2 1 6 x\na\nb\nc\nd\ne", 2) && in.counts[COUNT_CAPPED] == capped,
     "six lines without a number are within the budget");
  ok(hand_in("SB1 trap2 1 6 x\na\nb", 2) && in.counts[COUNT_CAPPED] - capped == 3,
     "and the same ones again are not");
  ok(in.alarms[ALARM_CAPPED].count == 3, "which is an alarm");
  d->cap = (struct ratecap){.rate = 0};
}

/* What is acknowledged is counted, at the least. */
static void test_surplus(void) {
  struct detector *d = registry_find(&registry, span_str("trap2"));
  int64_t before = d->state.surplus, kept = ask("SELECT count(*) FROM evidence");
  uint64_t answers = in.counts[COUNT_ANSWERS];
  d->cap = (struct ratecap){.rate = 1, .span = 8};
  char line[128];
  for (int i = 0; i < 500; i++) {
    snprintf(line, sizeof line, "SB1 trap2 1 7 %d 1764000014 203.0.113.%d bot 28 fin no-quit -",
             i + 1, i % 250);
    hand_in(line, 2);
    if (answer.len == 0) abort();
  }
  ok(in.counts[COUNT_ANSWERS] - answers == 500, "all are answered");
  ok(ask("SELECT count(*) FROM evidence") - kept == 2, "two of 250 addresses of a /24 are kept");
  ok(ask("SELECT bots FROM evidence WHERE hex(ip) LIKE '%CB007100'") == 2,
     "and counted when they come again");
  ok(d->state.surplus - before == 496 &&
         ask("SELECT surplus FROM standing WHERE detector = 'trap2'") == d->state.surplus &&
         ask("SELECT surplus_at FROM standing WHERE detector = 'trap2'") == NOW,
     "of the others it is known how many they are");
  d->orders.quarantine = true;
  for (int i = 0; i < 500; i++) {
    snprintf(line, sizeof line, "SB1 trap2 1 7 %d 1764000014 %d.0.113.7 bot 28 fin no-quit -",
             i + 501, i % 97 + 11);
    hand_in(line, 2);
  }
  ok(ask("SELECT count(*) FROM evidence") - kept <= 8,
     "a detector in quarantine adds no more either");
  d->orders.quarantine = false;
  ratecap_free(&d->cap);
  d->cap = (struct ratecap){.rate = 0};
}

/* Unread lines count as surplus only if they are not kept. */
static void test_surplus_unread(void) {
  struct detector *d = registry_find(&registry, span_str("trap2"));
  int64_t before = d->state.surplus;
  ok(hand_in("SB1 trap2 1 7 2001 x", 2) && d->state.surplus == before, "a line that is kept");
  for (int i = 0; i < UNREAD_MAX; i++) {
    char text[16];
    snprintf(text, sizeof text, "line%d", i);
    if (store_add_unread(in.store, span_str("trap2"), NOW, span_str(text)) < 0) abort();
  }
  ok(hand_in("SB1 trap2 1 7 2002 x", 2) && d->state.surplus == before + 1, "a line too many");
}

static void test_heartbeats(void) {
  uint64_t before = in.counts[COUNT_DUPLICATE];
  ok(ask("SELECT count(*) FROM heartbeat") == 1 && ask("SELECT up FROM heartbeat") == 60 &&
         ask("SELECT seq FROM heartbeat") == 1 && ask("SELECT time FROM heartbeat") == 1764000050 &&
         ask("SELECT received FROM heartbeat") == NOW,
     "the newest heartbeat is kept");
  ok(hand_in("HB1 trap1 1 7 4" BEAT, 1) && ask("SELECT seq FROM heartbeat") == 4, "a newer one");
  ok(hand_in("HB1 trap1 1 7 3" BEAT, 1) && hand_in("HB1 trap1 1 7 4" BEAT, 1) &&
         ask("SELECT seq FROM heartbeat") == 4 && in.counts[COUNT_DUPLICATE] - before == 2,
     "an older one and the same say nothing");
  ok(hand_in("HB1 trap1 1 8 1" BEAT, 1) && ask("SELECT epoch FROM heartbeat") == 8,
     "one of a newer epoch");
  ok(hand_in("SB1 trap1 1 7 9010" GOOD, 1) && answer.len > 0, "which ends no epoch of reports");
  ok(hand_in("HB1 trap1 1 6 99" BEAT, 1) && ask("SELECT epoch FROM heartbeat") == 8,
     "one of an older epoch");
  ok(in.alarms[ALARM_GAP].count == 0, "no gap so far");
  ok(hand_in("HB1 trap1 1 8 2" BEAT " gaps=1 lastgap=1764000040", 1) &&
         in.alarms[ALARM_GAP].count == 1 && strcmp(in.alarms[ALARM_GAP].detector, "trap1") == 0,
     "a gap in its log is an alarm");
  ok(hand_in("HB1 trap1 1 8 3" BEAT " gaps=1 lastgap=1764000040", 1) &&
         in.alarms[ALARM_GAP].count == 1,
     "once");
  ok(hand_in("HB1 trap1 1 8 4" BEAT " gaps=1 lastgap=1764000049", 1) &&
         in.alarms[ALARM_GAP].count == 2,
     "another one after a restart of the reporter is one more");
  char text[INTAKE_TEXT];
  intake_alarm(&in, ALARM_GAP, text);
  is_text(
      span_str(text),
      "2 gaps in the log of detectors, the last by trap1: lines were deleted before they were read",
      "and names the detector");
}

static void test_rows(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    uint64_t before = in.counts[rows[i].moves];
    bool done_well = hand_in(rows[i].covered, rows[i].seed);
    ok(done_well && in.counts[rows[i].moves] - before == rows[i].by &&
           ask("SELECT count(*) FROM unread") == rows[i].unread,
       "%s", rows[i].name);
  }
  ok(ask("SELECT count(*) FROM unread WHERE text = '%01%FF%20%1B[2J'") == 1, "noise is escaped");
  ok(ask("SELECT sum(bots) FROM evidence WHERE detector = 'trap2'") == 1,
     "no detector reported for another");
  ok(ask("SELECT count(*) FROM listing") == 2, "neither loopback nor the future is listed");
}

static int64_t log_size(void) {
  char name[80];
  struct stat st;
  snprintf(name, sizeof name, "%s-wal", path);
  return stat(name, &st) == 0 ? st.st_size : -1;
}

/* Whatever is dropped or repeated writes nothing at all: the database's log does not grow. */
static void test_silence(void) {
  int64_t before = log_size();
  ok(hand_in("SB1 trap1 1 6 9004" GOOD, 1) && hand_in("SB1 trap1 1 5 9005" GOOD, 1) &&
         hand_in("SB1 trap1 1 6 9005" GOOD, 2) && before > 0 && log_size() == before,
     "drops write nothing");
  ok(hand_in("SB1 trap1 1 6 9005" GOOD, 1) && log_size() > before, "as a report does");
}

static void test_texts(void) {
  char text[INTAKE_TEXT];
  intake_counts(&in, text);
  ok(strstr(text, "datagrams 33, answers ") == text && strstr(text, ", below 1,"), "counters: %s",
     text);
  intake_alarm(&in, ALARM_FUTURE, text);
  ok(strstr(text, "1 reports from the future, the last about 192.0.2.9 by trap1:") == text, "%s",
     text);
  intake_alarm(&in, ALARM_NEVER, text);
  ok(strstr(text, "1 reports of bots on the never-list, the last about 127.0.0.1 by trap1") == text,
     "%s", text);
  intake_alarm(&in, ALARM_EPOCH, text);
  ok(strstr(text, "2 datagrams of an older epoch, by trap1 from 198.51.100.1: two") == text, "%s",
     text);
  intake_alarm(&in, ALARM_UNREAD, text);
  ok(strstr(text, "7 lines with a valid tag that cannot be read, by trap1:") == text, "%s", text);
}

int main(void) {
  start();
  test_rows();
  test_silence();
  test_texts();
  test_answers();
  test_repeats();
  test_heartbeats();
  test_rate();
  test_clone();
  test_notices();
  test_surplus();
  test_surplus_unread();
  store_close(in.store);
  registry_free(&registry);
  free(in.testimonies);
  char command[64];
  snprintf(command, sizeof command, "rm -rf %s", dir);
  return system(command) == 0 ? done() : 111;
}
