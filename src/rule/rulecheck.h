/* rulecheck.h: what can be said only of a whole file, once its tables are finished.

   Each check adds errors and warnings. `last` is the number of the file's last line. */
#ifndef SINBIN_RULE_RULECHECK_H
#define SINBIN_RULE_RULECHECK_H

#include "rule/rulefile.h"

/* Every sin has a weight. */
rulecheck rulecheck_weights;
/* Both thresholds are given, and suspect is not above bot. */
rulecheck rulecheck_thresholds;

/* Ranges in two columns (reader_csv.c) do not overlap. */
void rulecheck_ranges(const struct rulefile_tables *tables, struct rule_errors *errors);
/* In a list of tables.d, names without a single dot are a warning, and an entry for all below a
   top-level domain is an error. Numbers in blacklist that are not weights are a warning. */
void rulecheck_list(const struct rulefile *file, const struct rulefile_tables *tables,
                    struct rule_errors *errors);
/* No word is in both pool-words and host-words. */
void rulecheck_words(const struct rulefile_tables *pool, const struct rulefile_tables *host,
                     struct rule_errors *errors);

#endif
