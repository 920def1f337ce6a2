/* The status line, and messages to the service manager. */
#include "prog/listen/listen.h"
#include "sys/diag.h"

#define NOTIFY_MS 10000 /* between two reports to the service manager */

/* The peertable is read first. A handler is counted before it leaves the peertable, so none is
   missing from both. */
struct span status_text(struct server *s, char *buf) {
  struct peertable_state peertable = peertable_state(&s->listener.peertable);
  size_t len = counters_format(&s->listener.counters, &peertable, buf);
  buf[len] = '\0';
  return span_of(buf, len);
}

void status_log(struct server *s) {
  char text[COUNTERS_TEXT_MAX + 1];
  s->status_due = !errors_can_write(2);
  if (s->status_due) return;
  status_text(s, text);
  errors_log(s); /* so that what the status counts has been logged */
  log_info(text);
}

void status_notify(struct server *s, const char *state) {
  char text[COUNTERS_TEXT_MAX + 64] = "";
  size_t len = strlen(state);
  if (s->notify.fd < 0) return;
  memcpy(text, state, len);
  memcpy(text + len, "STATUS=", 7);
  status_text(s, text + len + 7);
  notify_send(&s->notify, text);
  s->next_notify = s->now + NOTIFY_MS;
}
