/* intake.h: what a collector does with a datagram, from its bytes to evidence and listings.

   Untrusted bytes from the network come in. First the tag is computed, with the detector's key or,
   for a detector or key generation nobody knows, with a key nobody has, so that the work before a
   drop is the same. Only then is a line looked at. What is dropped changes nothing but a counter.

     wrong form, oversize, unknown, wrong tag, older epoch    the datagram is dropped
     a newer epoch                                            the replay window starts afresh
     number in the window, or below it                        the line is dropped
     a line that cannot be read                               stored as unread
     time more than 120 s ahead                               stored, decides nothing
     the address is on the never-list                         stored, never listed

   Evidence, listing and window go into one transaction, which intake_commit ends. Functions return
   false on an error of the store (store_error) or of the never-list (never_damaged). */
#ifndef SINBIN_COLLECT_INTAKE_H
#define SINBIN_COLLECT_INTAKE_H

#include "collect/detector.h"
#include "collect/store.h"
#include "rule/table.h"

enum count {
  COUNT_DATAGRAMS, /* all that came */
  COUNT_REPORTS,   /* taken as evidence */
  COUNT_UNREAD,
  COUNT_FUTURE,
  COUNT_NEVER,
  COUNT_OVERSIZE,
  COUNT_MALFORMED,
  COUNT_UNKNOWN,
  COUNT_TAG,
  COUNT_EPOCH,
  COUNT_DUPLICATE,
  COUNT_BELOW,
  COUNTS
};

/* What an operator should hear of, with the last example. */
enum alarm { ALARM_EPOCH, ALARM_FUTURE, ALARM_NEVER, ALARM_UNREAD, ALARMS };

struct alarm_state {
  uint64_t count; /* since the program last told; it sets it to 0 */
  char detector[DETECTOR_MAX + 1];
  struct addr ip; /* ALARM_FUTURE and ALARM_NEVER */
};

struct intake {
  struct store *store;
  struct registry *registry;
  const struct table *rules; /* NULL: only the loopback addresses are never listed */
  bool never_damaged;
  uint64_t counts[COUNTS];
  struct alarm_state alarms[ALARMS];
  struct mac_key nobody;     /* random */
  struct datagram answer;    /* to the last datagram */
  struct witness *witnesses; /* room for DETECTORS_MAX */
};

/* One that was cut to fit a buffer must still be longer than DATAGRAM_MAX. in->answer is then what
   to send once intake_commit was true, or empty. */
bool intake_datagram(struct intake *in, struct span datagram, int64_t now);
/* Ends the transaction, if one runs; the windows are stored in it. */
bool intake_commit(struct intake *in, int64_t now);
/* Ends the listings that the never-list, read anew, forbids. */
bool intake_sweep(struct intake *in, int64_t now);

/* One line each, NUL-terminated, without LF: all counters, and what an alarm is about. */
#define INTAKE_TEXT 512
void intake_counts(const struct intake *in, char text[INTAKE_TEXT]);
void intake_alarm(const struct intake *in, enum alarm which, char text[INTAKE_TEXT]);

#endif
