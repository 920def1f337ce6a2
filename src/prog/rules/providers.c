/* Compares neverlist and bigco with what providers publish, and prints a diff. */
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
  if (!providers_read(providers, config->file_count, &b->errors)) diag_system("out of memory");
}

/* dir NULL: the names of sources are printed without a directory. Exits if there are errors. */
static void show_errors(const struct build *b, const char *dir) {
  const struct rule_errors *errors = &b->errors;
  for (size_t i = 0; i < errors->warnings && i < RULE_ERRORS_MAX; i++)
    rules_show_error(dir, &errors->warned[i], "warning: ");
  for (size_t i = 0; i < errors->count && i < RULE_ERRORS_MAX; i++)
    rules_show_error(dir, &errors->kept[i], "");
  if (errors->count) diag_permanent("nothing was compared");
}

static void show_difference(const struct difference *d, const char *file) {
  char text[PREFIX_TEXT_MAX];
  struct span what = d->name;
  if (d->of == DIFFERENCE_NEVERLIST) what = span_of(text, prefix_format(text, &d->prefix));
  printf("%c %.*s", d->sign, (int)what.len, what.s);
  if (d->suffix.len) printf(" %.*s", (int)d->suffix.len, d->suffix.s);
  if (d->source)
    printf(" %s %s\n", providers_root(d->source)->name, d->source->is_spf ? "spf" : "json");
  else printf(" %s:%lu\n", file, (unsigned long)d->line);
}

static void show_differences(const struct build *b, const struct differences *found) {
  static const char *const names[] = {
      [DIFFERENCE_NEVERLIST] = "neverlist", [DIFFERENCE_BIGCO] = "bigco"};
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
  show_errors(&b, config->dir);
  b.errors.warnings = 0;
  read_sources(&b, providers);
  show_errors(&b, NULL);
  if (!providers_compare(providers, config->file_count, &b.sources[0].tables.addresses,
                         &b.sources[1].tables.named, &found))
    diag_system("out of memory");
  show_differences(&b, &found);
  bool different = found.count > 0 || b.errors.warnings > 0;
  free_sources(&b, providers);
  free(found.list);
  return different ? EXIT_PEER : EXIT_DONE;
}
