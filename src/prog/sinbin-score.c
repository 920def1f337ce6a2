/* sinbin-score: appends sins, score and verdict to the session lines that pass through it. */
#include "sys/clock.h"
#include "base/escape.h"
#include "sys/diag.h"
#include "sys/fileid.h"
#include "sys/linereader.h"
#include "base/number.h"
#include "sys/pipewait.h"
#include "sys/privileges.h"
#include "sys/ratelimit.h"
#include "sys/signals.h"
#include "sys/systemerror.h"
#include "sys/wholelines.h"
#include "line/unreadmark.h"
#include "score/counts.h"
#include "score/explain.h"
#include "score/score.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define SYNOPSIS   "[-d | -n | -c OLD.cdb] RULES.cdb"
#define INPUT_CAP  262144          /* the longest line that can be passed on */
#define OUTPUT_CAP (2 * INPUT_CAP) /* whole lines, and one that is not whole yet */
#define LOOK_EVERY 1000 /* milliseconds between two looks whether the database was replaced */
#define WARN_EVERY 1000
#define BAD_MAX    48
#define MARK       "score" /* who could not read a line */

enum mode { MODE_FILTER, MODE_EXPLAIN, MODE_COUNT, MODE_BACKTEST };

struct config {
  enum mode mode;
  const char *rules;
  const char *old_rules; /* of MODE_BACKTEST */
};

struct database {
  const char *path;
  struct rules rules;
  struct fileid seen;
  int64_t looked;
  bool missed; /* a replacement that could not be opened, which is tried again */
};

struct scorer {
  const struct config *config;
  struct database now, old;
  struct judgement judgement, before;
  struct counts counts;
  struct linereader in;
  struct ratelimit unread;
  size_t out_len;
  char out[OUTPUT_CAP];
};

static volatile sig_atomic_t stopping;
static int nothing = -1; /* open on /dev/null */

/* A signal just before a read begins would not end it. With nothing in the place of the input the
   read, whenever it begins, finds the end. */
static void on_term(int signal) {
  int saved = errno;
  (void)signal;
  stopping = 1;
  dup2(nothing, 0);
  errno = saved;
}

static void set_signals(void) {
  struct sigaction term = {.sa_handler = on_term};
  nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing < 0) diag_system("unable to open /dev/null");
  signals_ignore_write();
  sigaction(SIGTERM, &term, NULL);
  sigaction(SIGINT, &term, NULL);
}

/* ---- the database ---- */

enum opened { OPENED, UNOPENED, DAMAGED };

static enum opened open_rules(const char *path, struct rules *rules, struct fileid *seen,
                              const char **bad) {
  struct table table;
  *bad = NULL;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return UNOPENED;
  if (!fileid_of_fd(fd, seen)) diag_system("unable to stat ", path);
  bool ours = table_open(&table, fd);
  int error = errno;
  close(fd);
  errno = error;
  if (!ours) return systemerror_is_temporary(error) ? UNOPENED : DAMAGED;
  if (rules_load(rules, &table, bad)) return OPENED;
  table_close(&table);
  return DAMAGED;
}

static void open_database(struct database *d, const char *path) {
  const char *bad;
  d->path = path;
  d->looked = clock_monotonic_ms();
  switch (open_rules(path, &d->rules, &d->seen, &bad)) {
  case OPENED: return;
  case UNOPENED:
    diag_exit(systemerror_is_temporary(errno) ? EXIT_TEMPORARY : EXIT_PERMANENT, errno,
              diag_parts("unable to open ", path));
  case DAMAGED:
    if (bad) diag_permanent(path, ": no weight or threshold, or a malformed one: ", bad);
    diag_permanent(path, ": no database of sinbin-rules, or a damaged one");
  }
}

/* A database that cannot be used does not replace one that can; it is complained of once. */
static void look_again(struct database *d) {
  struct fileid found;
  struct rules fresh;
  const char *bad;
  int64_t now = clock_monotonic_ms();
  if (now < d->looked + LOOK_EVERY) return;
  d->looked = now;
  if (!fileid_of_path(d->path, &found) || fileid_is_unchanged(&found, &d->seen)) return;
  enum opened result = open_rules(d->path, &fresh, &found, &bad);
  if (result == UNOPENED) {
    if (!d->missed) log_warning_errno("unable to open the new ", d->path);
    d->missed = true;
    return;
  }
  if (result == OPENED) {
    rules_close(&d->rules);
    d->rules = fresh;
    log_info("new rules ", fresh.table.version);
  } else {
    log_warning(d->path, " was replaced by a file that is no database: keeping rules ",
                d->rules.table.version);
  }
  d->missed = false;
  d->seen = found;
}

/* ---- output ---- */

static _Noreturn void fail_write(void) {
  if (errno == EPIPE) pipewait_leave();
  diag_system("unable to write");
}

static void flush(struct scorer *s) {
  if (!wholelines_write(1, span_of(s->out, s->out_len))) fail_write();
  s->out_len = 0;
}

/* A line that is not whole yet stays. */
static void flush_lines(struct scorer *s) {
  struct span text = span_of(s->out, s->out_len);
  size_t last = span_find_last(text, '\n');
  if (last == text.len) return;
  struct span rest = span_from(text, last + 1);
  if (!wholelines_write(1, span_head(text, last + 1))) fail_write();
  memmove(s->out, rest.s, rest.len);
  s->out_len = rest.len;
}

/* Room for a line and what is appended to it, in place. */
static char *reserve(struct scorer *s, size_t need) {
  if (need > sizeof s->out - s->out_len) flush_lines(s);
  return s->out + s->out_len;
}

static void emit(struct scorer *s, struct span text) {
  char *at = reserve(s, text.len);
  if (text.len) memcpy(at, text.s, text.len);
  s->out_len += text.len;
}

static void emit_line(struct scorer *s, struct span line) {
  emit(s, line);
  emit(s, span_of("\n", 1));
}

/* ---- lines ---- */

static void rule_error(struct scorer *s, struct span piece, const char *what) {
  uint64_t count;
  char number[NUMBER_MAX + 1], shown[3 * BAD_MAX + 1], more[NUMBER_MAX + 1];
  size_t used;
  s->counts.unread++;
  if (!ratelimit_allow(&s->unread, clock_monotonic_ms(), WARN_EVERY, &count)) return;
  number[number_format(number, s->in.number)] = '\0';
  more[number_format(more, s->counts.unread)] = '\0';
  shown[escape_put(shown, sizeof shown - 1, span_head(piece, BAD_MAX), ESCAPE_VALUE, &used)] = '\0';
  log_warning("standard input:", number, ": ", what, ": ", shown, " (", more, " so far)");
}

/* A session line is judged. Other kinds of lines are none of our business; one that another program
   could not read has been told by it, and is counted. */
static bool read_session(struct scorer *s, struct span text, struct sessionline *line,
                         struct span *bad) {
  bool fits = text.len < LINE_BYTES_MAX - SCORE_TEXT_MAX;
  *bad = span_str("too-long");
  if (fits && !unreadmark_is_set(text) && sessionline_decode(text, line, bad)) return true;
  if (field_line_is_passthrough(text, SESSION_KIND)) {
    *bad = span_of(NULL, 0);
    if (unreadmark_is_set(text)) s->counts.unread++;
  } else if (fits) {
    rule_error(s, *bad, "malformed session line at");
  } else {
    rule_error(s, text, "too long");
  }
  return false;
}

/* Kept whole, and marked where it was to be a session. */
static void put_unread(struct scorer *s, struct span text, struct span bad) {
  struct span label, kind, fields;
  char mark[UNREADMARK_TEXT_MAX];
  emit(s, text);
  if (bad.s && field_line_open(text, &label, &kind, &fields) && span_starts_nocase(kind, "session"))
    emit(s, span_of(mark, unreadmark_format(MARK, bad, mark)));
  emit(s, span_of("\n", 1));
}

static void judge(const struct sessionline *line, const struct database *d, struct judgement *out) {
  if (!score_line(line, &d->rules, out)) diag_permanent(d->path, ": damaged database");
}

static void put_scored(struct scorer *s, struct span text, const struct sessionline *line) {
  char *at = reserve(s, text.len + SCORE_TEXT_MAX);
  size_t len = text.len;
  if (score_is_on(line)) len = score_strip(text, at);
  else memcpy(at, text.s, text.len);
  len += score_format(&s->judgement, at + len);
  s->out_len += len;
}

static void put_explained(struct scorer *s) {
  char *at = reserve(s, EXPLAIN_TEXT_MAX);
  s->out_len += explain_line(&s->judgement, at);
}

static void put_backtest(struct scorer *s, struct span text, const struct sessionline *line) {
  char old[NUMBER_MAX];
  judge(line, &s->old, &s->before);
  counts_compare(&s->counts, &s->before, &s->judgement);
  if (s->before.verdict == s->judgement.verdict) return;
  put_scored(s, text, line);
  emit(s, span_str(" oldscore="));
  emit(s, span_of(old, score_format_number(old, s->before.tally.score)));
  emit(s, span_str(" oldverdict="));
  emit_line(s, span_str(verdict_name(s->before.verdict)));
}

static void take_line(struct scorer *s, struct span text) {
  struct sessionline line;
  enum mode mode = s->config->mode;
  struct span bad;
  text = unreadmark_strip(text, MARK);
  if (!read_session(s, text, &line, &bad)) {
    if (mode == MODE_FILTER) put_unread(s, text, bad);
    return;
  }
  look_again(&s->now);
  judge(&line, &s->now, &s->judgement);
  switch (mode) {
  case MODE_FILTER:
    put_scored(s, text, &line);
    emit(s, span_of("\n", 1));
    break;
  case MODE_EXPLAIN: put_explained(s); break;
  case MODE_COUNT: counts_add(&s->counts, &s->judgement); break;
  case MODE_BACKTEST: put_backtest(s, text, &line); break;
  }
}

/* What is left of a line whose writer died is passed on as it came, for the next reader to judge;
   on a stop it is the input that we took away ourselves. */
static void take_rest(struct scorer *s, struct span text) {
  if (stopping) return;
  rule_error(s, text, "no line end");
  if (s->config->mode == MODE_FILTER) emit(s, text);
}

static void filter(struct scorer *s) {
  struct span text;
  for (;;) {
    if (!linereader_ready(&s->in)) {
      flush(s);
      if (stopping) return;
      if (!pipewait_input(0, 1)) pipewait_leave();
    }
    switch (linereader_next(&s->in, &text)) {
    case LINE_READER_LINE: take_line(s, text); break;
    case LINE_READER_PARTIAL: take_rest(s, text); break;
    case LINE_READER_LONG: rule_error(s, text, "too long, dropped"); break;
    case LINE_READER_AGAIN: break;
    case LINE_READER_END: return;
    case LINE_READER_ERROR: diag_system("unable to read");
    }
  }
}

static void finish(struct scorer *s) {
  char *at = reserve(s, COUNTS_TEXT_MAX);
  if (s->config->mode == MODE_COUNT) s->out_len += counts_format(&s->counts, at);
  if (s->config->mode == MODE_BACKTEST) s->out_len += counts_format_moved(&s->counts, at);
  flush(s);
}

/* ---- start ---- */

static _Noreturn void usage(void) {
  diag_usage(SYNOPSIS);
}

static struct config parse_options(int argc, char **argv) {
  struct config c = {.mode = MODE_FILTER};
  int option;
  opterr = 0;
  while ((option = getopt(argc, argv, "dnc:")) != -1) {
    if (c.mode != MODE_FILTER || option == '?') usage();
    if (option == 'd') c.mode = MODE_EXPLAIN;
    if (option == 'n') c.mode = MODE_COUNT;
    if (option == 'c') {
      c.mode = MODE_BACKTEST;
      c.old_rules = optarg;
    }
  }
  if (argc - optind != 1) usage();
  c.rules = argv[optind];
  return c;
}

int main(int argc, char **argv) {
  static struct scorer scorer;
  static char input[INPUT_CAP];
  diag_start(argc, argv, SYNOPSIS);
  const struct config config = parse_options(argc, argv);
  if (config.mode == MODE_FILTER) privileges_refuse_root(PRIVILEGES_OWN_USER);
  scorer.config = &config;
  open_database(&scorer.now, config.rules);
  if (config.old_rules) open_database(&scorer.old, config.old_rules);
  set_signals();
  linereader_init(&scorer.in, 0, input, sizeof input);
  filter(&scorer);
  finish(&scorer);
  return EXIT_DONE;
}
