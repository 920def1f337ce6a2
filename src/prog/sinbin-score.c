/* sinbin-score: appends sins, score and verdict to the session lines that pass through it. */
#include "sys/clock.h"
#include "sys/diag.h"
#include "sys/fileid.h"
#include "sys/filter.h"
#include "sys/pipewait.h"
#include "sys/privileges.h"
#include "sys/signals.h"
#include "sys/systemerror.h"
#include "sys/wholelines.h"
#include "base/number.h"
#include "line/unreadmark.h"
#include "rule/database.h"
#include "score/counts.h"
#include "score/explain.h"
#include "score/score.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define SYNOPSIS        "[-d | -n | -c OLD.cdb] RULES.cdb"
#define INPUT_CAP       262144          /* a longer line is dropped */
#define OUTPUT_CAP      (2 * INPUT_CAP) /* whole lines, and one that is not complete yet */
#define TEXT_CAP        (LINE_BYTES_MAX - SCORE_TEXT_MAX) /* a longer line is not scored */
#define CHECK_EVERY_MS  1000 /* how often to check whether the database was replaced */
#define UNREADMARK_NAME "score"

enum mode { MODE_FILTER, MODE_EXPLAIN, MODE_COUNT, MODE_BACKTEST };

struct config {
  enum mode mode;
  const char *rules;
  const char *old_rules; /* for MODE_BACKTEST */
};

struct loaded_rules {
  const char *path;
  struct rules rules;
  struct fileid id; /* of the file that was opened last */
  int64_t checked;
  bool warned; /* the file was replaced, but the new one cannot be opened; it is tried again */
};

struct scorer {
  const struct config *config;
  struct loaded_rules now, old;
  struct judgement judgement, old_judgement;
  struct counts counts;
  struct filter in;
  size_t out_len;
  char out[OUTPUT_CAP];
};

static volatile sig_atomic_t stopping;
static int null_fd = -1; /* /dev/null */

/* A signal just before a read would not interrupt it. With /dev/null as standard input the read
   finds the end of the input, whenever it begins. */
static void on_term(int signal) {
  int saved = errno;
  (void)signal;
  stopping = 1;
  dup2(null_fd, 0);
  errno = saved;
}

static void set_signals(void) {
  struct sigaction term = {.sa_handler = on_term};
  null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null_fd < 0) diag_system("unable to open /dev/null");
  signals_ignore_write();
  sigaction(SIGTERM, &term, NULL);
  sigaction(SIGINT, &term, NULL);
}

/* ---- the rules ---- */

static enum database load_rules(const char *path, struct rules *rules, struct fileid *id,
                                const char **bad) {
  struct table table;
  *bad = NULL;
  enum database result = database_open(&table, path, id);
  errno = result == DATABASE_OPEN ? 0 : errno;
  if (result != DATABASE_OPEN || rules_load(rules, &table, bad)) return result;
  int error = errno;
  table_close(&table);
  errno = error;
  return error == ENOMEM ? DATABASE_UNREADABLE : DATABASE_DAMAGED;
}

static void open_rules(struct loaded_rules *f, const char *path) {
  const char *bad;
  f->path = path;
  f->checked = clock_monotonic_ms();
  switch (load_rules(path, &f->rules, &f->id, &bad)) {
  case DATABASE_OPEN: return;
  case DATABASE_UNREADABLE:
    diag_exit(systemerror_is_temporary(errno) ? EXIT_TEMPORARY : EXIT_PERMANENT, errno,
              diag_parts("unable to open ", path));
  case DATABASE_DAMAGED:
    if (bad) diag_permanent(path, ": missing or malformed weight or threshold: ", bad);
    diag_permanent(path, ": not a sinbin-rules database, or damaged");
  }
}

static void use_rules(struct loaded_rules *f, const struct rules *fresh) {
  rules_close(&f->rules);
  f->rules = *fresh;
  log_info("new rules ", fresh->table.version);
}

/* If the new file cannot be used, the old rules stay, and one warning is logged. */
static void reload_if_replaced(struct loaded_rules *f) {
  struct fileid id;
  struct rules fresh;
  const char *bad;
  int64_t now = clock_monotonic_ms();
  if (now < f->checked + CHECK_EVERY_MS) return;
  f->checked = now;
  if (!fileid_of_path(f->path, &id) || fileid_is_unchanged(&id, &f->id)) return;
  enum database result = load_rules(f->path, &fresh, &id, &bad);
  if (result == DATABASE_UNREADABLE) {
    if (!f->warned) log_warning_errno("unable to open the new ", f->path);
    f->warned = true;
    return;
  }
  if (result == DATABASE_OPEN) use_rules(f, &fresh);
  else
    log_warning("the new ", f->path, " is not a sinbin-rules database, or damaged: keeping rules ",
                f->rules.table.version);
  f->warned = false;
  f->id = id;
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

/* Keeps a line that is not complete yet. */
static void flush_lines(struct scorer *s) {
  struct span text = span_of(s->out, s->out_len);
  size_t last = span_find_last(text, '\n');
  if (last == text.len) return;
  struct span rest = span_from(text, last + 1);
  if (!wholelines_write(1, span_head(text, last + 1))) fail_write();
  memmove(s->out, rest.s, rest.len);
  s->out_len = rest.len;
}

/* Makes room for `need` bytes of output and returns their place. */
static char *reserve(struct scorer *s, size_t need) {
  if (need > sizeof s->out - s->out_len) flush_lines(s);
  return s->out + s->out_len;
}

static void put(struct scorer *s, struct span text) {
  char *at = reserve(s, text.len);
  if (text.len) memcpy(at, text.s, text.len);
  s->out_len += text.len;
}

static void put_line(struct scorer *s, struct span line) {
  put(s, line);
  put(s, span_of("\n", 1));
}

/* ---- lines ---- */

enum input_kind {
  INPUT_SESSION,
  INPUT_OTHER,  /* of another kind, or a diagnostic */
  INPUT_MARKED, /* an earlier program could not read it and has marked it */
  INPUT_MALFORMED,
  INPUT_LONG,
};

/* A line of the input. It is parsed once, by parse_input. */
struct input {
  enum input_kind kind;
  struct span text;           /* without LF, and without the mark of an earlier sinbin-score */
  struct sessionline session; /* of INPUT_SESSION */
  struct span bad;            /* the piece that could not be read */
};

static enum input_kind decode_input(struct input *in) {
  bool fits = in->text.len < TEXT_CAP;
  in->bad = span_str("too-long");
  if (fits && sessionline_decode(in->text, &in->session, &in->bad))
    return in->session.is_marked ? INPUT_MARKED : INPUT_SESSION;
  if (field_line_is_passthrough(in->text, SESSION_KIND))
    return unreadmark_is_set(in->text) ? INPUT_MARKED : INPUT_OTHER;
  return fits ? INPUT_MALFORMED : INPUT_LONG;
}

static void parse_input(struct input *in, struct span text) {
  in->text = unreadmark_strip(text, UNREADMARK_NAME);
  in->kind = decode_input(in);
}

static bool is_session_of_any_version(struct span line) {
  struct span label, kind, fields;
  return field_line_open(line, &label, &kind, &fields) && span_starts_nocase(kind, "session");
}

/* Passes the line on whole. If it should be a session line, it is marked. */
static void put_unread(struct scorer *s, const struct input *in) {
  char mark[UNREADMARK_TEXT_MAX];
  bool failed = in->kind == INPUT_MALFORMED || in->kind == INPUT_LONG;
  put(s, in->text);
  if (failed && is_session_of_any_version(in->text))
    put(s, span_of(mark, unreadmark_format(UNREADMARK_NAME, in->bad, mark)));
  put(s, span_of("\n", 1));
}

static void pass_unread(struct scorer *s, const struct input *in) {
  if (in->kind == INPUT_MARKED) s->in.unread++;
  if (in->kind == INPUT_MALFORMED) filter_warn(&s->in, in->bad, "malformed session line at");
  if (in->kind == INPUT_LONG) filter_warn(&s->in, in->text, "too long");
  if (s->config->mode == MODE_FILTER) put_unread(s, in);
}

static void judge(const struct input *in, const struct loaded_rules *f, struct judgement *out) {
  if (!score_line(&in->session, &f->rules, out)) diag_permanent(f->path, ": damaged database");
}

static void put_scored(struct scorer *s, const struct input *in) {
  char *at = reserve(s, in->text.len + SCORE_TEXT_MAX);
  size_t len = in->text.len;
  if (score_is_on(&in->session)) len = score_strip(in->text, at);
  else memcpy(at, in->text.s, in->text.len);
  s->out_len += len + score_format(&s->judgement, at + len);
}

static void put_explained(struct scorer *s) {
  char *at = reserve(s, EXPLAIN_TEXT_MAX);
  s->out_len += explain_line(&s->judgement, at);
}

static void put_backtest(struct scorer *s, const struct input *in) {
  char old[NUMBER_MAX];
  judge(in, &s->old, &s->old_judgement);
  counts_compare(&s->counts, &s->old_judgement, &s->judgement);
  if (s->old_judgement.verdict == s->judgement.verdict) return;
  put_scored(s, in);
  put(s, span_str(" oldscore="));
  put(s, span_of(old, score_format_number(old, s->old_judgement.total.score)));
  put(s, span_str(" oldverdict="));
  put_line(s, span_str(verdict_name(s->old_judgement.verdict)));
}

static void handle_line(struct scorer *s, struct span text) {
  struct input in;
  parse_input(&in, text);
  if (in.kind != INPUT_SESSION) {
    pass_unread(s, &in);
    return;
  }
  reload_if_replaced(&s->now);
  judge(&in, &s->now, &s->judgement);
  switch (s->config->mode) {
  case MODE_FILTER:
    put_scored(s, &in);
    put(s, span_of("\n", 1));
    break;
  case MODE_EXPLAIN: put_explained(s); break;
  case MODE_COUNT: counts_add(&s->counts, &s->judgement); break;
  case MODE_BACKTEST: put_backtest(s, &in); break;
  }
}

/* A last line without LF is passed on unchanged; its writer died. After a signal we ended the input
   ourselves, and the line is left out. */
static void handle_partial(struct scorer *s, struct span text) {
  if (stopping) return;
  filter_warn(&s->in, text, "no line end");
  if (s->config->mode == MODE_FILTER) put(s, text);
}

static void run(struct scorer *s) {
  struct span text;
  for (;;) {
    if (!linereader_ready(&s->in.in)) {
      flush(s);
      if (stopping) return;
      if (!pipewait_input(0, 1)) pipewait_leave();
    }
    switch (filter_next(&s->in, &text)) {
    case FILTER_LINE: handle_line(s, text); break;
    case FILTER_PARTIAL: handle_partial(s, text); break;
    case FILTER_AGAIN: break;
    case FILTER_END: return;
    }
  }
}

static void finish(struct scorer *s) {
  char *at = reserve(s, COUNTS_TEXT_MAX);
  s->counts.unread = s->in.unread;
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
  open_rules(&scorer.now, config.rules);
  if (config.old_rules) open_rules(&scorer.old, config.old_rules);
  set_signals();
  filter_init(&scorer.in, input, sizeof input);
  run(&scorer);
  finish(&scorer);
  return EXIT_DONE;
}
