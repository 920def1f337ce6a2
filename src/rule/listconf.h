/* listconf.h: what an operator says about a published list, in a file beside it.

   Each download replaces the list, so this is a separate file:
   tables.d/NAME.conf for tables.d/NAME.WEIGHT..., and dynamic.conf, blacklist.conf, neverlist.conf.
   Its lines are rule text; each of these words may be given once:

     format WORD      how the list is written; overrides what the text shows
     column WHICH     the column (its number, or its name in the heading) or the JSON member that
                      holds the value of an entry
     value WORD...    the values that count; entries with others are exceptions. N-M is any whole
                      number from N to M; * is any value
     range            the first two columns are the ends of a range
     trigger KIND     the triggers of a response policy zone that count: qname, ip, client-ip
     wide ENTRY...    these entries may be wider than the limit (a name: all below a top-level
                      domain); `wide all`: any, and the table

   Spans borrow from the text. A malformed line is an error with the file's name and the line. */
#ifndef SINBIN_RULE_LISTCONF_H
#define SINBIN_RULE_LISTCONF_H

#include "rule/errors.h"
#include "rule/format.h"
#include "rule/prefix.h"

#define LISTCONF_NAME_MAX 80

enum trigger { TRIGGER_ANY, TRIGGER_QNAME, TRIGGER_IP, TRIGGER_CLIENT_IP };

struct listconf {
  const struct format *format; /* or NULL */
  struct span column;
  struct span values;
  struct span wide;
  bool range;
  enum trigger trigger;
};

/* "tables.d/karma.conf" for "tables.d/karma.4.sure.gz", "dynamic.conf" for "dynamic"; NUL-ended. */
void listconf_name(char out[LISTCONF_NAME_MAX + 1], const char *file);

void listconf_read(struct listconf *out, struct span text, const char *file,
                   struct rule_errors *errors);

/* Was this value chosen? The whole value and its first word are compared, ignoring case. */
bool listconf_chooses(const struct listconf *conf, struct span value);
/* May this entry be wider than the limit? */
bool listconf_allows(const struct listconf *conf, const struct prefix *entry);
/* May this list hold all below a top-level domain? */
bool listconf_allows_domain(const struct listconf *conf, struct span label);
/* `wide all` */
bool listconf_allows_all(const struct listconf *conf);

#endif
