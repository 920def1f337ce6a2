#include "policy/detector.h"
#include "base/number.h"
#include "policy/policy.h"
#include <stdlib.h>
#include <string.h>

bool registry_init(struct registry *r) {
  *r = (struct registry){.detectors = calloc(DETECTORS_MAX, sizeof *r->detectors)};
  return r->detectors != NULL;
}

void registry_free(struct registry *r) {
  for (size_t i = 0; i < r->count; i++) ratecap_free(&r->detectors[i].cap);
  if (r->detectors) explicit_bzero(r->detectors, r->count * sizeof *r->detectors);
  free(r->detectors);
  *r = (struct registry){.detectors = NULL};
}

static void copy_name(char *to, struct span name) {
  memcpy(to, name.s, name.len);
  to[name.len] = '\0';
}

struct detector *registry_add(struct registry *r, struct span name) {
  if (r->count == DETECTORS_MAX || !origin_detector_is_valid(name)) return NULL;
  struct detector *d = &r->detectors[r->count++];
  copy_name(d->name, name);
  copy_name(d->group, name);
  d->weight = d->effective_weight = WEIGHT_ONE;
  return d;
}

static int compare(const void *a, const void *b) {
  return strcmp(((const struct detector *)a)->name, ((const struct detector *)b)->name);
}

void registry_sort(struct registry *r) {
  qsort(r->detectors, r->count, sizeof *r->detectors, compare);
}

static int compare_name(const void *name, const void *detector) {
  return strcmp(name, ((const struct detector *)detector)->name);
}

struct detector *registry_find(const struct registry *r, struct span name) {
  char wanted[DETECTOR_MAX + 1] = "";
  if (!origin_detector_is_valid(name)) return NULL;
  copy_name(wanted, name);
  return bsearch(wanted, r->detectors, r->count, sizeof *r->detectors, compare_name);
}

bool detector_add_key(struct detector *d, const struct detector_key *key) {
  if (d->key_count == DETECTOR_KEYS) return false;
  d->keys[d->key_count++] = *key;
  return true;
}

const struct mac_key *detector_find_key(const struct detector *d, uint64_t keygen) {
  for (size_t i = 0; d && i < d->key_count; i++)
    if (d->keys[i].keygen == keygen) return &d->keys[i].key;
  return NULL;
}

bool detector_set_group(struct detector *d, struct span group) {
  if (!origin_detector_is_valid(group)) return false;
  copy_name(d->group, group);
  return true;
}

bool detector_set_weight(struct detector *d, struct span text) {
  uint64_t thousandths;
  if (!number_parse_ms(text, WEIGHT_ONE, &thousandths)) return false;
  d->weight = d->effective_weight = (uint32_t)thousandths;
  return true;
}

bool detector_set_rate(struct detector *d, struct span text) {
  uint64_t rate;
  if (!number_canonical(text, RATE_MAX, &rate)) return false;
  d->orders.has_rate = true;
  d->orders.rate = (int64_t)rate;
  return true;
}

static bool parse_time(struct span text, int64_t *out) {
  uint64_t time;
  if (!number_canonical(text, UNIXTIME_MAX, &time)) return false;
  *out = (int64_t)time;
  return true;
}

bool detector_set_released(struct detector *d, struct span text) {
  return parse_time(text, &d->orders.released);
}

bool detector_set_revoked(struct detector *d, struct span text) {
  struct span rest = text;
  return parse_time(span_cut(&rest, ' '), &d->orders.revoked_since) &&
         parse_time(rest, &d->orders.revoked_at) && d->orders.revoked_at > 0;
}

/* The existence of the file is the order. Its text is for people. */
bool detector_set_quarantine(struct detector *d, struct span text) {
  (void)text;
  return d->orders.quarantine = true;
}

const struct detector_setting detector_settings[DETECTOR_SETTINGS] = {
    {"weight", detector_set_weight, "want 0 to 1, at most three decimals"},
    {"group", detector_set_group, "want 1 to 32 of a-z, 0-9 and -"},
    {"rate", detector_set_rate, "want a whole number from 0 to 1000000"},
    {"quarantine", detector_set_quarantine, "unable to read it"},
    {"released", detector_set_released, "want unix seconds"},
    {"revoked", detector_set_revoked, "want unix seconds, a blank, and unix seconds"},
};

const char *detector_setting_want(const char *file, struct span text) {
  struct detector d = {.weight = 0};
  for (int i = 0; i < DETECTOR_SETTINGS; i++) {
    const struct detector_setting *setting = &detector_settings[i];
    if (strcmp(setting->file, file) == 0 && !setting->set(&d, text)) return setting->want;
  }
  return NULL;
}

/* ---- effective weight ---- */

bool detector_is_quarantined(const struct detector *d) {
  return d->orders.quarantine;
}

bool detector_learns(const struct detector *d, int64_t learning, int64_t now) {
  return learning > 0 && (d->state.first == 0 || now < d->state.first + learning);
}

void registry_update_weights(struct registry *r, int64_t now) {
  for (size_t i = 0; i < r->count; i++) {
    struct detector *d = &r->detectors[i];
    bool counts = !detector_is_quarantined(d) && !detector_learns(d, r->learning, now);
    d->effective_weight = counts ? d->weight : 0;
  }
  r->updated_at = now;
}

bool detector_parse_keyname(struct span name, uint64_t *keygen) {
  struct span rest = name;
  return span_is(span_cut(&rest, '.'), "key") && number_canonical(rest, KEYGEN_MAX, keygen) &&
         *keygen > 0;
}
