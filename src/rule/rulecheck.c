/* Checks of a whole file. */
#include "base/number.h"
#include "rule/rulecheck.h"
#include "rule/sinnames.h"
#include <stdio.h>

static const struct named *find(const struct rulefile_tables *tables, const char *key) {
  for (size_t i = 0; i < tables->named.count; i++)
    if (span_is(tables->named.named[i].key, key)) return &tables->named.named[i];
  return NULL;
}

/* A sin that was forgotten would be off. */
void rulecheck_weights(const struct rulefile_tables *tables, struct rule_errors *errors,
                       uint32_t last) {
  for (int sin = 0; sin < SIN_COUNT; sin++)
    if (!find(tables, sin_names[sin]))
      rule_error(errors, tables->named.file, last, "no weight is given for the sin",
                 span_str(sin_names[sin]));
}

void rulecheck_thresholds(const struct rulefile_tables *tables, struct rule_errors *errors,
                          uint32_t last) {
  static const char *const names[] = {"bot", "suspect"};
  uint64_t value[2] = {0, 0};
  for (int i = 0; i < 2; i++) {
    const struct named *found = find(tables, names[i]);
    if (!found)
      rule_error(errors, tables->named.file, last, "no threshold is given for", span_str(names[i]));
    else if (!number_canonical(found->entry.value, UINT32_MAX, &value[i])) return;
  }
  if (value[0] && value[1] > value[0])
    rule_error(errors, tables->named.file, last, "suspect is above bot", span_of(NULL, 0));
}

/* If a range overlaps another, the line probably has two addresses that are not a range. In a
   finished table two neighbours overlap if any two entries do. */
void rulecheck_ranges(const struct rulefile_tables *tables, struct rule_errors *errors) {
  const struct tabletext *table = &tables->addresses;
  for (size_t i = 1; tables->first_pair_line && i < table->count; i++) {
    const struct prefix *a = &table->prefixes[i - 1], *b = &table->prefixes[i];
    if (prefix_family(a) != prefix_family(b) || addr_compare(&b->first, &a->last) > 0) continue;
    char digits[NUMBER_MAX];
    rule_error(errors, table->file, a->line > b->line ? a->line : b->line,
               "the range of the first two columns overlaps an earlier one: are they ranges?",
               span_of(digits, number_format(digits, a->line > b->line ? b->line : a->line)));
  }
}

static bool has_dot(const struct named *one) {
  return span_find(one->key, '.') < one->key.len;
}

/* Hashes and AS numbers look like host names without a dot. */
static void check_dots(const struct tabletext *table, struct rule_errors *errors) {
  for (size_t i = 0; i < table->count; i++)
    if (has_dot(&table->named[i])) return;
  if (table->count)
    rule_warning(errors, table->file, table->named[0].entry.line,
                 "no entry has a dot: is this a list of host names?", table->named[0].key);
}

/* An entry for all below a top-level domain is like a very wide prefix. */
static void check_domains(const struct rulefile_tables *tables, struct rule_errors *errors) {
  char name[LISTCONF_NAME_MAX + 1], reason[200];
  const struct tabletext *table = &tables->named;
  for (size_t i = 0; i < table->count; i++) {
    const struct named *one = &table->named[i];
    if (has_dot(one) || one->excluded || !(one->entry.reach & REACH_BELOW)) continue;
    if (listconf_allows_domain(tables->conf, one->key)) continue;
    listconf_name(name, table->file);
    snprintf(reason, sizeof reason,
             "all below a top-level domain; to allow it write `wide .%.*s` into %s",
             (int)one->key.len, one->key.s, name);
    rule_error(errors, table->file, one->entry.line, reason, span_of(NULL, 0));
  }
}

void rulecheck_list(const struct rulefile *file, const struct rulefile_tables *tables,
                    struct rule_errors *errors) {
  if (rulefile_is_list(file)) {
    check_dots(&tables->named, errors);
    check_domains(tables, errors);
  }
  if (tables->tabbed && tables->first_number_line)
    rule_warning(errors, tables->addresses.file, tables->first_number_line,
                 "the number after the tab is not a weight: a weight is written after a space, "
                 "a published list goes into tables.d",
                 span_of(NULL, 0));
}

void rulecheck_words(const struct rulefile_tables *pool, const struct rulefile_tables *host,
                     struct rule_errors *errors) {
  for (size_t i = 0, j = 0; i < pool->named.count && j < host->named.count;) {
    const struct named *a = &pool->named.named[i], *b = &host->named.named[j];
    int order = tabletext_compare_keys(a->key, b->key);
    if (order == 0) {
      char reason[80];
      snprintf(reason, sizeof reason, "this word is also in pool-words, line %u",
               (unsigned)a->entry.line);
      rule_error(errors, host->named.file, b->entry.line, reason, b->key);
    }
    i += order <= 0;
    j += order >= 0;
  }
}
