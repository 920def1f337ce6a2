/* outlets.h: the names of the outlets: rbldnsd, and those of lists (list.h). Pure. */
#ifndef SINBIN_PUBLISH_OUTLETS_H
#define SINBIN_PUBLISH_OUTLETS_H

#include "publish/list.h"
#include <stdbool.h>

#define OUTLETS_TEXT_MAX 128

enum outlet {
  OUTLET_RBLDNSD,
  OUTLET_TEXT,
  OUTLET_CSV,
  OUTLET_JSON,
  OUTLET_NFT,
  OUTLET_POSTFIX,
  OUTLET_SHA256,
  OUTLETS
};

struct outlets {
  bool on[OUTLETS];
};

/* One name or more, separated by blanks. False: an unknown name, or none, or sha256 without an outlet
   of lists. */
bool outlets_parse(struct span text, struct outlets *out);
/* The names that are on, without that of rbldnsd; NUL-terminated. */
void outlets_format(const struct outlets *o, char out[OUTLETS_TEXT_MAX]);
/* All names, for a message. */
void outlets_names(char out[OUTLETS_TEXT_MAX]);
/* Whether an outlet of lists is on. */
bool outlets_have_lists(const struct outlets *o);
/* The lists of an outlet; NULL for rbldnsd and for sha256, which sums those of the others. */
const struct list_form *outlets_forms(enum outlet outlet);

#endif
