/* Prints what is in a database. */
#include "sys/diag.h"
#include "base/utc.h"
#include "rule/coverage.h"
#include "rule/database.h"
#include "prog/rules/rules.h"

void rules_open(struct table *t, const char *path) {
  switch (database_open(t, path, NULL)) {
  case DATABASE_OPEN: return;
  case DATABASE_UNREADABLE: diag_system("unable to open ", path);
  case DATABASE_DAMAGED: diag_permanent(path, " is not a rule database of this version");
  }
}

_Noreturn void rules_damaged(const struct config *config) {
  diag_permanent(config->database, " is damaged");
}

static void put_number(FILE *out, const struct head *head, enum head_number which,
                       const char *what) {
  if (head->number[which]) fprintf(out, " %s=%llu", what, (unsigned long long)head->number[which]);
}

static void put_coverage(FILE *out, const struct table *t, const char *name) {
  const struct address_table *table = table_addresses(t, name);
  struct coverage_sum sum = {.begun = false};
  struct interval one;
  for (size_t i = 0; table && table_addresses_at(table, i, &one) == 1; i++)
    coverage_add(&sum, &one.first, &one.last);
  if (sum.covers.ipv4) fprintf(out, " ipv4=%llu", (unsigned long long)sum.covers.ipv4);
  if (sum.covers.nets) fprintf(out, " nets64=%llu", (unsigned long long)sum.covers.nets);
}

static void put_date(FILE *out, const struct table *t, const char *name) {
  char text[UTC_TEXT + 1];
  uint64_t date;
  bool kept;
  if (table_date(t, name, &date, &kept) != 1) return;
  fprintf(out, " %s=%s", kept ? "kept" : "date", utc_format(text, (int64_t)date));
}

/* "version HEX", then a line for each table: NAME SHAPE ENTRIES and the other counts. */
void rules_list(const struct config *config, FILE *out) {
  struct table t;
  struct span lines;
  struct head head;
  rules_open(&t, config->database);
  if (table_list(&t, &lines) != 1) rules_damaged(config);
  fprintf(out, "version %s\n", t.version);
  while (lines.len) {
    if (!record_head_decode(span_cut(&lines, '\n'), &head)) rules_damaged(config);
    fprintf(out, "%.*s %s %llu", (int)head.name.len, head.name.s, record_shape_name(head.shape),
            (unsigned long long)head.number[HEAD_ENTRIES]);
    put_number(out, &head, HEAD_EXCLUSIONS, "exclusions");
    put_number(out, &head, HEAD_DUPLICATES, "duplicates");
    put_number(out, &head, HEAD_SKIPPED, "passed");
    char name[TABLE_NAME_MAX + 1];
    snprintf(name, sizeof name, "%.*s", (int)head.name.len, head.name.s);
    if (head.shape == SHAPE_ADDRESSES) put_coverage(out, &t, name);
    put_date(out, &t, name);
    fputc('\n', out);
  }
  if (fflush(out) != 0 && out == stdout) diag_system("unable to write");
  table_close(&t);
}
