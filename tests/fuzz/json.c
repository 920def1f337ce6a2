/* A list in JSON of any bytes: it is refused with a line, or what it holds is addresses, of which
   those that are excluded have no value. The first byte chooses what the operator says of it. */
#include "rule/jsonlist.h"
#include "rule/listfile.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct listconf confs[] = {
    {.range = false},
    {.values = SPAN_LITERAL("*")},
    {.values = SPAN_LITERAL("deny 1-9")},
    {.column = SPAN_LITERAL("a"), .values = SPAN_LITERAL("b")},
};

static void check_rows(const struct rows *rows) {
  for (size_t i = 0; i < rows->count; i++) {
    const struct prefix *p = &rows->prefixes[i];
    if (addr_compare(&p->first, &p->last) > 0 || p->line == 0) abort();
    if (p->excluded != (p->value.len == 0) || (p->soft && !p->excluded)) abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct complaints complaints;
  struct rule_rows rows;
  struct listfile list;
  const char *reason;
  if (size == 0) return 0;
  char *text = malloc(size);
  memcpy(text, data + 1, size - 1);
  if (!listfile_init(&list, "x.4", &reason)) abort();
  complaints.count = complaints.warnings = 0;
  rule_rows_init(&rows, &list.rule);
  rows.conf = &confs[data[0] % (sizeof confs / sizeof confs[0])];
  if (!jsonlist_read(&list.rule, span_of(text, size - 1), &rows, &complaints)) abort();
  free(text); /* nothing of it is kept */
  for (size_t i = 0; i < complaints.count && i < COMPLAINTS_MAX; i++)
    if (complaints.kept[i].line == 0) abort();
  if (complaints.count == 0 && rows.addresses.count == 0) abort();
  check_rows(&rows.addresses);
  rows_settle(&rows.addresses, &complaints);
  rule_rows_free(&rows);
  return 0;
}
