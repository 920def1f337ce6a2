/* zonename.h: the names of zones, name servers and persons that rbldnsd takes.

   Labels of letters, digits and hyphens, the first byte not a hyphen, 1 to 63 bytes each, at most
   253 bytes in all, without the last dot. */
#ifndef SINBIN_PUBLISH_ZONENAME_H
#define SINBIN_PUBLISH_ZONENAME_H

#include "base/span.h"
#include <stdbool.h>

bool zonename_is_valid(struct span name);
/* From min to max names, separated by one space. */
bool zonename_list_is_valid(struct span names, size_t min, size_t max);

#endif
