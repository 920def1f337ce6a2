#include "collect/wishes.h"
#include "sys/systemerror.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static bool open_rules(const char *path, struct table *rules) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  bool ok = fd >= 0 && table_open(rules, fd);
  int saved = errno;
  if (fd >= 0) close(fd);
  errno = saved;
  return ok;
}

static bool blame(struct problem *p, const char *dir, const struct problem *inside) {
  snprintf(p->text, sizeof p->text, "%.200s/%.300s", dir, inside->text);
  p->temporary = inside->temporary;
  return false;
}

bool wishes_detectors(struct wishes *w, const struct wishes_at *at, struct problem *p) {
  struct problem inside = {.text = ""};
  return detectordir_read(at->detectors, &w->registry, at->stand_in, &inside) ||
         blame(p, at->detectors, &inside);
}

bool wishes_thawed(struct wishes *w, const struct wishes_at *at, struct problem *p) {
  struct problem inside = {.text = ""};
  w->thawed = 0;
  return detectordir_thawed(at->detectors, &w->thawed, &inside) >= 0 ||
         blame(p, at->detectors, &inside);
}

bool wishes_rules(struct wishes *w, const struct wishes_at *at, struct problem *p) {
  w->has_rules = at->rules && open_rules(at->rules, &w->rules);
  if (at->rules && !w->has_rules) {
    p->temporary = systemerror_is_temporary(errno);
    snprintf(p->text, sizeof p->text, "unable to open rules %.200s: %s", at->rules,
             strerror(errno));
  }
  return !at->rules || w->has_rules;
}

bool wishes_read(struct wishes *w, const struct wishes_at *at, struct problem *p) {
  if (!wishes_detectors(w, at, p)) return false;
  if (wishes_thawed(w, at, p) && wishes_rules(w, at, p)) return true;
  registry_destroy(&w->registry);
  return false;
}

void wishes_free(struct wishes *w) {
  registry_destroy(&w->registry);
  if (w->has_rules) table_close(&w->rules);
}
