/* sinbin-rules: rule text in, rules.cdb out; and what is in one. */
#include "base/atomicfile.h"
#include "base/fatal.h"
#include "base/number.h"
#include "base/systemerror.h"
#include "base/wholefile.h"
#include "rule/gunzip.h"
#include "rule/listfile.h"
#include "rule/name.h"
#include "rule/ruletext.h"
#include "rule/tablewrite.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYNOPSIS "[-o rules.cdb] DIR | -l rules.cdb | -q TABLE KEY rules.cdb"
#define FILE_MAX (1 << 30)

struct config {
  enum { BUILD, LIST, QUERY } task;
  const char *dir;
  char database[PATH_MAX];
  const char *table, *key;
};

#define SOURCES_MAX (RULEFILES + LISTFILES_MAX)

/* All that a run has read: the texts, and the rows that borrow from them. */
struct build {
  const struct config *config;
  struct listfile lists[LISTFILES_MAX];
  size_t list_count;
  char *text[SOURCES_MAX];
  struct rule_rows rows[SOURCES_MAX];
  size_t count;
  struct complaints complaints;
};

static void join_path(char out[PATH_MAX], const char *dir, const char *name) {
  size_t len = strlen(dir);
  const char *slash = len && dir[len - 1] == '/' ? "" : "/";
  int n = snprintf(out, PATH_MAX, "%s%s%s", dir, slash, name);
  if (n < 0 || n >= PATH_MAX) fatal_permanent("the path is too long: ", dir);
}

/* Compiler style, DIR/FILE:LINE: REASON, so that editors find the place. A file's bytes go to the
   terminal here: only printable ones do. */
static void show_complaint(const char *dir, const struct complaint *c, const char *kind) {
  char path[PATH_MAX], line[PATH_MAX + sizeof c->reason + NUMBER_MAX + 16],
      place[NUMBER_MAX + 2] = "";
  join_path(path, dir, c->file);
  if (c->line) snprintf(place, sizeof place, ":%lu", (unsigned long)c->line);
  int n = snprintf(line, sizeof line, "%s%s: %s%s", path, place, kind, c->reason);
  for (int i = 0; i < n; i++)
    if (line[i] < ' ' || line[i] > '~') line[i] = '?';
  line[n] = '\n';
  write_all(STDERR_FILENO, line, (size_t)n + 1);
}

static void show_warnings(const struct build *b) {
  size_t count = b->complaints.warnings;
  for (size_t i = 0; i < count && i < COMPLAINTS_MAX; i++)
    show_complaint(b->config->dir, &b->complaints.warned[i], "warning: ");
  if (count > COMPLAINTS_MAX)
    fprintf(stderr, "sinbin-rules: warning: %zu warnings, the first 20 shown\n", count);
}

_Noreturn static void refuse(const struct build *b) {
  char number[NUMBER_MAX + 1];
  size_t count = b->complaints.count;
  for (size_t i = 0; i < count && i < COMPLAINTS_MAX; i++)
    show_complaint(b->config->dir, &b->complaints.kept[i], "");
  number[number_format(number, count)] = '\0';
  fatal_permanent(number, count == 1 ? " error" : " errors",
                  count > COMPLAINTS_MAX ? ", the first 20 shown" : "", ": ", b->config->database,
                  " is left as it was");
}

/* Names are kept for the rest of the run, since complaints borrow them. */
static void complain_of_file(struct build *b, const char *dir, const char *name,
                             const char *reason) {
  char *kept;
  if (asprintf(&kept, "%s%s", dir, name) < 0) fatal_system("out of memory");
  complain(&b->complaints, kept, 0, reason, span_of(NULL, 0));
}

static bool is_editors(const char *name) {
  return name[0] == '.' || name[strlen(name) - 1] == '~';
}

/* Editors' copies, hidden files, Makefile, rules.cdb and tables.d live in the directory too. */
static int only_strangers(const struct dirent *entry) {
  const char *name = entry->d_name;
  bool passed_over = strchr(name, '.') || is_editors(name) || strcmp(name, "Makefile") == 0;
  return !passed_over && !rulefile_find(span_str(name));
}

static void look_for_strangers(struct build *b) {
  char reason[sizeof b->complaints.kept[0].reason];
  struct dirent **found;
  size_t n = (size_t)snprintf(reason, sizeof reason, "not a rule file; there are");
  for (int i = 0; i < RULEFILES && n < sizeof reason; i++)
    n += (size_t)snprintf(reason + n, sizeof reason - n, " %s", rulefiles[i].name);
  int count = scandir(b->config->dir, &found, only_strangers, alphasort);
  if (count < 0) fatal_system("unable to read ", b->config->dir);
  for (int i = 0; i < count; i++) {
    complain_of_file(b, "", found[i]->d_name, reason);
    free(found[i]);
  }
  free(found);
}

/* ---- the lists of tables.d ---- */

static int only_lists(const struct dirent *entry) {
  const char *name = entry->d_name;
  size_t len = strlen(name);
  bool unfinished = len > 4 && strcmp(name + len - 4, ".tmp") == 0;
  return !is_editors(name) && !unfinished && strcmp(name, "README") != 0;
}

static bool is_twin(const struct build *b, const struct listfile *list) {
  for (size_t i = 0; i < b->list_count; i++)
    if (strcmp(b->lists[i].table, list->table) == 0) return true;
  return false;
}

static void add_list(struct build *b, const char *name) {
  const char *reason;
  if (b->list_count == LISTFILES_MAX) {
    if (b->complaints.count == 0)
      complain_of_file(b, LISTFILE_DIR, name, "there are more than 32 lists");
    return;
  }
  struct listfile *new = &b->lists[b->list_count];
  if (!listfile_init(new, name, &reason)) complain_of_file(b, LISTFILE_DIR, name, reason);
  else if (is_twin(b, new))
    complain_of_file(b, LISTFILE_DIR, name, "there is another list of NAME");
  else b->list_count++;
}

/* In the order of the bytes of their names, whatever the locale. */
static int by_name(const struct dirent **a, const struct dirent **b) {
  return strcmp((*a)->d_name, (*b)->d_name);
}

static void look_for_lists(struct build *b) {
  struct dirent **found;
  char path[PATH_MAX];
  join_path(path, b->config->dir, LISTFILE_DIR);
  int count = scandir(path, &found, only_lists, by_name);
  if (count < 0 && errno == ENOENT) return;
  if (count < 0) fatal_system("unable to read ", path);
  for (int i = 0; i < count; i++) {
    add_list(b, found[i]->d_name);
    free(found[i]);
  }
  free(found);
}

/* ---- reading ---- */

static bool unpack(struct build *b, const struct rulefile *file, char **text, size_t *len) {
  struct gunzipped out;
  if (!gunzip_is(span_of(*text, *len))) return true;
  bool ok = gunzip(span_of(*text, *len), FILE_MAX, &out);
  if (!ok && !out.reason) fatal_system("out of memory unpacking ", file->name);
  free(*text);
  *text = out.text;
  *len = out.len;
  if (!ok) complain(&b->complaints, file->name, 0, out.reason, span_of(NULL, 0));
  return ok;
}

/* False where there is nothing to read. */
static bool read_file(struct build *b, const struct rulefile *file, char **text, size_t *len) {
  char path[PATH_MAX];
  join_path(path, b->config->dir, file->name);
  switch (wholefile_read(path, FILE_MAX, text, len)) {
  case WHOLEFILE_READ: return unpack(b, file, text, len);
  case WHOLEFILE_KIND: fatal_permanent(path, " is no regular file");
  case WHOLEFILE_SIZE: fatal_permanent(path, " is larger than 1 GiB");
  case WHOLEFILE_ERROR: break;
  }
  if (errno == ENOMEM) fatal_system("out of memory reading ", path);
  if (errno != ENOENT) fatal_system("unable to open or read ", path);
  if (file->required)
    complain(&b->complaints, file->name, 0, "this file is missing", span_of(NULL, 0));
  return false;
}

static void read_rules(struct build *b, const struct rulefile *file) {
  size_t len, nth = b->count++;
  rule_rows_init(&b->rows[nth], file);
  if (!read_file(b, file, &b->text[nth], &len)) return;
  if (len == 0 && file->read == row_listed)
    complain(&b->complaints, file->name, 0, "this list is empty: was it fetched?",
             span_of(NULL, 0));
  else if (!ruletext_read(file, b->text[nth], len, &b->rows[nth], &b->complaints))
    fatal_system("out of memory reading ", file->name);
}

static void put_line(const char *text, size_t len) {
  if (fwrite(text, 1, len, stdout) != len) fatal_system("unable to write");
}

static void flush(void) {
  if (fflush(stdout) != 0) fatal_system("unable to write");
}

static void open_database(struct table *t, const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) fatal_system("unable to open ", path);
  if (!table_open(t, fd)) {
    if (systemerror_is_temporary(errno)) fatal_system("unable to map ", path);
    fatal_permanent(path, " is no rule database of this version");
  }
  close(fd);
}

_Noreturn static void damaged(const struct config *config) {
  fatal_permanent(config->database, " is damaged");
}

/* ---- what is in a database ---- */

static void put_number(FILE *out, const struct head *head, enum head_number which,
                       const char *what) {
  if (head->number[which]) fprintf(out, " %s=%llu", what, (unsigned long long)head->number[which]);
}

/* "version HEX", then NAME SHAPE ENTRIES and what else was counted, a line each. */
static void list_tables(const struct config *config, FILE *out) {
  struct table t;
  struct span lines;
  struct head head;
  open_database(&t, config->database);
  if (table_list(&t, &lines) != 1) damaged(config);
  fprintf(out, "version %s\n", t.version);
  while (lines.len) {
    if (!head_decode(span_cut(&lines, '\n'), &head)) damaged(config);
    fprintf(out, "%.*s %s %llu", (int)head.name.len, head.name.s, shape_name(head.shape),
            (unsigned long long)head.number[HEAD_ENTRIES]);
    put_number(out, &head, HEAD_EXCLUSIONS, "exclusions");
    put_number(out, &head, HEAD_DUPLICATES, "duplicates");
    put_number(out, &head, HEAD_PASSED, "passed");
    fputc('\n', out);
  }
  if (fflush(out) != 0 && out == stdout) fatal_system("unable to write");
  table_close(&t);
}

static void write_database(const struct build *b) {
  const char *database = b->config->database;
  struct rows tables[RULE_TABLES_MAX * SOURCES_MAX];
  struct atomicfile out;
  char version[TABLE_VERSION_LEN + 1];
  for (size_t i = 0; i < b->count; i++) rule_rows_tables(&b->rows[i], tables + RULE_TABLES_MAX * i);
  if (!atomicfile_open(&out, database, 0644)) fatal_system("unable to create ", database, ".tmp");
  if (!table_write(out.fd, tables, RULE_TABLES_MAX * b->count, version)) {
    atomicfile_abandon(&out);
    fatal_system("unable to write ", database, ".tmp");
  }
  if (!atomicfile_commit(&out)) fatal_system("unable to replace ", database);
}

static const struct rule_rows *rows_of(const struct build *b, const char *name) {
  return &b->rows[rulefile_find(span_str(name)) - rulefiles];
}

static void build(const struct config *config) {
  static struct build b;
  b.config = config;
  for (int i = 0; i < RULEFILES; i++) read_rules(&b, &rulefiles[i]);
  check_words(rows_of(&b, "pool-words"), rows_of(&b, "host-words"), &b.complaints);
  look_for_lists(&b);
  for (size_t i = 0; i < b.list_count; i++) read_rules(&b, &b.lists[i].rule);
  look_for_strangers(&b);
  show_warnings(&b);
  if (b.complaints.count) refuse(&b);
  write_database(&b);
  for (size_t i = 0; i < b.count; i++) {
    rule_rows_free(&b.rows[i]);
    free(b.text[i]);
  }
  list_tables(config, stderr);
}

/* The shape of the table that is asked, or exit 100. */
static enum shape shape_of(const struct table *t, const struct config *config) {
  struct span lines;
  struct head head;
  if (table_list(t, &lines) != 1) damaged(config);
  while (lines.len) {
    if (!head_decode(span_cut(&lines, '\n'), &head)) damaged(config);
    if (span_is(head.name, config->table)) return head.shape;
  }
  fatal_permanent(config->database, " has no table ", config->table);
}

/* FILE:LINE, then the value if there is one. */
static int show_found(int found, const struct table_source *source, struct span value) {
  if (found != 1) return EXIT_PEER;
  printf("%.*s:%lu", (int)source->file.len, source->file.s, (unsigned long)source->line);
  if (value.len) printf(" %.*s", (int)value.len, value.s);
  put_line("\n", 1);
  flush();
  return EXIT_DONE;
}

static int query_addr(const struct table *t, const struct config *config) {
  struct addr a;
  struct span value;
  struct table_source source;
  if (!addr_parse(span_str(config->key), &a)) fatal_permanent("this is no address: ", config->key);
  int found = table_find_addr(t, config->table, &a, &value);
  if (found == 1) found = table_source_addr(t, config->table, &a, &source);
  if (found < 0) damaged(config);
  return show_found(found, &source, value);
}

static int query_named(const struct table *t, const struct config *config, enum shape shape) {
  char *key = strdup(config->key);
  if (!key) fatal_system("out of memory");
  /* Dialects alone tell upper from lower case. */
  if (strcmp(config->table, "dialects") != 0) name_fold(key, strlen(key));
  struct span suffix = span_str(key), value;
  struct table_source source;
  int found = shape == SHAPE_SUFFIXES
                  ? table_find_suffix(t, config->table, span_str(key), &suffix, &value)
                  : table_find_name(t, config->table, span_str(key), &value);
  if (found == 1) found = table_source_name(t, config->table, suffix, &source);
  free(key);
  if (found < 0) damaged(config);
  bool listed = strncmp(config->table, TABLE_LISTS, strlen(TABLE_LISTS)) == 0;
  if (found == 1 && listed && value.len == 0) found = 0; /* an excluded name */
  return show_found(found, &source, value);
}

static int query(const struct config *config) {
  struct table t;
  open_database(&t, config->database);
  enum shape shape = shape_of(&t, config);
  int code = shape == SHAPE_ADDRESSES ? query_addr(&t, config) : query_named(&t, config, shape);
  table_close(&t);
  return code;
}

static void set_database(struct config *config, const char *path) {
  if (!*path || strlen(path) >= sizeof config->database) fatal_usage(SYNOPSIS);
  memcpy(config->database, path, strlen(path) + 1);
}

static struct config configure(int argc, char **argv) {
  struct config config = {.task = BUILD};
  const char *output = NULL;
  int option, tasks = 0;
  opterr = 0;
  while ((option = getopt(argc, argv, "+lo:q")) != -1) switch (option) {
    case 'o': output = optarg; break;
    case 'l': config.task = LIST, tasks++; break;
    case 'q': config.task = QUERY, tasks++; break;
    default: fatal_usage(SYNOPSIS);
    }
  argv += optind;
  if (tasks > 1 || (tasks && output) || argc - optind != (config.task == QUERY ? 3 : 1))
    fatal_usage(SYNOPSIS);
  if (config.task == QUERY) config.table = argv[0], config.key = argv[1];
  if (config.task != BUILD) set_database(&config, argv[argc - optind - 1]);
  else if (output) set_database(&config, output);
  else join_path(config.database, argv[0], "rules.cdb");
  if (config.task == BUILD) config.dir = argv[0];
  return config;
}

int main(int argc, char **argv) {
  fatal_set_program(argv[0]);
  const struct config config = configure(argc, argv);
  signal(SIGXFSZ, SIG_IGN); /* a file size limit is to be an error of the write */
  sodium_set_misuse_handler(fatal_no_random);
  if (sodium_init() < 0) fatal_temporary("unable to start libsodium");
  if (config.task == QUERY) return query(&config);
  if (config.task == LIST) list_tables(&config, stdout);
  else build(&config);
  return EXIT_DONE;
}
