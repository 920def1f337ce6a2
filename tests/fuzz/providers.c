/* Sources of any bytes, with a NUL between: the first line of each is its name. They are refused,
   or compared; and once neverlist was changed as the differences say, there are none. */
#include "rule/coverage.h"
#include "rule/providers.h"
#include "rule/ruletext.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SOURCES_MAX 8

static const char neverlist_text[] =
    "10.0.0.0/8\n8.0.0.0/24\n!8.0.0.9\n9.0.0.0-9.0.0.7\n2600::/32\n";
static const char bigco_text[] = "a.example a.example b.example\nc.example d.example\n";

static struct rulefile_tables read_table(const char *name, const char *text, char **kept) {
  static struct rule_errors c;
  struct rulefile_tables read;
  const struct rulefile *file = rulefile_find(span_str(name));
  *kept = strdup(text);
  rulefile_tables_init(&read, file);
  if (!ruletext_read(file, *kept, strlen(text), &read, &c) || c.count) abort();
  return read;
}

static bool is_removed(const struct differences *found, const struct prefix *p) {
  for (size_t i = 0; i < found->count; i++)
    if (found->list[i].sign == '-' && found->list[i].of == DIFFERENCE_NEVERLIST &&
        found->list[i].line == p->line)
      return true;
  return false;
}

/* What neverlist becomes. An exclusion within what is published is what a person has to see to. */
static struct tabletext apply(const struct tabletext *neverlist, const struct differences *found) {
  struct tabletext new = {.file = "neverlist", .shape = SHAPE_ADDRESSES};
  for (size_t i = 0; i < neverlist->count; i++) {
    const struct prefix *p = &neverlist->prefixes[i];
    if (!p->excluded && !is_removed(found, p) && !tabletext_add_prefix(&new, p)) abort();
  }
  for (size_t i = 0; i < found->count; i++) {
    const struct difference *d = &found->list[i];
    if (d->of == DIFFERENCE_NEVERLIST && d->sign == '+' && !tabletext_add_prefix(&new, &d->prefix))
      abort();
  }
  return new;
}

static void check(const struct provider *providers, size_t count, const struct tabletext *neverlist,
                  const struct tabletext *bigco) {
  static struct rule_errors c;
  struct differences found = {.list = NULL}, again = {.list = NULL};
  if (!providers_compare(providers, count, neverlist, bigco, &found)) abort();
  struct tabletext new = apply(neverlist, &found);
  tabletext_finish(&new, &c);
  if (!providers_compare(providers, count, &new, bigco, &again)) abort();
  for (size_t i = 0; i < again.count; i++)
    if (again.list[i].of == DIFFERENCE_NEVERLIST) abort();
  tabletext_free(&new);
  free(found.list);
  free(again.list);
}

static size_t cut_sources(char *text, size_t size, struct provider *providers) {
  struct span rest = span_of(text, size);
  size_t count = 0;
  while (rest.len && count < SOURCES_MAX) {
    struct span source = span_cut(&rest, '\0'), name = span_cut(&source, '\n');
    providers[count].name = strndup(name.len ? name.s : "", name.len);
    providers[count++].text = source;
  }
  return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct rule_errors errors;
  struct provider providers[SOURCES_MAX] = {{.name = NULL}};
  char *text = malloc(size + 1), *kept[2];
  if (size) memcpy(text, data, size);
  size_t count = cut_sources(text, size, providers);
  struct rulefile_tables neverlist = read_table("neverlist", neverlist_text, &kept[0]);
  struct rulefile_tables bigco = read_table("bigco", bigco_text, &kept[1]);
  errors.count = errors.warnings = 0;
  if (!providers_read(providers, count, &errors)) abort();
  if (errors.count == 0) check(providers, count, &neverlist.addresses, &bigco.named);
  providers_free(providers, count);
  for (size_t i = 0; i < count; i++) free((char *)(uintptr_t)providers[i].name);
  rulefile_tables_free(&neverlist);
  rulefile_tables_free(&bigco);
  free(kept[0]);
  free(kept[1]);
  free(text);
  return 0;
}
