/* intake.h: what a collector does with a datagram, from its bytes to evidence, listings and an
   answer.

   Untrusted bytes from the network come in. First the tag is computed, with the detector's key or,
   for a detector or key generation nobody knows, with a key nobody has, so that the work before a
   drop is the same. Only then is a line looked at. What is dropped changes nothing but a counter.

     wrong form, oversize                           the datagram is dropped
     unknown, wrong tag                             the datagram is dropped, and a notice
     an older epoch                                 the datagram is dropped, and an alarm
     a newer epoch                                  the replay window starts afresh
     a heartbeat that is the newest                 stored; not answered
     number in the window, the same report          the line is dropped, and answered
     number in the window, another report           the line is refused, and an alarm
     number below the window, or far ahead of it    the line is refused, and an alarm
     a line that cannot be read                     stored as unread, and answered by its number;
                                                    without one it counts for the rate cap all the
                                                    same
     more than the rate cap lets in (ratecap.h)     stored where there is evidence of this detector
                                                    about the address, else only counted; decides
                                                    nothing, answered, and an alarm
     time more than 120 s ahead                     stored, decides nothing, answered
     the address is on the never-list, or a canary  stored, never listed, answered
     the detector is in quarantine, or learns       stored, decides nothing, answered
     the list has grown too fast (breaker.h)        stored, no new listing, answered

   An answer (dnsresult.h) comes out with the datagram, but is to be sent only after intake_commit has
   put evidence, listings and windows on the disk, in one transaction: nothing is answered that is
   not there. Where every line of a datagram is refused, a refusal comes out in place of it. A
   datagram without news, or refused, is answered at most ANSWERS_REPEATED times a second for each
   place it comes from and first number in it. Functions return false on an error of the store
   (store_error) or of the never-list (never_damaged). */
#ifndef SINBIN_COLLECT_INTAKE_H
#define SINBIN_COLLECT_INTAKE_H

#include "policy/breaker.h"
#include "policy/detector.h"
#include "store/store.h"
#include "rule/table.h"

#define ANSWERS_REPEATED 100
#define REPEATS          1024 /* a power of two */
#define CLOCK_SKEW       120  /* seconds that a detector's clock may be off without a notice */

enum count {
  COUNT_DATAGRAMS,  /* all that came */
  COUNT_ANSWERS,    /* all that is said */
  COUNT_HEARTBEATS, /* that were the newest */
  COUNT_REPORTS,    /* taken as evidence */
  COUNT_UNREAD,
  COUNT_FUTURE,
  COUNT_NEVER, /* canaries, too */
  COUNT_QUARANTINED,
  COUNT_CAPPED,
  COUNT_REFUSED, /* listings, by the breaker */
  COUNT_REVOKED, /* rows of evidence */
  COUNT_OVERSIZE,
  COUNT_MALFORMED,
  COUNT_UNKNOWN,
  COUNT_TAG,
  COUNT_EPOCH,
  COUNT_DUPLICATE,
  COUNT_BELOW,
  COUNT_AHEAD,
  COUNT_OTHER,      /* under a number that another report has */
  COUNT_UNANSWERED, /* datagrams without news beyond the limit */
  COUNTS
};

/* What an operator should hear of, with the last example. */
enum alarm {
  ALARM_EPOCH,
  ALARM_BELOW,
  ALARM_AHEAD,
  ALARM_OTHER,
  ALARM_FUTURE,
  ALARM_NEVER,
  ALARM_CANARY,
  ALARM_CAPPED,
  ALARM_FROZEN, /* as long as it lasts; of a network, once */
  ALARM_GAP,    /* a detector lost lines before it read them */
  ALARM_UNREAD,
  ALARMS
};

struct alarm_state {
  uint64_t count; /* since the program last told; it sets it to 0 */
  char detector[DETECTOR_MAX + 1];
  struct addr ip;          /* ALARM_FUTURE, ALARM_NEVER, ALARM_CANARY and ALARM_CAPPED */
  uint64_t seq;            /* ALARM_BELOW, ALARM_AHEAD and ALARM_OTHER: the number, */
  struct addr from, other; /* where it came from, and where the last new report did */
};

/* What is the fault of a configuration, most probably. Anybody can cause them, so there are few. */
enum notice { NOTICE_NONE, NOTICE_TAG, NOTICE_KEYGEN, NOTICE_UNKNOWN, NOTICE_CLOCK };
#define NOTICES         16
#define NOTICES_UNKNOWN 4 /* of them, at most, about detectors that are not known */

struct notice_state {
  enum notice kind;
  char detector[DETECTOR_MAX + 1];
  uint64_t count;
  struct addr from;
  uint64_t keygen; /* NOTICE_KEYGEN */
  int64_t behind;  /* NOTICE_CLOCK: seconds */
};

/* Answers to what was known, in this second. */
struct repeats {
  int64_t at;
  uint32_t count;
};

struct intake {
  struct store *store;
  struct registry *registry;
  const struct table *rules; /* NULL: only what decision.h has built in is never listed */
  struct breaker breaker;    /* least, percent and network are the program's to set */
  int64_t thawed;            /* the operator's word, as intake_apply_orders had it */
  int64_t dropped_at;        /* when additions of before the hour were removed from the store */
  bool never_damaged;
  uint64_t counts[COUNTS];
  struct alarm_state alarms[ALARMS];
  struct notice_state notices[NOTICES];
  uint64_t notices_left_out;
  struct repeats repeats[REPEATS];
  struct mac_key dummy_key;    /* random */
  struct siphash_key hash;     /* random */
  struct testimony *witnesses; /* room for DETECTORS_MAX */
};

/* A datagram, where it came from, and when (unix seconds). One that was cut to fit a buffer must
   still be longer than DATAGRAM_MAX. */
struct arrival {
  struct span datagram;
  struct addr from;
  uint16_t port;
  int64_t now;
};

/* An answer that is empty is not to be sent. */
bool intake_datagram(struct intake *in, const struct arrival *a, struct datagram *answer);
/* Ends the transaction, if one runs, or merges what is due (store_commit); the windows are stored
   in it. `at` is monotonic milliseconds. */
bool intake_commit(struct intake *in, int64_t now, int64_t at);
/* What is to be done once detectors and rules were read anew: revokes what the operator wants gone,
   ends the listings that the never-list forbids, and counts for the breaker. thawed: the time of
   the operator's word that ends a freeze, or 0. What is done is not done again. */
bool intake_apply_orders(struct intake *in, int64_t thawed, int64_t now);
/* Keeps the alarm of a freeze up, and counts for the breaker anew after the clock was set back; to
   be called again and again. */
bool intake_refresh_freeze(struct intake *in, int64_t now);

/* One line each, NUL-terminated, without LF: all counters, what an alarm is about, and a notice. */
#define INTAKE_TEXT 1024
void intake_counts(const struct intake *in, char text[INTAKE_TEXT]);
void intake_alarm(const struct intake *in, enum alarm which, char text[INTAKE_TEXT]);
/* The next notice, which then is forgotten; false: there is none. */
bool intake_notice(struct intake *in, char text[INTAKE_TEXT]);

#endif
