/* Warns if descriptor 1 takes no lines. */
#include "prog/listen/listen.h"
#include "sys/diag.h"

#define CHECK_MS      1000
#define STALL_SECONDS 3 /* that descriptor 1 must be full before it is reported */

static void report_stall(struct server *s) {
  char seconds[NUMBER_MAX + 1], held[NUMBER_MAX + 1];
  uint64_t occurred;
  if (!errors_can_write(2) || !ratelimit_allow(&s->stall.report, s->now, WARNING_MS, &occurred))
    return;
  log_warning(
      "descriptor 1 has taken no lines for ", format_number(seconds, s->stall.seconds),
      " seconds: the logger has stopped or is too slow, and finished handlers wait for it (",
      format_number(held, peertable_state(&s->listener.peertable).live), " connections are held)");
}

void stall_check(struct server *s) {
  struct stall *stall = &s->stall;
  char seconds[NUMBER_MAX + 1];
  if (s->now < stall->next_check) return;
  stall->next_check = s->now + CHECK_MS;
  if (!errors_can_write(1)) {
    listener_count(&s->listener, COUNTER_STALLED);
    if (++stall->seconds >= STALL_SECONDS) report_stall(s);
    return;
  }
  if (stall->seconds >= STALL_SECONDS && errors_can_write(2))
    log_info("descriptor 1 takes lines again, after ", format_number(seconds, stall->seconds),
             " seconds");
  stall->seconds = 0;
}
