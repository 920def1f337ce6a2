/* intake.h: what a collector does with a datagram, from its bytes to evidence, listings and an
   answer.

   Untrusted bytes from the network come in. First the tag is computed, with the detector's key or,
   for a detector or key generation nobody knows, with a key nobody has, so that the work before a
   drop is the same. Only then is a line looked at. What is dropped changes nothing but a counter.

     wrong form, oversize, unknown, wrong tag       the datagram is dropped
     an older epoch                                 the datagram is dropped, and an alarm
     a newer epoch                                  the replay window starts afresh
     a heartbeat that is the newest                 stored; not answered
     number in the window, or below it              the line is dropped, and answered
     a line that cannot be read                     stored as unread, and answered by its number;
                                                    without one it counts for the rate cap all the
                                                    same
     time more than 120 s ahead                     stored, decides nothing, answered
     the address is on the never-list, or a canary  stored, never listed, answered
     the detector is in quarantine, or learns       stored, decides nothing, answered
     the list has grown too fast (breaker.h)        stored, no new listing, answered

   An answer (answer.h) comes out with the datagram, but is to be sent only after intake_commit has
   put evidence, listings and windows on the disk, in one transaction. A datagram without news is
   answered at most ANSWERS_REPEATED times a second for each detector. Functions return false on an
   error of the store (store_error) or of the never-list (never_damaged). */
#ifndef SINBIN_COLLECT_INTAKE_H
#define SINBIN_COLLECT_INTAKE_H

#include "collect/breaker.h"
#include "collect/detector.h"
#include "collect/store.h"
#include "rule/table.h"

#define ANSWERS_REPEATED 100

enum count {
  COUNT_DATAGRAMS,  /* all that came */
  COUNT_ANSWERS,    /* all that is said */
  COUNT_HEARTBEATS, /* that were the newest */
  COUNT_REPORTS,    /* taken as evidence */
  COUNT_UNREAD,
  COUNT_FUTURE,
  COUNT_NEVER, /* canaries, too */
  COUNT_QUARANTINED,
  COUNT_REFUSED, /* listings, by the breaker */
  COUNT_REVOKED, /* rows of evidence */
  COUNT_OVERSIZE,
  COUNT_MALFORMED,
  COUNT_UNKNOWN,
  COUNT_TAG,
  COUNT_EPOCH,
  COUNT_DUPLICATE,
  COUNT_BELOW,
  COUNT_UNANSWERED, /* datagrams without news beyond the limit */
  COUNTS
};

/* What an operator should hear of, with the last example. */
enum alarm {
  ALARM_EPOCH,
  ALARM_FUTURE,
  ALARM_NEVER,
  ALARM_CANARY,
  ALARM_QUARANTINE,
  ALARM_FROZEN, /* as long as it lasts */
  ALARM_GAP,    /* a detector lost lines before it read them */
  ALARM_UNREAD,
  ALARMS
};

struct alarm_state {
  uint64_t count; /* since the program last told; it sets it to 0 */
  char detector[DETECTOR_MAX + 1];
  struct addr ip; /* ALARM_FUTURE, ALARM_NEVER and ALARM_CANARY */
};

struct intake {
  struct store *store;
  struct registry *registry;
  const struct table *rules; /* NULL: only what ruling.h has built in is never listed */
  struct breaker breaker;    /* least and percent are the program's to set */
  int64_t frozen_saved;      /* what the store knows of it */
  bool never_damaged;
  uint64_t counts[COUNTS];
  struct alarm_state alarms[ALARMS];
  struct mac_key nobody;     /* random */
  struct witness *witnesses; /* room for DETECTORS_MAX */
};

/* A datagram that was cut to fit a buffer must still be longer than DATAGRAM_MAX. `now` is unix
   seconds; an answer that is empty is not to be sent. */
bool intake_datagram(struct intake *in, struct span datagram, int64_t now, struct datagram *answer);
/* Ends the transaction, if one runs, or merges what is due (store_commit); the windows are stored
   in it. `at` is monotonic milliseconds. */
bool intake_commit(struct intake *in, int64_t now, int64_t at);
/* What is to be done once detectors and rules were read anew: revokes what the operator wants gone,
   ends the listings that the never-list forbids, and counts for the breaker. thawed: the time of
   the operator's word that ends a freeze, or 0. What is done is not done again. */
bool intake_obey(struct intake *in, int64_t thawed, int64_t now);
/* Keeps the alarm of a freeze up; to be called again and again. */
void intake_watch(struct intake *in, int64_t now);

/* One line each, NUL-terminated, without LF: all counters, and what an alarm is about. */
#define INTAKE_TEXT 1024
void intake_counts(const struct intake *in, char text[INTAKE_TEXT]);
void intake_alarm(const struct intake *in, enum alarm which, char text[INTAKE_TEXT]);

#endif
