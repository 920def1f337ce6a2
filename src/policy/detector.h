/* detector.h: who may report, with which keys, and how far each is believed. Pure; the program
   reads the directory of detectors and adds what it finds.

   What a detector is believed is its weight, or nothing at all: while the operator has it in
   quarantine, and in its first days, if new detectors have to learn. It is worked out anew by
   registry_update_weights whenever time has passed or a detector has changed. How many of its reports are
   believed is ratecap.h's.

   A registry owns its array; names are copied in. Add all detectors, then sort once, then look up.
   Limits: DETECTORS_MAX detectors, DETECTOR_KEYS keys for each (key generations, so that a new key
   can be given out before the old one is taken away). A weight is text from 0 to 1 with at most
   three decimals, kept in thousandths. Detectors of one group count as one voice; the default group
   is the detector's own name. */
#ifndef SINBIN_POLICY_DETECTOR_H
#define SINBIN_POLICY_DETECTOR_H

#include "policy/ratecap.h"
#include "report/mac.h"
#include "report/replaywindow.h"

#define DETECTORS_MAX 1000
#define DETECTOR_KEYS 8

struct detector_key {
  uint64_t keygen;
  struct mac_key key;
};

/* The operator's word, unix seconds; 0: none. */
struct operator_orders {
  bool quarantine;
  int64_t released;      /* a later one than before gives it a full budget (ratecap.h) */
  int64_t revoked_since; /* evidence of then or later (store.h) is to go, */
  int64_t revoked_at;    /* once, by the order of that time */
  bool has_rate;         /* its own, in place of the one for all */
  int64_t rate;
};

/* What the store remembers of a detector beside its window, unix seconds; 0: never. */
struct detector_state {
  int64_t first;      /* report ever */
  int64_t revoked;    /* the order that was carried out last: its revoked_at */
  int64_t surplus;    /* reports that were acknowledged, and of which no more than this is kept */
  int64_t surplus_at; /* the last of them */
};

struct detector {
  char name[DETECTOR_MAX + 1], group[DETECTOR_MAX + 1];
  uint32_t weight;           /* thousandths */
  uint32_t effective_weight; /* the same, or 0 */
  struct operator_orders operator_orders;
  struct detector_state standing;
  struct ratecap cap;
  struct detector_key keys[DETECTOR_KEYS];
  size_t key_count;
  uint64_t epoch; /* the newest seen; 0: none yet */
  struct replaywindow window;
  bool changed; /* epoch or window, since they were last stored */
  bool standing_changed;
  uint64_t beat_epoch, beat_seq; /* the newest heartbeat */
  uint64_t lastgap;              /* the newest loss of lines that it has told of, unix seconds */
  struct addr heard_from;        /* where its last new report came from; all 0: nowhere yet */
};

struct registry {
  struct detector *detectors;
  size_t count;
  int64_t learning;    /* seconds that a new detector learns; 0: it does not */
  int64_t believed_at; /* the time of the last registry_update_weights */
};

/* False where there is no memory. */
bool registry_create(struct registry *r);
void registry_destroy(struct registry *r);

/* A new detector of weight 1 and its own group, without keys. NULL where the registry is full. The
   name is valid and not there yet. */
struct detector *registry_add(struct registry *r, struct span name);
void registry_sort(struct registry *r);
struct detector *registry_find(const struct registry *r, struct span name);

bool detector_is_quarantined(const struct detector *d);
/* One without a report yet learns as well; one whose first report is ahead of the clock does, too.
 */
bool detector_learns(const struct detector *d, int64_t learning, int64_t now);
/* Sets what each detector is believed. */
void registry_update_weights(struct registry *r, int64_t now);

bool detector_add_key(struct detector *d, const struct detector_key *key);
/* NULL where the detector is NULL or has no key of that generation. */
const struct mac_key *detector_find_key(const struct detector *d, uint64_t keygen);
bool detector_set_group(struct detector *d, struct span group);
bool detector_set_weight(struct detector *d, struct span text);
bool detector_set_rate(struct detector *d, struct span text);     /* 0..RATE_MAX */
bool detector_set_released(struct detector *d, struct span text); /* unix seconds */
bool detector_set_revoked(struct detector *d, struct span text);  /* SINCE, a blank, AT */
bool detector_set_quarantine(struct detector *d, struct span text);

/* The files of a detector's directory beside its keys: what the text of each sets, and what to say
   where it does not. */
#define DETECTOR_SETTINGS 6
extern const struct detector_setting {
  const char *file;
  bool (*set)(struct detector *, struct span);
  const char *want;
} detector_settings[DETECTOR_SETTINGS];
/* What to say of such a text; NULL: it is one that the file may hold. */
const char *detector_setting_want(const char *file, struct span text);

/* N from a file name "key.N"; false for any other spelling. */
bool keygen_from_name(struct span name, uint64_t *keygen);

#endif
