#include "collect/wishes.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static bool open_rules(const char *path, struct table *rules, struct problem *p) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  bool ok = fd >= 0 && table_open(rules, fd);
  if (!ok)
    snprintf(p->text, sizeof p->text, "unable to open rules %.200s: %s", path, strerror(errno));
  if (fd >= 0) close(fd);
  return ok;
}

static bool blame(struct problem *p, const char *dir, const struct problem *inside) {
  snprintf(p->text, sizeof p->text, "%.200s/%.300s", dir, inside->text);
  return false;
}

bool wishes_read(struct wishes *w, const char *detectors, const char *rules, struct problem *p) {
  struct problem inside = {""};
  if (!detectordir_read(detectors, &w->registry, &inside)) return blame(p, detectors, &inside);
  bool ok = detectordir_thawed(detectors, &w->thawed, &inside) >= 0 || blame(p, detectors, &inside);
  ok = ok && (!rules || open_rules(rules, &w->rules, p));
  if (!ok) registry_destroy(&w->registry);
  return ok;
}

void wishes_free(struct wishes *w, bool rules) {
  registry_destroy(&w->registry);
  if (rules) table_close(&w->rules);
}
