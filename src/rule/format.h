/* format.h: in which of the formats that address lists have in the field a text is written.

     list  one entry a line, as in our own files; `;` begins a comment like `#`
     zone  a data file of rbldnsd: ip4set, ip4tset, ip4trie, ip6trie, ip6tset, dnset
     csv   columns with commas, tabs or semicolons between, the address in the first
     rpz   a response policy zone, as a DNS zone file (rpzrow.c)
     json  one JSON text, or one a line (jsonlist.h)

   A first line `#format WORD` says which. Without one the text itself must: a directive ($SOA...),
   a line of default values (:127.0.0.2:...) or a value behind an entry makes a zone; a comma behind
   the first column, or a quote before it, makes a CSV; a record of type CNAME makes a response
   policy zone; a brace or bracket as the first byte makes JSON; with none of them it is a list. A
   text with marks of two is refused. Tabs and semicolons may mean something else: they are looked
   for in files that are not written by hand, and in the first line alone. */
#ifndef SINBIN_RULE_FORMAT_H
#define SINBIN_RULE_FORMAT_H

#include "rule/errors.h"

enum format { FORMAT_LIST, FORMAT_ZONE, FORMAT_CSV, FORMAT_RPZ, FORMAT_JSON, FORMATS };

#define FORMAT_UNKNOWN "unknown format (list, zone, csv, rpz or json)"
/* False if no format has this name. */
bool format_named(struct span word, enum format *out);

/* False after a complaint, for which `file` is the name. */
bool format_find(struct span text, const char *file, struct rule_errors *c, enum format *out);

/* May a text that was found to be a list be taken for a CSV with tabs or semicolons? Its first line
   that is no comment has a tab in it; or a semicolon that begins no comment, as what is before it
   is a heading, or an address with another behind. False where it has a line `#format WORD`. */
bool format_has_columns(struct span text);
/* Can this be the name of a column? It begins with a letter, and has neither a dot nor a colon; or
   it is empty. */
bool format_is_heading(struct span column);

/* Is this the rest of a record in a DNS zone file, after its owner: [TTL] [IN] TYPE DATA? */
bool format_is_record(struct span rest);

/* The word of a zone line that names its addresses, and what stands behind it in *rest. */
struct span format_zone_word(struct span line, struct span *rest);

#endif
