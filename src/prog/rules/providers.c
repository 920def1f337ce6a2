/* neverlist and bigco beside what providers publish: a diff for a person. */
#include "sys/diag.h"
#include "sys/fileio.h"
#include "prog/rules/rules.h"
#include "rule/providers.h"
#include <stdlib.h>

#define FILE_MAX (1 << 28)

static void read_sources(struct build *b, struct provider *providers) {
  const struct config *config = b->config;
  for (size_t i = 0; i < config->file_count; i++) {
    char *path = config->files[i], *text;
    const char *slash = strrchr(path, '/');
    size_t len;
    enum fileio_result result = fileio_read_all(path, FILE_MAX, &text, &len);
    if (result == FILEIO_ERROR) diag_system("unable to open or read ", path);
    if (result != FILEIO_READ) diag_permanent(path, " is not a regular file of at most 256 MiB");
    providers[i].name = slash ? slash + 1 : path;
    providers[i].text = span_of(text, len);
  }
  if (!providers_read(providers, config->file_count, &b->rule_errors)) diag_system("out of memory");
}

/* dir NULL: the names of sources are shown without a directory. Ends the program after an error. */
static void show_complaints(const struct build *b, const char *dir) {
  const struct rule_errors *c = &b->rule_errors;
  for (size_t i = 0; i < c->warnings && i < RULE_ERRORS_MAX; i++)
    rules_show_complaint(dir, &c->warned[i], "warning: ");
  for (size_t i = 0; i < c->count && i < RULE_ERRORS_MAX; i++)
    rules_show_complaint(dir, &c->kept[i], "");
  if (c->count) diag_permanent("nothing was compared");
}

static void show_difference(const struct difference *d, const char *file) {
  char text[PREFIX_TEXT_MAX];
  struct span what = d->name;
  if (d->of == DIFFERENCE_NEVERLIST) what = span_of(text, prefix_format(text, &d->prefix));
  printf("%c %.*s", d->sign, (int)what.len, what.s);
  if (d->suffix.len) printf(" %.*s", (int)d->suffix.len, d->suffix.s);
  if (d->source)
    printf(" %s %s\n", provider_root(d->source)->name, d->source->is_spf ? "spf" : "json");
  else printf(" %s:%lu\n", file, (unsigned long)d->line);
}

static void show_differences(const struct build *b, const struct differences *found) {
  static const char *const names[] = {"neverlist", "bigco"};
  for (size_t i = 0; i < found->count; i++) {
    const struct difference *d = &found->list[i];
    char path[PATH_MAX];
    rules_join_path(path, b->config->dir, names[d->of]);
    if (i == 0 || d->of != found->list[i - 1].of) printf("--- %s\n+++ published\n", path);
    show_difference(d, names[d->of]);
  }
  rules_flush();
}

static void free_sources(struct build *b, struct provider *providers) {
  for (size_t i = 0; i < b->config->file_count; i++) free((char *)(uintptr_t)providers[i].text.s);
  providers_free(providers, b->config->file_count);
  free(providers);
  rules_free(b);
}

int rules_providers(const struct config *config) {
  static struct build b;
  struct differences found = {.list = NULL};
  struct provider *providers = calloc(config->file_count, sizeof *providers);
  if (!providers) diag_system("out of memory");
  b.config = config;
  rules_read(&b, rulefile_find(span_str("neverlist")));
  rules_read(&b, rulefile_find(span_str("bigco")));
  show_complaints(&b, config->dir);
  b.rule_errors.warnings = 0;
  read_sources(&b, providers);
  show_complaints(&b, NULL);
  if (!providers_compare(providers, config->file_count, &b.sources[0].rows.addresses,
                         &b.sources[1].rows.named, &found))
    diag_system("out of memory");
  show_differences(&b, &found);
  bool different = found.count > 0 || b.rule_errors.warnings > 0;
  free_sources(&b, providers);
  free(found.list);
  return different ? EXIT_PEER : EXIT_DONE;
}
