/* What an operator reads about the intake: counters, alarms and notices. */
#include "base/utc.h"
#include "collect/intake.h"
#include "policy/freeze.h"
#include <stdio.h>
#include <string.h>

/* ---- counters ---- */

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
    [COUNT_CAPPED] = "capped",         [COUNT_AHEAD] = "ahead",
    [COUNT_OTHER] = "other",
};

void intake_counts(const struct intake *in, char text[INTAKE_TEXT]) {
  size_t len = 0;
  for (int i = 0; i < COUNTS; i++)
    len += (size_t)snprintf(text + len, INTAKE_TEXT - len, "%s%s %llu", i ? ", " : "", names[i],
                            (unsigned long long)in->counts[i]);
  snprintf(text + len, INTAKE_TEXT - len, ", frozen %zu", in->breaker.freeze_count);
}

/* ---- alarms ---- */

void intake_alarm_raise(struct intake *in, enum alarm which, const struct detector *d,
                        const struct addr *ip) {
  struct alarm_state *alarm = &in->alarms[which];
  alarm->count++;
  memcpy(alarm->detector, d->name, sizeof alarm->detector);
  if (ip) alarm->ip = *ip;
}

#define SOURCES_TEXT 160

/* "from A", and the address of the last new report if it is another one. */
static void put_sources(const struct alarm_state *a, char out[SOURCES_TEXT]) {
  static const struct addr nowhere = {{0}};
  char from[ADDR_TEXT_MAX + 1], other[ADDR_TEXT_MAX + 1];
  from[addr_format(from, &a->from)] = '\0';
  other[addr_format(other, &a->other)] = '\0';
  bool two = addr_compare(&a->other, &nowhere) != 0 && addr_compare(&a->other, &a->from) != 0;
  snprintf(out, SOURCES_TEXT, "from %s%s%s", from, two ? ", whose last new report came from " : "",
           two ? other : "");
}

static void put_freeze(const struct intake *in, char text[INTAKE_TEXT]) {
  const struct freeze *f = breaker_worst(&in->breaker);
  char since[UTC_TEXT + 1], name[FREEZE_TEXT], only[FREEZE_TEXT + 32] = "";
  if (!f) {
    snprintf(text, INTAKE_TEXT, "too many new listings in an hour: the freeze has ended");
    return;
  }
  freeze_format(in->registry, f, name);
  if (f->kind == FREEZE_NETWORK) snprintf(only, sizeof only, ", in %s only", name);
  if (f->kind == FREEZE_DETECTOR)
    snprintf(only, sizeof only, ", by %s only", name + strlen(FREEZE_DETECTOR_PREFIX));
  snprintf(text, INTAKE_TEXT,
           "too many new listings in an hour: no listing begins for an hour from %s, %llu refused"
           " so far%s; freezes in force: %zu; see sinbin-detector(1)",
           utc_format(since, f->since), (unsigned long long)f->refused, only,
           in->breaker.freeze_count);
}

void intake_alarm(const struct intake *in, enum alarm which, char text[INTAKE_TEXT]) {
  const struct alarm_state *a = &in->alarms[which];
  unsigned long long count = a->count;
  unsigned long long seq = a->seq;
  char ip[ADDR_TEXT_MAX + 1], sources[SOURCES_TEXT];
  ip[addr_format(ip, &a->ip)] = '\0';
  put_sources(a, sources);
  switch (which) {
  case ALARM_EPOCH:
    snprintf(text, INTAKE_TEXT,
             "%llu datagrams of an older epoch, by %s %s: two reporters of one name, or a replay",
             count, a->detector, sources);
    break;
  case ALARM_OTHER:
    snprintf(text, INTAKE_TEXT,
             "%llu reports refused whose number another report has, the last number %llu, by %s %s:"
             " two reporters of one name and epoch, most probably a copied machine",
             count, seq, a->detector, sources);
    break;
  case ALARM_BELOW:
    snprintf(text, INTAKE_TEXT,
             "%llu reports refused with a number below the window, the last number %llu, by %s %s:"
             " an old checkpoint, two reporters of one name, or a replay",
             count, seq, a->detector, sources);
    break;
  case ALARM_AHEAD:
    snprintf(text, INTAKE_TEXT,
             "%llu reports refused with a number far ahead of all others, the last number %llu, by"
             " %s %s: its checkpoint is wrong, or someone else has its key",
             count, seq, a->detector, sources);
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
             "%llu reports of canaries, the last about %s by %s: it is wrong or lies", count, ip,
             a->detector);
    break;
  case ALARM_CAPPED:
    snprintf(text, INTAKE_TEXT,
             "%llu reports above the rate of their detector decide nothing, the last about %s by"
             " %s",
             count, ip, a->detector);
    break;
  case ALARM_GAP:
    snprintf(
        text, INTAKE_TEXT,
        "%llu gaps in the log of detectors, the last by %s: lines were deleted before they were"
        " read",
        count, a->detector);
    break;
  case ALARM_FROZEN: put_freeze(in, text); break;
  default:
    snprintf(text, INTAKE_TEXT,
             "%llu lines with a valid tag that cannot be read, by %s: see the table unread", count,
             a->detector);
  }
}

/* ---- notices ---- */

static bool is_notice(const struct notice_state *n, enum notice kind, struct span detector) {
  return n->kind == kind && span_equal(span_str(n->detector), detector);
}

/* Notices about unknown detectors may use only NOTICES_UNKNOWN of the entries. */
static struct notice_state *free_notice(struct intake *in, enum notice kind) {
  struct notice_state *found = NULL;
  int unknown = 0;
  for (int i = 0; i < NOTICES; i++) {
    if (in->notices[i].kind == NOTICE_NONE && !found) found = &in->notices[i];
    unknown += in->notices[i].kind == NOTICE_UNKNOWN;
  }
  return kind == NOTICE_UNKNOWN && unknown == NOTICES_UNKNOWN ? NULL : found;
}

struct notice_state *intake_notice_add(struct intake *in, enum notice kind, struct span detector,
                                       const struct addr *from) {
  struct notice_state *n = NULL;
  for (int i = 0; i < NOTICES && !n; i++)
    if (is_notice(&in->notices[i], kind, detector)) n = &in->notices[i];
  if (!n) {
    n = free_notice(in, kind);
    if (!n) {
      in->notices_left_out++;
      return NULL;
    }
    *n = (struct notice_state){.kind = kind};
    memcpy(n->detector, detector.s, detector.len);
  }
  n->count++;
  n->from = *from;
  return n;
}

static void put_notice(const struct notice_state *n, char text[INTAKE_TEXT]) {
  char from[ADDR_TEXT_MAX + 1];
  unsigned long long count = n->count;
  from[addr_format(from, &n->from)] = '\0';
  switch (n->kind) {
  case NOTICE_TAG:
    snprintf(text, INTAKE_TEXT,
             "%llu datagrams of %s from %s with a wrong tag: is its key the same here?", count,
             n->detector, from);
    break;
  case NOTICE_KEYGEN:
    snprintf(
        text, INTAKE_TEXT,
        "%llu datagrams of %s from %s with key generation %llu, which is not in its directory here",
        count, n->detector, from, (unsigned long long)n->keygen);
    break;
  case NOTICE_UNKNOWN:
    snprintf(text, INTAKE_TEXT, "%llu datagrams of %s from %s: there is no such detector", count,
             n->detector, from);
    break;
  default:
    snprintf(text, INTAKE_TEXT, "the clock of %s at %s is %llu seconds %s ours", n->detector, from,
             (unsigned long long)(n->behind < 0 ? -n->behind : n->behind),
             n->behind < 0 ? "ahead of" : "behind");
  }
}

bool intake_notice(struct intake *in, char text[INTAKE_TEXT]) {
  for (int i = 0; i < NOTICES; i++)
    if (in->notices[i].kind != NOTICE_NONE) {
      put_notice(&in->notices[i], text);
      in->notices[i].kind = NOTICE_NONE;
      return true;
    }
  if (in->notices_left_out == 0) return false;
  snprintf(text, INTAKE_TEXT,
           "%llu more datagrams with a wrong tag, an unknown name or key generation",
           (unsigned long long)in->notices_left_out);
  in->notices_left_out = 0;
  return true;
}
