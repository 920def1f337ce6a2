/* jsonlist.h: reads lists of addresses as JSON: one text, or several one after another (JSON
   lines).

   An entry is a string that holds an address, a prefix or a range
     - in a member named cidr, prefix, ip_prefix, ipv4Prefix, ip, address, network... of an object;
     - in two members that are named as the ends of a range (start and end...);
     - in an array; if one string of the array is an address, all must be.
   Other strings, numbers and so on are ignored. These are errors:
     - two addresses of one family in an object, unless one is a prefix that begins at the other;
     - an address in an object in which only members with other names have one;
     - a text without an entry, which may be the report of a failure.

   A member that names an action (meaning.h), or that listconf.h chooses, is the value of the
   entries in its object and below it. The name of a member such as `allow` is the value of the
   entries below it. If the last object is a metadata record with a number of records (Spamhaus), it
   must be the number of entries.

   One text has at most JSONLIST_TEXT_MAX bytes, and is nested at most JSONLIST_DEPTH_MAX deep. A
   member that is given twice is refused. The line of an entry is the one in which its text is
   found. */
#ifndef SINBIN_RULE_JSONLIST_H
#define SINBIN_RULE_JSONLIST_H

#include "rule/rulefile.h"

#define JSONLIST_TEXT_MAX  (16 << 20)
#define JSONLIST_DEPTH_MAX 24

/* False is errno ENOMEM. The tables do not borrow from the text. */
bool jsonlist_read(const struct rulefile *file, struct span text, struct rulefile_tables *tables,
                   struct rule_errors *errors);

#endif
