#include "policy/freeze.h"
#include <stdio.h>

void freeze_format(const struct registry *r, const struct freeze *f, char text[FREEZE_TEXT]) {
  char network[NETWORK_TEXT_MAX + 1];
  if (f->kind == FREEZE_NETWORK) {
    network[network_format(network, &f->network)] = '\0';
    snprintf(text, FREEZE_TEXT, "%s", network);
  } else if (f->kind == FREEZE_DETECTOR && f->detector < r->count)
    snprintf(text, FREEZE_TEXT, FREEZE_DETECTOR_PREFIX "%s", r->detectors[f->detector].name);
  else snprintf(text, FREEZE_TEXT, FREEZE_ALL_NAME);
}

bool freeze_parse(const struct registry *r, struct span text, struct freeze *out) {
  static const struct span prefix = SPAN_LITERAL(FREEZE_DETECTOR_PREFIX);
  *out = (struct freeze){.kind = FREEZE_ALL};
  if (span_is(text, FREEZE_ALL_NAME)) return true;
  if (span_equal(span_head(text, prefix.len), prefix)) {
    const struct detector *d = registry_find(r, span_from(text, prefix.len));
    out->kind = FREEZE_DETECTOR;
    if (d) out->detector = (uint32_t)(d - r->detectors);
    return d != NULL;
  }
  out->kind = FREEZE_NETWORK;
  return network_parse(text, &out->network);
}
