/* format.h: in which of the formats that address lists have in the field a text is written.

     list  one entry a line, as in our own files; `;` begins a comment like `#`
     zone  a data file of rbldnsd: ip4set, ip4tset, ip4trie, ip6trie, ip6tset, dnset
     csv   columns between commas, the address in the first

   A first line `#format WORD` says which. Without one the text itself must: a directive ($SOA...),
   a line of default values (:127.0.0.2:...) or a value behind an entry makes a zone; a comma behind
   the first column, or a quote before it, makes a CSV; with neither it is a list. A text with marks
   of both is refused. */
#ifndef SINBIN_RULE_FORMAT_H
#define SINBIN_RULE_FORMAT_H

#include "rule/complaints.h"

enum format { FORMAT_LIST, FORMAT_ZONE, FORMAT_CSV };

/* False after a complaint, for which `file` is the name. */
bool format_find(struct span text, const char *file, struct complaints *c, enum format *out);

/* The word of a zone line that names its addresses, and what stands behind it in *rest. */
struct span format_zone_word(struct span line, struct span *rest);

#endif
