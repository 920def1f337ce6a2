/* detector.h: the detectors: who may report, with which keys, and with what weight. Pure: the
   program reads the directory of detectors and adds what it finds.

   The effective weight of a detector is its weight. It is 0 while the operator has the detector in
   quarantine, and in its first days, if new detectors have to learn. registry_update_weights sets
   it; call it when time has passed or a detector has changed. ratecap.h limits how many reports of
   a detector count.

   A registry owns its array. Names are copied. Add all detectors, then sort once, then find.
   Limits: DETECTORS_MAX detectors; DETECTOR_KEYS keys for each. A detector may have several keys
   (key generations), so that it can get a new key before the old one is removed. A weight is text
   from 0 to 1 with at most three decimals, kept in thousandths. Detectors of one group count as
   one. The default group is the detector's own name. */
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

/* What the operator has ordered, unix seconds; 0: nothing. */
struct detector_orders {
  bool quarantine;
  int64_t released;      /* when the last release was ordered; it fills the budget (ratecap.h) */
  int64_t revoked_since; /* evidence of this time or later must be removed (store.h) */
  int64_t revoked_at;    /* when that was ordered; an order is carried out once */
  bool has_rate;         /* its own rate, instead of the one for all detectors */
  int64_t rate;
};

/* What the store keeps of a detector besides its window, unix seconds; 0: never. */
struct detector_state {
  int64_t first;      /* when its first report came */
  int64_t revoked;    /* the revoked_at of the order that was carried out last */
  int64_t surplus;    /* reports that were acknowledged and only counted */
  int64_t surplus_at; /* when the last of them came */
};

struct detector {
  char name[DETECTOR_MAX + 1], group[DETECTOR_MAX + 1];
  uint32_t weight;           /* thousandths */
  uint32_t effective_weight; /* the same, or 0 */
  struct detector_orders orders;
  struct detector_state state;
  struct ratecap cap;
  struct detector_key keys[DETECTOR_KEYS];
  size_t key_count;
  uint64_t epoch; /* the newest; 0: none yet */
  struct replaywindow window;
  bool changed; /* epoch or window, since they were last saved */
  bool state_changed;
  uint64_t beat_epoch, beat_seq; /* the newest heartbeat */
  uint64_t lastgap;              /* the newest loss of lines that it has reported, unix seconds */
  struct addr heard_from;        /* the address that sent its last new report; all 0: none yet */
};

struct registry {
  struct detector *detectors;
  size_t count;
  int64_t learning;   /* seconds that a new detector learns; 0: it does not */
  int64_t updated_at; /* the time of the last registry_update_weights */
};

/* False if there is no memory. */
bool registry_init(struct registry *r);
void registry_free(struct registry *r);

/* Adds a detector of weight 1 and its own group, without keys. NULL if the registry is full or the
   name is not valid. The name must not be there yet. */
struct detector *registry_add(struct registry *r, struct span name);
void registry_sort(struct registry *r);
struct detector *registry_find(const struct registry *r, struct span name);

bool detector_is_quarantined(const struct detector *d);
/* Also true if it has not reported yet, and if its first report is ahead of the clock. */
bool detector_learns(const struct detector *d, int64_t learning, int64_t now);
/* Sets the effective weight of each detector. */
void registry_update_weights(struct registry *r, int64_t now);

bool detector_add_key(struct detector *d, const struct detector_key *key);
/* NULL if the detector is NULL or has no key of that generation. */
const struct mac_key *detector_find_key(const struct detector *d, uint64_t keygen);
bool detector_set_group(struct detector *d, struct span group);
bool detector_set_weight(struct detector *d, struct span text);
bool detector_set_rate(struct detector *d, struct span text);     /* 0..RATE_MAX */
bool detector_set_released(struct detector *d, struct span text); /* unix seconds */
bool detector_set_revoked(struct detector *d, struct span text);  /* SINCE, a blank, AT */
bool detector_set_quarantine(struct detector *d, struct span text);

/* The files of a detector's directory besides its keys: what the text of each sets, and the message
   if the text is not valid. */
#define DETECTOR_SETTINGS 6
extern const struct detector_setting {
  const char *file;
  bool (*set)(struct detector *, struct span);
  const char *want;
} detector_settings[DETECTOR_SETTINGS];
/* NULL if the text is valid for the file, or the message if it is not. */
const char *detector_setting_want(const char *file, struct span text);

/* N from a file name "key.N". False for any other name. */
bool detector_parse_keyname(struct span name, uint64_t *keygen);

#endif
