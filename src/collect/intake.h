/* intake.h: what a collector does with a datagram, from its bytes to evidence, listings and an
   answer.

   The input is untrusted bytes from the network. First the tag is computed: with the key of the
   detector, or with a random key if the detector or its key generation is unknown, so that the work
   before a drop is the same. Only then are the lines read. What is dropped changes only a counter.

     condition                                      result
     wrong form, oversize                           the datagram is dropped
     unknown detector or key generation, wrong tag  the datagram is dropped, and a notice
     an older epoch                                 the datagram is dropped, and an alarm
     a newer epoch                                  the replay window is emptied
     a heartbeat, the newest                        stored; not answered
     number in the window, the same report          the line is dropped, and answered
     number in the window, another report           the line is refused, and an alarm
     number below the window, or far ahead of it    the line is refused, and an alarm
     a line that cannot be read                     stored as unread, and answered by its number;
                                                    without a number it still counts for the
                                                    rate cap
     above the rate cap (ratecap.h)                 stored if this detector has evidence about the
                                                    address, otherwise only counted; decides
                                                    nothing, answered, and an alarm
     time more than 120 s ahead                     stored, decides nothing, answered, and an alarm
     the address is on the never-list, or a canary  stored, never listed, answered
     the detector is in quarantine, or learning     stored, decides nothing, answered
     the list has grown too fast (breaker.h)        stored, no new listing, answered

   intake_datagram returns the answer (answer.h), but the caller must not send it before
   intake_commit has written evidence, listings and windows to disk in one transaction: only what is
   on disk is answered. If every line of a datagram is refused, a refusal is returned instead. A
   datagram with nothing new, or refused, is answered at most ANSWERS_REPEATED times a second for
   each source address, port and first number. A bool result is false on an error of the store
   (store_error) or of the never-list (never_damaged). */
#ifndef SINBIN_COLLECT_INTAKE_H
#define SINBIN_COLLECT_INTAKE_H

#include "policy/breaker.h"
#include "policy/detector.h"
#include "rule/table.h"
#include "store/store.h"

#define ANSWERS_REPEATED 100
#define REPEATS          1024 /* a power of two */
#define CLOCK_SKEW       120  /* seconds that a detector's clock may be off without a notice */

enum count {
  COUNT_DATAGRAMS,  /* all that were received */
  COUNT_ANSWERS,    /* answers and refusals */
  COUNT_HEARTBEATS, /* newer than the one before */
  COUNT_REPORTS,    /* stored as evidence */
  COUNT_UNREAD,
  COUNT_FUTURE,
  COUNT_NEVER, /* bot reports of never-listed addresses, and reports of canaries */
  COUNT_QUARANTINED,
  COUNT_CAPPED,
  COUNT_REFUSED, /* listings, because of a freeze */
  COUNT_REVOKED, /* rows of evidence */
  COUNT_OVERSIZE,
  COUNT_MALFORMED,
  COUNT_UNKNOWN,
  COUNT_TAG,
  COUNT_EPOCH,
  COUNT_DUPLICATE,
  COUNT_BELOW,
  COUNT_AHEAD,
  COUNT_OTHER,      /* the number belongs to another report */
  COUNT_UNANSWERED, /* datagrams with nothing new, above the limit of answers */
  COUNTS
};

/* What an operator should know, with the last example. */
enum alarm {
  ALARM_EPOCH,
  ALARM_BELOW,
  ALARM_AHEAD,
  ALARM_OTHER,
  ALARM_FUTURE,
  ALARM_NEVER,
  ALARM_CANARY,
  ALARM_CAPPED,
  ALARM_FROZEN, /* repeated while the freeze lasts; once for a network */
  ALARM_GAP,    /* a detector lost lines before they were read */
  ALARM_UNREAD,
  ALARMS
};

struct alarm_state {
  uint64_t count; /* since the program last logged it and set this to 0 */
  char detector[DETECTOR_MAX + 1];
  struct addr ip;    /* ALARM_FUTURE, ALARM_NEVER, ALARM_CANARY and ALARM_CAPPED */
  uint64_t seq;      /* ALARM_BELOW, ALARM_AHEAD and ALARM_OTHER: the number refused */
  struct addr from;  /* the source of that datagram; also ALARM_EPOCH */
  struct addr other; /* the source of the last new report */
};

/* What is most probably an error of configuration. Anyone can cause notices, so their number is
   limited. */
enum notice { NOTICE_NONE, NOTICE_TAG, NOTICE_KEYGEN, NOTICE_UNKNOWN, NOTICE_CLOCK };
#define NOTICES         16
#define NOTICES_UNKNOWN 4 /* of these, at most, about unknown detectors */

struct notice_state {
  enum notice kind;
  char detector[DETECTOR_MAX + 1];
  uint64_t count;
  struct addr from;
  uint64_t keygen; /* NOTICE_KEYGEN */
  int64_t behind;  /* NOTICE_CLOCK: seconds */
};

/* Answers to datagrams with nothing new, in the second `at`. */
struct repeats {
  int64_t at;
  uint32_t count;
};

struct intake {
  struct store *store;
  struct registry *registry;
  const struct table *rules; /* NULL: only the addresses built into decision.c are never listed */
  struct breaker breaker;    /* the program sets least, percent and network */
  int64_t thawed;            /* as given to decision_apply_orders */
  int64_t dropped_at;        /* when old additions were last removed from the store */
  bool never_damaged;
  uint64_t counts[COUNTS];
  struct alarm_state alarms[ALARMS];
  struct notice_state notices[NOTICES];
  uint64_t notices_left_out;
  struct repeats repeats[REPEATS];
  struct mac_key dummy_key;      /* random */
  struct siphash_key hash;       /* random */
  struct testimony *testimonies; /* room for DETECTORS_MAX */
};

/* A datagram, its source, and when it came (unix seconds). If it was cut to fit a buffer, it must
   still be longer than DATAGRAM_MAX. */
struct arrival {
  struct span datagram;
  struct addr from;
  uint16_t port;
  int64_t now;
};

/* Do not send an empty answer. */
bool intake_datagram(struct intake *in, const struct arrival *a, struct datagram *answer);
/* Stores the windows and ends the transaction, if there is one, or merges what is due
   (store_commit). at: monotonic milliseconds. */
bool intake_commit(struct intake *in, int64_t now, int64_t at);

/* Counts an alarm. ip: NULL, or the address that it is about. */
void intake_alarm_raise(struct intake *in, enum alarm which, const struct detector *d,
                        const struct addr *ip);
/* Counts a notice of that kind about that detector, and returns it; NULL: there are too many. */
struct notice_state *intake_notice_add(struct intake *in, enum notice kind, struct span detector,
                                       const struct addr *from);

/* One line each, NUL-terminated, without LF: all counters, an alarm, a notice. */
#define INTAKE_TEXT 1024
void intake_counts(const struct intake *in, char text[INTAKE_TEXT]);
void intake_alarm(const struct intake *in, enum alarm which, char text[INTAKE_TEXT]);
/* Formats the next notice and removes it. False: there is no more. */
bool intake_notice(struct intake *in, char text[INTAKE_TEXT]);

#endif
