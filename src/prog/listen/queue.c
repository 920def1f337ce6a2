/* Refuses connections before the session log loses lines that were not read. */
#include "prog/listen/listen.h"
#include "sys/clock.h"
#include "sys/diag.h"
#include <errno.h>
#include <sys/ioctl.h>

#define CHECK_MS       1000  /* between two checks of the session log */
#define REPORT_MS      60000 /* between two messages about it */
#define LINE_BYTES_MAX 4122  /* of a session line in the log, with LF and TAI64N label */

/* LOGDIR and CHECKPOINTS must both be set, or neither. An empty value counts as not set. */
void queue_open(struct server *s, const char *dir, const char *checkpoints) {
  struct log_queue *q = &s->queue;
  if (!*dir && !*checkpoints) return;
  if (!*dir || !*checkpoints) diag_permanent("LOGDIR and CHECKPOINTS must be set together");
  if (q->wanted >= logroom_kept(&q->log.limits))
    diag_permanent("LOG_ROOM must be less than what the logger keeps, which follows from "
                   "LOG_FILES, LOG_SIZE and LOG_TOTAL");
  char *copy = strdup(checkpoints); /* cut into paths, and kept */
  if (!copy) diag_system("unable to read CHECKPOINTS");
  if (!logwatch_open(&q->log, dir, copy))
    diag_permanent("malformed CHECKPOINTS=", checkpoints, ": want 1 to 16 files");
  q->watched = true;
}

/* What handlers have written and the logger has not read yet. */
static uint64_t bytes_in_pipe(void) {
  struct stat st;
  int bytes = 0;
  if (fstat(1, &st) != 0 || !S_ISFIFO(st.st_mode) || ioctl(1, FIONREAD, &bytes) != 0) return 0;
  return (uint64_t)bytes;
}

/* Each running handler will write a line. The lines in the pipe get labels, so they count twice. */
static uint64_t handlers_with_room(const struct log_queue *q, uint64_t held, uint64_t in_pipe) {
  uint64_t kept_free = q->wanted + 2 * in_pipe;
  uint64_t lines = q->log.room > kept_free ? (q->log.room - kept_free) / LINE_BYTES_MAX : 0;
  return lines > held ? lines - held : 0;
}

static void report_full(struct server *s) {
  static const char *const why[] = {
      [LOGWATCH_AT] = "",
      [LOGWATCH_NONE] = ", which does not exist",
      [LOGWATCH_MALFORMED] = ", which is malformed",
      [LOGWATCH_GONE] = ", whose position is not in the log",
  };
  struct log_queue *q = &s->queue;
  char refused[NUMBER_MAX + 1], room[NUMBER_MAX + 1], wanted[NUMBER_MAX + 1], held[NUMBER_MAX + 1];
  uint32_t live = peertable_state(&s->listener.peertable).live;
  uint64_t occurred, count = s->listener.counters.count[COUNTER_QUEUE];
  if (count == q->refused || !errors_can_write(2)) return;
  if (!ratelimit_allow(&q->full, s->now, REPORT_MS, &occurred)) return;
  log_warning("refused ", format_number(refused, count - q->refused),
              " connections: the session log has room for ", format_number(room, q->log.room),
              " bytes before it loses lines that were not read, LOG_ROOM is ",
              format_number(wanted, q->wanted), ", and ", format_number(held, live),
              " sessions run; the slowest reader has the checkpoint ",
              q->log.checkpoint[q->log.slowest].path, why[q->log.state]);
  q->refused = count;
  q->reported_full = true;
}

static void report_room(struct server *s) {
  struct log_queue *q = &s->queue;
  char refused[NUMBER_MAX + 1], room[NUMBER_MAX + 1];
  uint64_t count = s->listener.counters.count[COUNTER_QUEUE];
  if (!q->reported_full || q->log.room < q->wanted || !errors_can_write(2)) return;
  log_info("accepting connections again: the session log has room for ",
           format_number(room, q->log.room),
           " bytes (refused since: ", format_number(refused, count - q->refused), ")");
  q->refused = count;
  q->reported_full = false;
}

/* The counters are read before the log: a handler that ends meanwhile is counted twice, not missed. */
static enum logwatch_result set_limit(struct server *s) {
  struct log_queue *q = &s->queue;
  uint64_t started = s->listener.counters.count[COUNTER_STARTED];
  uint64_t held = peertable_state(&s->listener.peertable).live, in_pipe = bytes_in_pipe();
  enum logwatch_result result = logwatch_check(&q->log);
  q->checked_at = s->now;
  listener_allow(&s->listener, result == LOGWATCH_ERROR
                                   ? s->listener.handlers_allowed
                                   : started + handlers_with_room(q, held, in_pipe));
  return result;
}

/* With the privileges and the root of later checks: what cannot be read now never can be. */
void queue_check_first(struct server *s) {
  if (!s->queue.watched) return;
  s->now = clock_monotonic_ms();
  enum logwatch_result result = set_limit(s);
  if (result == LOGWATCH_ERROR) diag_system("unable to read LOGDIR or CHECKPOINTS");
  if (result == LOGWATCH_NO_LOG) log_warning("LOGDIR does not exist yet");
}

void queue_check(struct server *s) {
  struct log_queue *q = &s->queue;
  if (!q->watched) return;
  if (s->now - q->checked_at < CHECK_MS && !listener_limit_is_wanted(&s->listener)) return;
  switch (set_limit(s)) {
  case LOGWATCH_SEEN: break;
  case LOGWATCH_NO_LOG: errors_warn(&q->failed, s->now, "LOGDIR does not exist yet", 0); break;
  case LOGWATCH_ERROR:
    errors_warn(&q->failed, s->now, "unable to read LOGDIR or CHECKPOINTS", errno);
    break;
  }
  report_full(s);
  report_room(s);
}
