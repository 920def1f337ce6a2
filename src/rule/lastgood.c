#include "rule/lastgood.h"
#include "rule/ruleline.h"

/* An entry of tables.d has the value in the name of the list; an exclusion has none.
 */
static struct span value_now(const struct rulefile *file, struct span value) {
  bool named = rulefile_is_list(file) && value.len;
  return named ? span_str(file->value) : value;
}

static bool is_in_order(const struct tabletext *table, const struct prefix *next) {
  if (table->count == 0) return true;
  const struct prefix *before = &table->prefixes[table->count - 1];
  if (prefix_family(before) != prefix_family(next)) return prefix_family(next) == ADDRESSES_IPV6;
  return addr_compare(&before->last, &next->first) < 0;
}

static enum lastgood get_addresses(const struct table *old, const struct rulefile *file,
                                   struct tabletext *out) {
  const struct address_table *table = table_addresses(old, file->addresses);
  struct interval one;
  int found = table ? 1 : -1;
  for (size_t i = 0; found == 1 && (found = table_addresses_at(table, i, &one)) == 1; i++) {
    struct prefix prefix = {.first = one.first,
                            .last = one.last,
                            .line = one.line,
                            .value = value_now(file, one.value)};
    if (!is_in_order(out, &prefix)) return LASTGOOD_DAMAGED;
    if (!tabletext_add_prefix(out, &prefix)) return LASTGOOD_NO_MEMORY;
  }
  return found < 0 ? LASTGOOD_DAMAGED : LASTGOOD_FOUND;
}

static enum lastgood get_names(const struct table *old, const struct rulefile *file,
                               struct tabletext *out) {
  struct table_cursor cursor;
  struct named named = {.excluded = false};
  int found = table_first(old, file->named, &cursor);
  while (found == 1 && (found = table_next_entry(old, &cursor, &named.key, &named.entry)) == 1) {
    named.excluded = named.entry.value.len == 0;
    named.entry.value = value_now(file, named.entry.value);
    if (out->count && tabletext_compare_keys(out->named[out->count - 1].key, named.key) >= 0)
      return LASTGOOD_DAMAGED;
    if (!tabletext_add_named(out, &named)) return LASTGOOD_NO_MEMORY;
  }
  return found < 0 ? LASTGOOD_DAMAGED : LASTGOOD_FOUND;
}

static void mark_from_database(struct tabletext *table, const struct head *head, uint64_t date) {
  table->from_old = true;
  table->date = date;
  memcpy(table->counts, head->number, sizeof table->counts);
}

enum lastgood lastgood_get(const struct table *old, const struct rulefile *file,
                           struct rulefile_tables *tables) {
  const char *name = file->addresses ? file->addresses : file->named;
  struct head head;
  uint64_t date;
  bool ignored;
  int found = table_head(old, name, &head);
  if (found == 1) found = table_date(old, name, &date, &ignored);
  if (found != 1) return found < 0 ? LASTGOOD_DAMAGED : LASTGOOD_NONE;
  bool of_names = head.shape != SHAPE_ADDRESSES;
  if (of_names && (!file->named || head.shape != file->shape)) return LASTGOOD_NONE;
  mark_from_database(of_names ? &tables->named : &tables->addresses, &head, date);
  return of_names ? get_names(old, file, &tables->named)
                  : get_addresses(old, file, &tables->addresses);
}
