/* Opening a rule database by its path: a good one, and files that are not one. */
#include "rule/database.h"
#include "score_rules.h"
#include "tap.h"
#include <errno.h>
#include <sys/stat.h>

static char dir[] = "/tmp/sinbin-database-XXXXXX";

static const char *in_dir(const char *name) {
  static char path[128];
  snprintf(path, sizeof path, "%s/%s", dir, name);
  return path;
}

static void write_text(const char *name, const char *text) {
  FILE *file = fopen(in_dir(name), "w");
  if (!file || fputs(text, file) < 0 || fclose(file) != 0) test_is_broken("write", name);
}

static void write_database(const char *name) {
  struct rule_tables t = {.files = 0};
  char version[TABLE_VERSION_LEN + 1];
  FILE *file = fopen(in_dir(name), "w+");
  read_rule_text(&t, "helo", "ylmf-pc\n");
  if (!file || !tablewriter_write(fileno(file), t.tables, RULE_TABLES_MAX * t.files, version))
    test_is_broken("write", name);
  fclose(file);
  free_rule_tables(&t);
}

static const struct {
  const char *name;
  enum database want;
} rows[] = {
    {"good", DATABASE_OPEN},         {"missing", DATABASE_UNREADABLE},
    {"directory", DATABASE_DAMAGED}, {"garbage", DATABASE_DAMAGED},
    {"empty", DATABASE_DAMAGED},     {"fifo", DATABASE_DAMAGED},
};

int main(void) {
  struct fileid id, again;
  struct table t;
  if (!mkdtemp(dir)) test_is_broken("make", dir);
  write_database("good");
  write_text("garbage", "\x80garbage garbage garbage garbage");
  write_text("empty", "");
  if (mkdir(in_dir("directory"), 0700) != 0) test_is_broken("make", "directory");
  if (mkfifo(in_dir("fifo"), 0600) != 0) test_is_broken("make", "fifo");
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    enum database got = database_open(&t, in_dir(rows[i].name), &id);
    ok(got == rows[i].want, "%s: %d (%d)", rows[i].name, rows[i].want, got);
    if (rows[i].want == DATABASE_UNREADABLE) ok(errno == ENOENT, "and errno says why");
    if (got != DATABASE_OPEN) continue;
    ok(fileid_of_path(in_dir(rows[i].name), &again) && fileid_is_unchanged(&id, &again),
       "the identity is that of the file");
    table_close(&t);
  }
  ok(database_open(&t, in_dir("good"), NULL) == DATABASE_OPEN, "the identity may be left out");
  table_close(&t);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) remove(in_dir(rows[i].name));
  remove(dir);
  return done();
}
