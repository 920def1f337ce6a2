/* Rule text of any bytes: it is read or complained of; what is read makes a database in which every
   entry is found again. The first byte chooses the file: `a` the first of rulefiles[], and so on.
 */
#include "rule/ruletext.h"
#include "rule/tablewriter.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_named(const struct table *t, const struct tabletext *table) {
  struct span value, suffix;
  for (size_t i = 0; i < table->count; i++) {
    const struct named *rl = &table->named[i];
    if (table_find_name(t, table->name, rl->key, &value) != 1) abort();
    if (!span_equal(value, rl->entry.value)) abort();
    if (table->shape != SHAPE_SUFFIXES) continue;
    if (table_find_suffix(t, table->name, rl->key, &suffix, &value) != 1) abort();
    if (!span_equal(suffix, rl->key)) abort();
  }
}

/* An entry's first address is held by it or by a narrower one, unless an exclusion hides it. */
static void check_addresses(const struct table *t, const struct tabletext *table) {
  struct span value;
  bool excluded = false;
  for (size_t i = 0; i < table->count; i++) excluded = excluded || table->prefixes[i].excluded;
  for (size_t i = 0; i < table->count; i++) {
    const struct prefix *p = &table->prefixes[i];
    int first = table_find_addr(t, table->name, &p->first, &value);
    int last = table_find_addr(t, table->name, &p->last, &value);
    if (first < 0 || last < 0) abort();
    /* ::/0 holds IPv6 addresses alone, so an edge of the other family proves nothing. */
    bool mixed = addr_is_ipv4(&p->first) != addr_is_ipv4(&p->last);
    if (!excluded && !mixed && (first != 1 || last != 1)) abort();
  }
}

static void check_database(const struct rulefile_tables *read) {
  struct tabletext tables[RULE_TABLES_MAX];
  char version[TABLE_VERSION_LEN + 1];
  struct table t;
  int fd = memfd_create("rules", MFD_CLOEXEC);
  rulefile_tables_list(read, tables);
  if (!tablewriter_write(fd, tables, RULE_TABLES_MAX, version) || !table_open(&t, fd)) abort();
  if (strcmp(version, t.version) != 0) abort();
  check_addresses(&t, &read->addresses);
  check_named(&t, &read->named);
  check_named(&t, &read->patterns);
  table_close(&t);
  close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct rule_errors errors;
  struct rulefile_tables read;
  if (size == 0) return 0;
  const struct rulefile *file = &rulefiles[(unsigned int)(data[0] - 'a') % RULEFILES];
  char *text = malloc(size);
  memcpy(text, data + 1, size - 1);
  errors.count = 0;
  rulefile_tables_init(&read, file);
  if (!ruletext_read(file, text, size - 1, &read, &errors)) abort();
  for (size_t i = 0; i < errors.count && i < RULE_ERRORS_MAX; i++)
    if (errors.kept[i].file != file->name || errors.kept[i].line == 0) abort();
  if (errors.count == 0) check_database(&read);
  rulefile_tables_free(&read);
  free(text);
  return 0;
}
