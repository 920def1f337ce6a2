/* What a collector tells of itself: its counters, and what an alarm is about. */
#include "base/utc.h"
#include "collect/intake.h"
#include <stdio.h>

static const char *const names[COUNTS] = {
    [COUNT_DATAGRAMS] = "datagrams",   [COUNT_ANSWERS] = "answers",
    [COUNT_HEARTBEATS] = "heartbeats", [COUNT_REPORTS] = "reports",
    [COUNT_UNREAD] = "unread",         [COUNT_FUTURE] = "future",
    [COUNT_NEVER] = "never",           [COUNT_QUARANTINED] = "quarantined",
    [COUNT_REFUSED] = "refused",       [COUNT_REVOKED] = "revoked",
    [COUNT_OVERSIZE] = "oversize",     [COUNT_MALFORMED] = "malformed",
    [COUNT_UNKNOWN] = "unknown",       [COUNT_TAG] = "wrong-tag",
    [COUNT_EPOCH] = "epoch",           [COUNT_DUPLICATE] = "duplicate",
    [COUNT_BELOW] = "below",           [COUNT_UNANSWERED] = "unanswered",
};

void intake_counts(const struct intake *in, char text[INTAKE_TEXT]) {
  size_t len = 0;
  for (int i = 0; i < COUNTS; i++)
    len += (size_t)snprintf(text + len, INTAKE_TEXT - len, "%s%s %llu", i ? ", " : "", names[i],
                            (unsigned long long)in->counts[i]);
  snprintf(text + len, INTAKE_TEXT - len, ", frozen %d", in->breaker.frozen_at != 0);
}

void intake_alarm(const struct intake *in, enum alarm which, char text[INTAKE_TEXT]) {
  const struct alarm_state *a = &in->alarms[which];
  unsigned long long count = a->count;
  char ip[ADDR_TEXT_MAX + 1], since[UTC_TEXT + 1];
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
  case ALARM_CANARY:
    snprintf(text, INTAKE_TEXT,
             "%llu reports of canaries, the last about %s by %s: it errs or lies", count, ip,
             a->detector);
    break;
  case ALARM_QUARANTINE:
    snprintf(text, INTAKE_TEXT,
             "%llu detectors over their rate are in quarantine now, the last %s: see"
             " sinbin-detector(1)",
             count, a->detector);
    break;
  case ALARM_FROZEN:
    snprintf(text, INTAKE_TEXT,
             "too many new listings in an hour: none begins for an hour from %s, %llu were refused"
             " so far; see sinbin-detector(1)",
             utc_format(since, in->breaker.frozen_at), (unsigned long long)in->breaker.refused);
    break;
  case ALARM_GAP:
    snprintf(
        text, INTAKE_TEXT,
        "%llu gaps in the log of detectors, the last by %s: lines were deleted before they were"
        " read",
        count, a->detector);
    break;
  default:
    snprintf(text, INTAKE_TEXT,
             "%llu lines with a valid tag that cannot be read, by %s: see table unread", count,
             a->detector);
  }
}
