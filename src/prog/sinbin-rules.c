/* sinbin-rules: rule text in, rules.cdb out; and what is in one. */
#include "sys/diag.h"
#include "rule/hostname.h"
#include "rule/record.h"
#include "prog/rules/rules.h"
#include <getopt.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>

#define SYNOPSIS                                               \
  "[-o rules.cdb] DIR | -l rules.cdb | -q TABLE KEY rules.cdb" \
  " | --providers DIR FILE..."

static void put_line(const char *text, size_t len) {
  if (fwrite(text, 1, len, stdout) != len) diag_system("unable to write");
}

/* The shape of the table that is asked, or exit 100. */
static enum shape shape_of(const struct table *t, const struct config *config) {
  struct span lines;
  struct head head;
  if (table_list(t, &lines) != 1) rules_damaged(config);
  while (lines.len) {
    if (!head_decode(span_cut(&lines, '\n'), &head)) rules_damaged(config);
    if (span_is(head.name, config->table)) return head.shape;
  }
  diag_permanent(config->database, " has no table ", config->table);
}

/* FILE:LINE, then the value if there is one. */
static int show_found(int found, const struct table_source *source, struct span value) {
  if (found != 1) return EXIT_PEER;
  printf("%.*s:%lu", (int)source->file.len, source->file.s, (unsigned long)source->line);
  if (value.len) printf(" %.*s", (int)value.len, value.s);
  put_line("\n", 1);
  rules_flush();
  return EXIT_DONE;
}

static int query_addr(const struct table *t, const struct config *config) {
  struct addr a;
  struct span value;
  struct table_source source;
  if (!addr_parse(span_str(config->key), &a)) diag_permanent("this is no address: ", config->key);
  int found = table_find_addr(t, config->table, &a, &value);
  if (found == 1) found = table_source_addr(t, config->table, &a, &source);
  if (found < 0) rules_damaged(config);
  return show_found(found, &source, value);
}

static int query_named(const struct table *t, const struct config *config, enum shape shape) {
  char *key = strdup(config->key);
  if (!key) diag_system("out of memory");
  /* Dialects alone tell upper from lower case. */
  if (strcmp(config->table, "dialects") != 0) hostname_fold(key, strlen(key));
  struct span suffix = span_str(key), value;
  struct table_source source;
  int found = shape == SHAPE_SUFFIXES
                  ? table_find_suffix(t, config->table, span_str(key), &suffix, &value)
                  : table_find_name(t, config->table, span_str(key), &value);
  if (found == 1) found = table_source_name(t, config->table, suffix, &source);
  free(key);
  if (found < 0) rules_damaged(config);
  bool listed = strncmp(config->table, TABLE_LISTS, strlen(TABLE_LISTS)) == 0;
  if (found == 1 && listed && value.len == 0) found = 0; /* an excluded name */
  return show_found(found, &source, value);
}

static int query(const struct config *config) {
  struct table t;
  rules_open(&t, config->database);
  enum shape shape = shape_of(&t, config);
  int code = shape == SHAPE_ADDRESSES ? query_addr(&t, config) : query_named(&t, config, shape);
  table_close(&t);
  return code;
}

static void set_database(struct config *config, const char *path) {
  if (!*path || strlen(path) >= sizeof config->database) diag_usage(SYNOPSIS);
  memcpy(config->database, path, strlen(path) + 1);
}

static bool has_arguments(const struct config *config, int count) {
  static const int wanted[] = {[BUILD] = 1, [LIST] = 1, [QUERY] = 3};
  return config->task == PROVIDERS ? count >= 2 : count == wanted[config->task];
}

static void take_arguments(struct config *config, char **argv, int count, const char *output) {
  if (config->task == QUERY) config->table = argv[0], config->key = argv[1];
  if (config->task == LIST || config->task == QUERY) set_database(config, argv[count - 1]);
  else if (output) set_database(config, output);
  else rules_join_path(config->database, argv[0], "rules.cdb");
  if (config->task == BUILD || config->task == PROVIDERS) config->dir = argv[0];
  if (config->task != PROVIDERS) return;
  config->files = argv + 1;
  config->file_count = (size_t)count - 1;
}

static struct config configure(int argc, char **argv) {
  static const struct option options[] = {{"providers", no_argument, NULL, 'P'},
                                          {NULL, 0, NULL, 0}};
  struct config config = {.task = BUILD};
  const char *output = NULL;
  int option, tasks = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, "+lo:qP", options, NULL)) != -1) switch (option) {
    case 'o': output = optarg; break;
    case 'l': config.task = LIST, tasks++; break;
    case 'q': config.task = QUERY, tasks++; break;
    case 'P': config.task = PROVIDERS, tasks++; break;
    default: diag_usage(SYNOPSIS);
    }
  if (tasks > 1 || (tasks && output) || !has_arguments(&config, argc - optind))
    diag_usage(SYNOPSIS);
  take_arguments(&config, argv + optind, argc - optind, output);
  return config;
}

int main(int argc, char **argv) {
  diag_start(argc, argv, SYNOPSIS);
  const struct config config = configure(argc, argv);
  signal(SIGXFSZ, SIG_IGN); /* a file size limit must be an error of the write */
  sodium_set_misuse_handler(fatal_no_random);
  if (sodium_init() < 0) fatal_temporary("unable to start libsodium");
  switch (config.task) {
  case QUERY: return query(&config);
  case PROVIDERS: return rules_providers(&config);
  case BUILD: return rules_build(&config);
  case LIST: break;
  }
  rules_list(&config, stdout);
  return EXIT_DONE;
}
