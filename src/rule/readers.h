/* readers.h: the readers of single lines of rule text.

   Each consumes its line whole or reports an error. False is errno ENOMEM; a malformed line is
   true. The line is changed in place, and entries borrow from it. */
#ifndef SINBIN_RULE_READERS_H
#define SINBIN_RULE_READERS_H

#include "rule/rulefile.h"

/* Lines of our own files (reader_own.c); sinbin-rules(5) specifies each. */
line_reader reader_weight, reader_threshold, reader_address, reader_blacklist, reader_whitelist,
    reader_own, reader_domain, reader_mailbox, reader_helo, reader_bigco, reader_label,
    reader_private_label, reader_pool_word, reader_host_word, reader_dialect, reader_dnsbl;

/* Lines of the formats that lists come in (format.h): reader_list.c, reader_zone.c, reader_csv.c
   and reader_rpz.c. */
line_reader reader_list, reader_zone, reader_csv, reader_rpz;

#endif
