/* Reads one rule file. A published list that cannot be read keeps its last good version. */
#include "sys/diag.h"
#include "base/utc.h"
#include "sys/fileio.h"
#include "rule/coverage.h"
#include "rule/gunzip.h"
#include "rule/lastgood.h"
#include "rule/ruletext.h"
#include "prog/rules/rules.h"
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#define FILE_MAX        (1 << 30)
#define CONF_MAX        (1 << 16)
#define SHOWN_OF_A_LIST 5 /* errors */

/* ---- reading ---- */

static bool unpack(const struct rulefile *file, char **text, size_t *len,
                   struct rule_errors *errors) {
  struct gunzipped out;
  if (!gunzip_is(span_of(*text, *len))) return true;
  bool ok = gunzip(span_of(*text, *len), FILE_MAX, &out);
  if (!ok && !out.reason) diag_system("out of memory unpacking ", file->name);
  free(*text);
  *text = out.text;
  *len = out.len;
  if (!ok) rule_error(errors, file->name, 0, out.reason, span_of(NULL, 0));
  return ok;
}

/* A fault of this file, not of the system, or NULL. */
static const char *file_fault(enum fileio_result result) {
  if (result == FILEIO_KIND) return "not a regular file";
  if (result == FILEIO_SIZE) return "this file is larger than 1 GiB";
  if (errno == EACCES) return "permission denied";
  return errno == ENOENT || errno == ELOOP ? "this file is missing" : NULL;
}

/* False if there is nothing to read. */
static bool read_file(const struct build *b, const struct rulefile *file, char **text, size_t *len,
                      struct rule_errors *errors) {
  char path[PATH_MAX];
  rules_join_path(path, b->config->dir, file->name);
  enum fileio_result result = fileio_read_all(path, FILE_MAX, text, len);
  if (result == FILEIO_READ) return unpack(file, text, len, errors);
  bool missing = result == FILEIO_ERROR && errno == ENOENT;
  if (missing && !file->required && !rulefile_is_list(file)) return false;
  const char *fault = file_fault(result);
  if (fault && (missing || rulefile_is_published(file)))
    rule_error(errors, file->name, 0, fault, span_of(NULL, 0));
  else if (result == FILEIO_KIND) diag_permanent(path, " is not a regular file");
  else if (result == FILEIO_SIZE) diag_permanent(path, " is larger than 1 GiB");
  else if (errno == ENOMEM) diag_system("out of memory reading ", path);
  else diag_system("unable to open or read ", path);
  return false;
}

/* Reads what the operator says about a list. */
static void read_conf(struct build *b, struct source *s) {
  char path[PATH_MAX];
  size_t len;
  if (!s->file->value) return;
  listconf_name(s->conf_name, s->file->name);
  rules_join_path(path, b->config->dir, s->conf_name);
  enum fileio_result result = fileio_read_all(path, CONF_MAX, &s->conf_text, &len);
  if (result == FILEIO_READ) {
    listconf_read(&s->conf, span_of(s->conf_text, len), s->conf_name, &b->errors);
    s->tables.conf = &s->conf;
  } else if (result != FILEIO_ERROR)
    rule_error(&b->errors, s->conf_name, 0, "not a regular file of at most 64 KiB",
               span_of(NULL, 0));
  else if (errno != ENOENT) diag_system("unable to open or read ", path);
}

static void read_text(const struct build *b, struct source *s, struct rule_errors *errors) {
  size_t len;
  if (!read_file(b, s->file, &s->text, &len, errors)) return;
  if (len == 0 && rulefile_is_list(s->file))
    rule_error(errors, s->file->name, 0, "this list is empty: did the download fail?",
               span_of(NULL, 0));
  else if (!ruletext_read(s->file, s->text, len, &s->tables, errors))
    diag_system("out of memory reading ", s->file->name);
}

/* ---- lists that cannot be read ---- */

static void show_of_list(const struct build *b, const struct rule_errors *errors) {
  for (size_t i = 0; i < errors->count && i < SHOWN_OF_A_LIST; i++)
    rules_show_error(b->config->dir, &errors->kept[i], "");
  if (errors->count <= SHOWN_OF_A_LIST) return;
  struct rule_message more = {.file = errors->kept[0].file};
  snprintf(more.reason, sizeof more.reason, "%zu errors, the first %d shown", errors->count,
           SHOWN_OF_A_LIST);
  rules_show_error(b->config->dir, &more, "");
}

/* "9 days", "5 hours" or "3 minutes". */
static void format_age(char *out, size_t size, uint64_t date) {
  time_t now = time(NULL);
  uint64_t age = now > 0 && (uint64_t)now > date ? (uint64_t)now - date : 0;
  static const struct {
    uint64_t seconds;
    const char *unit;
  } units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}};
  size_t i = 0;
  while (i < 2 && age < units[i].seconds) i++;
  uint64_t n = age / units[i].seconds;
  snprintf(out, size, "%llu %s%s", (unsigned long long)n, units[i].unit, n == 1 ? "" : "s");
}

static bool use_last_good(struct build *b, struct source *s) {
  struct rule_errors over = {.count = 0};
  rulefile_tables_free(&s->tables);
  rulefile_tables_init(&s->tables, s->file);
  s->tables.conf = s->conf_text ? &s->conf : NULL;
  enum lastgood taken = b->has_old ? lastgood_get(&b->old, s->file, &s->tables) : LASTGOOD_NONE;
  if (taken == LASTGOOD_NO_MEMORY ||
      (taken == LASTGOOD_FOUND && !coverage_check(s->file, &s->tables, 1, &over)))
    diag_system("out of memory loading the last version of ", s->file->name);
  if (taken == LASTGOOD_FOUND && over.count == 0) return true;
  rulefile_tables_free(&s->tables);
  rulefile_tables_init(&s->tables, s->file);
  s->tables.addresses.keep_empty = false;
  return false;
}

/* The list was not read: its last good version stays in use, or the list is left out. */
static void keep_last_good(struct build *b, struct source *s, const struct rule_errors *errors) {
  char age[40], date[UTC_TEXT + 1];
  struct rule_message kept = {.file = s->file->name};
  show_of_list(b, errors);
  if (use_last_good(b, s)) {
    uint64_t when = s->tables.addresses.from_old ? s->tables.addresses.date : s->tables.named.date;
    format_age(age, sizeof age, when);
    snprintf(kept.reason, sizeof kept.reason,
             "this list was not read; its version of %s, %s old, stays in force",
             utc_format(date, (int64_t)when), age);
  } else
    snprintf(kept.reason, sizeof kept.reason,
             "this list was not read and is left out: there is no earlier version");
  rules_show_error(b->config->dir, &kept, "warning: ");
  b->unread++;
}

/* The date of a list is the time of its file. */
static void set_date(const struct build *b, struct source *s) {
  char path[PATH_MAX];
  struct stat st;
  rules_join_path(path, b->config->dir, s->file->name);
  uint64_t date = stat(path, &st) == 0 && st.st_mtime > 0 ? (uint64_t)st.st_mtime : 1;
  s->tables.addresses.date = s->tables.named.date = date;
}

static void add_warnings(struct rule_errors *to, const struct rule_errors *from) {
  size_t shown = from->warnings < RULE_ERRORS_MAX ? from->warnings : RULE_ERRORS_MAX;
  for (size_t i = 0; i < shown; i++)
    rule_warning(to, from->warned[i].file, from->warned[i].line, from->warned[i].reason,
                 span_of(NULL, 0));
  to->warnings += from->warnings - shown;
}

static void read_published(struct build *b, struct source *s) {
  static struct rule_errors c; /* of this list only */
  c.count = c.warnings = 0;
  read_text(b, s, &c);
  if (c.count) {
    keep_last_good(b, s, &c);
    return;
  }
  add_warnings(&b->errors, &c);
  set_date(b, s);
}

void rules_read(struct build *b, const struct rulefile *file) {
  struct source *s = &b->sources[b->count++];
  s->file = file;
  rulefile_tables_init(&s->tables, file);
  read_conf(b, s);
  if (rulefile_is_published(file)) read_published(b, s);
  else read_text(b, s, &b->errors);
}

void rules_free(struct build *b) {
  for (size_t i = 0; i < b->count; i++) {
    rulefile_tables_free(&b->sources[i].tables);
    free(b->sources[i].text);
    free(b->sources[i].conf_text);
  }
  if (b->has_old) table_close(&b->old);
}
