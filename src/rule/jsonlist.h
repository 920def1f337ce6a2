/* jsonlist.h: lists of addresses as JSON: one text, or several one after another (JSON lines).

   An entry is a string that holds an address, a prefix or a range
     - in a member named cidr, prefix, ip_prefix, ipv4Prefix, ip, address, network... of an object;
     - in two members that are named as the ends of a range (start and end...);
     - in an array, in which then every string must be one.
   Other strings, numbers and so on are not looked at. In an object two addresses of one family are
   an error, unless one is the prefix that begins at the other; and so is an address if only members
   with other names have one. A text without an entry is an error: it may be a report of a failure.

   A member that says what is done (meaning.h), or that listconf.h names, is the value of the
   entries in its object, and of those below it; and so is the name of a member such as `allow` for
   what is below that. If the last object is a metadata record with a number of records (Spamhaus),
   that must be the number of entries.

   One text has at most JSONLIST_TEXT_MAX bytes, and is nested at most JSONLIST_DEPTH_MAX deep. A
   member that is given twice is refused. Lines are those in which the entry's text is found. */
#ifndef SINBIN_RULE_JSONLIST_H
#define SINBIN_RULE_JSONLIST_H

#include "rule/rulefile.h"

#define JSONLIST_TEXT_MAX  (16 << 20)
#define JSONLIST_DEPTH_MAX 24

/* False is errno ENOMEM. The rows keep nothing of the text. */
bool jsonlist_read(const struct rulefile *file, struct span text, struct rulefile_tables *tables,
                   struct rule_errors *errors);

#endif
