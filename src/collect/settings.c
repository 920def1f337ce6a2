#include "collect/settings.h"
#include "rule/database.h"
#include "sys/systemerror.h"
#include <errno.h>
#include <stdio.h>

static bool diagnose_within(struct diagnosis *p, const char *dir, const struct diagnosis *inside) {
  snprintf(p->text, sizeof p->text, "%.200s/%.300s", dir, inside->text);
  p->temporary = inside->temporary;
  return false;
}

bool settings_detectors(struct settings *s, const struct settings_paths *at, struct diagnosis *p) {
  struct diagnosis inside = {.text = ""};
  return detectordir_read(at->detectors, &s->registry, at->fallback, &inside) ||
         diagnose_within(p, at->detectors, &inside);
}

bool settings_thawed(struct settings *s, const struct settings_paths *at, struct diagnosis *p) {
  struct diagnosis inside = {.text = ""};
  s->thawed = 0;
  return detectordir_thawed(at->detectors, &s->thawed, &inside) >= 0 ||
         diagnose_within(p, at->detectors, &inside);
}

bool settings_rules(struct settings *s, const struct settings_paths *at, struct diagnosis *p) {
  s->has_rules = at->rules && database_open(&s->rules, at->rules, NULL) == DATABASE_OPEN;
  if (at->rules && !s->has_rules) {
    p->temporary = systemerror_is_temporary(errno);
    snprintf(p->text, sizeof p->text, "unable to open rules %.200s: %s", at->rules,
             strerror(errno));
  }
  return !at->rules || s->has_rules;
}

bool settings_read(struct settings *s, const struct settings_paths *at, struct diagnosis *p) {
  if (!settings_detectors(s, at, p)) return false;
  if (settings_thawed(s, at, p) && settings_rules(s, at, p)) return true;
  registry_free(&s->registry);
  return false;
}

void settings_free(struct settings *s) {
  registry_free(&s->registry);
  if (s->has_rules) table_close(&s->rules);
}
