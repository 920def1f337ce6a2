/* A list in JSON of any bytes: it is refused with a line, or what it holds is addresses, of which
   those that are excluded have no value. The first byte chooses what the operator says of it. */
#include "rule/jsonlist.h"
#include "rule/listname.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct listconf confs[] = {
    {.range = false},
    {.values = SPAN_LITERAL("*")},
    {.values = SPAN_LITERAL("deny 1-9")},
    {.column = SPAN_LITERAL("a"), .values = SPAN_LITERAL("b")},
};

static void check_rows(const struct tabletext *table) {
  for (size_t i = 0; i < table->count; i++) {
    const struct prefix *p = &table->prefixes[i];
    if (addr_compare(&p->first, &p->last) > 0 || p->line == 0) abort();
    if (p->excluded != (p->value.len == 0) || (p->soft && !p->excluded)) abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct rule_errors errors;
  struct rulefile_tables read;
  struct listname list;
  const char *reason;
  if (size == 0) return 0;
  char *text = malloc(size);
  memcpy(text, data + 1, size - 1);
  if (!listname_init(&list, "x.4", &reason)) abort();
  errors.count = errors.warnings = 0;
  rulefile_tables_init(&read, &list.rule);
  read.conf = &confs[data[0] % (sizeof confs / sizeof confs[0])];
  if (!jsonlist_read(&list.rule, span_of(text, size - 1), &read, &errors)) abort();
  free(text); /* nothing of it is kept */
  for (size_t i = 0; i < errors.count && i < RULE_ERRORS_MAX; i++)
    if (errors.kept[i].line == 0) abort();
  if (errors.count == 0 && read.addresses.count == 0) abort();
  check_rows(&read.addresses);
  tabletext_finish(&read.addresses, &errors);
  rulefile_tables_free(&read);
  return 0;
}
