/* What a collector tells of itself: its counters, and what an alarm is about. */
#include "collect/intake.h"
#include <stdio.h>

static const char *const names[COUNTS] = {
    "datagrams", "answers", "heartbeats", "reports",   "unread",
    "future",    "never",   "oversize",   "malformed", "unknown",
    "wrong-tag", "epoch",   "duplicate",  "below",     "unanswered",
};

void intake_counts(const struct intake *in, char text[INTAKE_TEXT]) {
  size_t len = 0;
  for (int i = 0; i < COUNTS; i++)
    len += (size_t)snprintf(text + len, INTAKE_TEXT - len, "%s%s %llu", i ? ", " : "", names[i],
                            (unsigned long long)in->counts[i]);
}

void intake_alarm(const struct intake *in, enum alarm which, char text[INTAKE_TEXT]) {
  const struct alarm_state *a = &in->alarms[which];
  unsigned long long count = a->count;
  char ip[ADDR_TEXT_MAX + 1];
  ip[addr_format(ip, &a->ip)] = '\0';
  switch (which) {
  case ALARM_EPOCH:
    snprintf(text, INTAKE_TEXT,
             "%llu datagrams of an older epoch, by %s: two reporters of one name, or a replay",
             count, a->detector);
    break;
  case ALARM_FUTURE:
    snprintf(text, INTAKE_TEXT,
             "%llu reports from the future, the last about %s by %s: its clock or ours is wrong",
             count, ip, a->detector);
    break;
  case ALARM_NEVER:
    snprintf(text, INTAKE_TEXT, "%llu reports of bots on the never-list, the last about %s by %s",
             count, ip, a->detector);
    break;
  default:
    snprintf(text, INTAKE_TEXT,
             "%llu lines with a valid tag that cannot be read, by %s: see table unread", count,
             a->detector);
  }
}
