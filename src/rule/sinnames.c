#include "rule/sinnames.h"

#define SIN_TEXT(id, text, family)   [SIN_##id] = text,
#define SIN_FAMILY(id, text, family) [SIN_##id] = FAMILY_##family,
const char *const sin_names[] = {SIN_LIST(SIN_TEXT)};
const enum sin_family sin_families[] = {SIN_LIST(SIN_FAMILY)};

int sin_index(struct span name) {
  for (int i = 0; i < SIN_COUNT; i++)
    if (span_is(name, sin_names[i])) return i;
  return -1;
}
