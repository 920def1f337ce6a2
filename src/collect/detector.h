/* detector.h: who may report, with which keys, and how far each is believed. Pure; the program
   reads the directory of detectors and adds what it finds.

   A registry owns its array; names are copied in. Add all detectors, then sort once, then look up.
   Limits: DETECTORS_MAX detectors, DETECTOR_KEYS keys for each (key generations, so that a new key
   can be given out before the old one is taken away). A weight is text from 0 to 1 with at most
   three decimals, kept in thousandths. Detectors of one group count as one voice; the default group
   is the detector's own name. */
#ifndef SINBIN_COLLECT_DETECTOR_H
#define SINBIN_COLLECT_DETECTOR_H

#include "report/mac.h"
#include "report/window.h"

#define DETECTORS_MAX 1000
#define DETECTOR_KEYS 8

struct detector_key {
  uint64_t keygen;
  struct mac_key key;
};

struct detector {
  char name[DETECTOR_MAX + 1], group[DETECTOR_MAX + 1];
  uint32_t weight; /* thousandths */
  struct detector_key keys[DETECTOR_KEYS];
  size_t key_count;
  uint64_t epoch; /* the newest seen; 0: none yet */
  struct window window;
  bool changed;                  /* epoch or window, since they were last stored */
  uint64_t beat_epoch, beat_seq; /* the newest heartbeat */
  int64_t repeated_at, repeats;  /* answers to repeated reports in that second */
};

struct registry {
  struct detector *detectors;
  size_t count;
};

/* False where there is no memory. */
bool registry_create(struct registry *r);
void registry_destroy(struct registry *r);

/* A new detector of weight 1 and its own group, without keys. NULL where the registry is full. The
   name is valid and not there yet. */
struct detector *registry_add(struct registry *r, struct span name);
void registry_sort(struct registry *r);
struct detector *registry_find(const struct registry *r, struct span name);

bool detector_add_key(struct detector *d, const struct detector_key *key);
/* NULL where the detector is NULL or has no key of that generation. */
const struct mac_key *detector_find_key(const struct detector *d, uint64_t keygen);
bool detector_set_group(struct detector *d, struct span group);
bool detector_set_weight(struct detector *d, struct span text);

/* N from a file name "key.N"; false for any other spelling. */
bool keygen_from_name(struct span name, uint64_t *keygen);

#endif
