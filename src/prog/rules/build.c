/* Builds a database from a directory of rule files. */
#include "sys/atomicfile.h"
#include "sys/diag.h"
#include "sys/systemerror.h"
#include "base/number.h"
#include "rule/coverage.h"
#include "rule/database.h"
#include "rule/rulecheck.h"
#include "rule/tablewriter.h"
#include "prog/rules/rules.h"
#include <dirent.h>
#include <stdlib.h>

_Noreturn static void fail_build(const struct build *b) {
  char number[NUMBER_MAX + 1];
  size_t count = b->errors.count;
  for (size_t i = 0; i < count && i < RULE_ERRORS_MAX; i++)
    rules_show_error(b->config->dir, &b->errors.kept[i], "");
  number[number_format(number, count)] = '\0';
  diag_permanent(number, count == 1 ? " error" : " errors",
                 count > RULE_ERRORS_MAX ? ", the first 20 shown" : "", ": ", b->config->database,
                 " is left as it was");
}

/* The name is never freed, because the error borrows it. */
static void add_file_error(struct build *b, const char *dir, const char *name, const char *reason) {
  char *kept;
  if (asprintf(&kept, "%s%s", dir, name) < 0) diag_system("out of memory");
  rule_error(&b->errors, kept, 0, reason, span_of(NULL, 0));
}

static bool is_editor_backup(const char *name) {
  return name[0] == '.' || name[strlen(name) - 1] == '~';
}

/* Backup files of editors, hidden files, Makefile, rules.cdb and tables.d may be in the directory,
   too. */
static int is_unknown_file(const struct dirent *entry) {
  const char *name = entry->d_name;
  bool skipped = strchr(name, '.') || is_editor_backup(name) || strcmp(name, "Makefile") == 0;
  return !skipped && !rulefile_find(span_str(name));
}

static void check_unknown_files(struct build *b) {
  char reason[sizeof b->errors.kept[0].reason];
  struct dirent **found;
  size_t n = (size_t)snprintf(reason, sizeof reason, "not a rule file; there are");
  for (int i = 0; i < RULEFILES && n < sizeof reason; i++)
    n += (size_t)snprintf(reason + n, sizeof reason - n, " %s", rulefiles[i].name);
  int count = scandir(b->config->dir, &found, is_unknown_file, alphasort);
  if (count < 0) diag_system("unable to read ", b->config->dir);
  for (int i = 0; i < count; i++) {
    add_file_error(b, "", found[i]->d_name, reason);
    free(found[i]);
  }
  free(found);
}

/* ---- the lists of tables.d ---- */

static bool ends_in(const char *name, const char *suffix) {
  size_t len = strlen(name), end = strlen(suffix);
  return len > end && strcmp(name + len - end, suffix) == 0;
}

static int is_list_file(const struct dirent *entry) {
  const char *name = entry->d_name;
  bool list = !ends_in(name, ".tmp") && !ends_in(name, ".conf");
  return list && !is_editor_backup(name) && strcmp(name, "README") != 0;
}

static int is_conf_file(const struct dirent *entry) {
  return ends_in(entry->d_name, ".conf") && !is_editor_backup(entry->d_name);
}

static bool is_duplicate(const struct build *b, const struct listname *list) {
  for (size_t i = 0; i < b->list_count; i++)
    if (strcmp(b->lists[i].table, list->table) == 0) return true;
  return false;
}

static void add_list(struct build *b, const char *name) {
  const char *reason;
  if (b->list_count == LISTNAMES_MAX) {
    if (b->errors.count == 0) add_file_error(b, LISTNAME_DIR, name, "there are more than 32 lists");
    return;
  }
  struct listname *new = &b->lists[b->list_count];
  if (!listname_init(new, name, &reason)) add_file_error(b, LISTNAME_DIR, name, reason);
  else if (is_duplicate(b, new))
    add_file_error(b, LISTNAME_DIR, name, "another list has this NAME");
  else b->list_count++;
}

/* Sorts by the bytes of the names, not by the locale. */
static int by_name(const struct dirent **a, const struct dirent **b) {
  return strcmp((*a)->d_name, (*b)->d_name);
}

/* Calls `take` for each wanted name in tables.d, in their order. */
static void each_name(struct build *b, int (*wanted)(const struct dirent *),
                      void (*take)(struct build *b, const char *name)) {
  struct dirent **found;
  char path[PATH_MAX];
  rules_join_path(path, b->config->dir, LISTNAME_DIR);
  int count = scandir(path, &found, wanted, by_name);
  if (count < 0 && errno == ENOENT) return;
  if (count < 0) diag_system("unable to read ", path);
  for (int i = 0; i < count; i++) {
    take(b, found[i]->d_name);
    free(found[i]);
  }
  free(found);
}

/* A NAME.conf without its list is only a warning, because the list may not have been downloaded
   yet. */
static void check_conf_has_list(struct build *b, const char *name) {
  char *kept;
  if (asprintf(&kept, "%s%s", LISTNAME_DIR, name) < 0) diag_system("out of memory");
  for (size_t i = 0; i < b->list_count; i++) {
    char conf[LISTCONF_NAME_MAX + 1];
    listconf_name(conf, b->lists[i].file);
    if (strcmp(conf, kept) == 0) return free(kept);
  }
  rule_warning(&b->errors, kept, 0, "there is no list of this name", span_of(NULL, 0));
}

/* ---- warnings about lists ---- */

/* A list that had names and now has addresses, or the reverse, is probably another list. */
static void compare_kind(struct build *b, const struct source *s) {
  struct head old;
  bool names = s->tables.named.count > 0;
  if (!b->has_old || (!names && s->tables.addresses.count == 0)) return;
  if (table_head(&b->old, s->file->addresses, &old) != 1 || old.number[HEAD_ENTRIES] == 0) return;
  if (names == (old.shape != SHAPE_ADDRESSES)) return;
  rule_warning(&b->errors, s->file->name, 0,
               names
                   ? "this is a list of names, but in the previous database it is one of addresses"
                   : "this is a list of addresses, but in the previous database it is one of names",
               span_of(NULL, 0));
}

static const struct rulefile_tables *tabletext_of(const struct build *b, const char *name) {
  return &b->sources[rulefile_find(span_str(name)) - rulefiles].tables;
}

static void check_lists(struct build *b) {
  const struct tabletext *never = &tabletext_of(b, "neverlist")->addresses;
  for (size_t i = 0; i < b->count; i++) {
    const struct source *s = &b->sources[i];
    if (!rulefile_is_published(s->file)) continue;
    if (s->tables.addresses.from_old || s->tables.named.from_old)
      continue; /* reported when it was read */
    if (rulefile_is_list(s->file)) compare_kind(b, s);
    if (!coverage_warn(&s->tables.addresses, never, &b->errors)) diag_system("out of memory");
  }
}

/* ---- the database ---- */

/* The database that is being replaced. It may be missing, or not be a database. */
static void open_old(struct build *b) {
  enum database result = database_open(&b->old, b->config->database, NULL);
  b->has_old = result == DATABASE_OPEN;
  if (result == DATABASE_UNREADABLE && systemerror_is_temporary(errno))
    diag_system("unable to open ", b->config->database);
}

static void write_database(const struct build *b) {
  const char *database = b->config->database;
  struct tabletext tables[RULE_TABLES_MAX * SOURCES_MAX];
  struct atomicfile out;
  char version[TABLE_VERSION_LEN + 1];
  for (size_t i = 0; i < b->count; i++)
    rulefile_tables_list(&b->sources[i].tables, tables + RULE_TABLES_MAX * i);
  if (!atomicfile_open(&out, database, 0644)) diag_system("unable to create ", database, ".tmp");
  if (!tablewriter_write(out.fd, tables, RULE_TABLES_MAX * b->count, version)) {
    atomicfile_abandon(&out);
    diag_system("unable to write ", database, ".tmp");
  }
  if (!atomicfile_commit(&out)) diag_system("unable to replace ", database);
}

static int finish(const struct build *b) {
  char number[NUMBER_MAX + 1];
  if (b->unread == 0) return EXIT_DONE;
  log_warning(number_text(number, b->unread), b->unread == 1 ? " list" : " lists",
              " could not be read; everything else is in ", b->config->database);
  return EXIT_PEER;
}

int rules_build(const struct config *config) {
  static struct build b;
  b.config = config;
  open_old(&b);
  for (int i = 0; i < RULEFILES; i++) rules_read(&b, &rulefiles[i]);
  rulecheck_words(tabletext_of(&b, "pool-words"), tabletext_of(&b, "host-words"), &b.errors);
  each_name(&b, is_list_file, add_list);
  each_name(&b, is_conf_file, check_conf_has_list);
  for (size_t i = 0; i < b.list_count; i++) rules_read(&b, &b.lists[i].rule);
  check_unknown_files(&b);
  check_lists(&b);
  rules_show_warnings(&b);
  if (b.errors.count) fail_build(&b);
  write_database(&b);
  rules_free(&b);
  rules_list(config, stderr);
  return finish(&b);
}
