/* score_rules.h: a rule database for a test, built from rule text by the reader and writer of
   sinbin-rules. Files that are not given do not exist, so their checks are off; weights and
   thresholds default to those in rules/. If the text is malformed, rules_of ends the test: the text
   is the test's own. */
#ifndef SINBIN_TESTS_SCORE_RULES_H
#define SINBIN_TESTS_SCORE_RULES_H

#include "rule/ruletext.h"
#include "rule/tablewriter.h"
#include "score/rules.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct rule_text {
  const char *file, *text;
};

static void test_is_broken(const char *why, const char *what) {
  printf("Bail out! %s: %s\n", why, what);
  exit(1);
}

/* A rule file as shipped: tests run in the top directory. */
static const char *shipped(const char *path, char *text, size_t cap) {
  FILE *file = fopen(path, "r");
  size_t len = file ? fread(text, 1, cap - 1, file) : 0;
  if (!len) test_is_broken("unable to read", path);
  fclose(file);
  text[len] = '\0';
  return text;
}

/* The tables that are being built, and the copies of the text that they borrow. */
struct rule_tables {
  struct tabletext tables[RULE_TABLES_MAX * RULEFILES];
  char *text[RULEFILES];
  size_t files;
};

static void read_rule_text(struct rule_tables *t, const char *name, const char *text) {
  struct rule_errors c = {.count = 0};
  struct rulefile_tables read;
  const struct rulefile *file = rulefile_find(span_str(name));
  if (!file || t->files == RULEFILES) test_is_broken("no such rule file", name);
  rulefile_tables_init(&read, file);
  char *copy = t->text[t->files] = strdup(text);
  if (!copy || !ruletext_read(file, copy, strlen(copy), &read, &c)) test_is_broken("memory", name);
  if (c.count) test_is_broken(name, c.kept[0].reason);
  rulefile_tables_list(&read, t->tables + RULE_TABLES_MAX * t->files++);
}

static void free_rule_tables(struct rule_tables *t) {
  for (size_t i = 0; i < RULE_TABLES_MAX * t->files; i++) tabletext_free(&t->tables[i]);
  for (size_t i = 0; i < t->files; i++) free(t->text[i]);
}

static bool is_given(const struct rule_text *files, const char *name) {
  for (; files->file; files++)
    if (strcmp(files->file, name) == 0) return true;
  return false;
}

/* The database, in a file without a name. files ends with {NULL, NULL}. */
__attribute__((unused)) static FILE *rule_database_of(const struct rule_text *files) {
  static const char *const always[] = {"weights", "thresholds", NULL};
  struct rule_tables t = {.files = 0};
  char version[TABLE_VERSION_LEN + 1];
  static char text[16384];
  for (const char *const *name = always; *name; name++) {
    char path[64];
    snprintf(path, sizeof path, "rules/%s", *name);
    if (!is_given(files, *name)) read_rule_text(&t, *name, shipped(path, text, sizeof text));
  }
  for (; files->file; files++) read_rule_text(&t, files->file, files->text);
  FILE *file = tmpfile();
  if (!file || !tablewriter_write(fileno(file), t.tables, RULE_TABLES_MAX * t.files, version))
    test_is_broken("write", "rules");
  free_rule_tables(&t);
  return file;
}

/* files ends with {NULL, NULL}. */
__attribute__((unused)) static void rules_of(struct rules *out, const struct rule_text *files) {
  const char *bad = "none";
  struct table table;
  FILE *file = rule_database_of(files);
  if (!table_open(&table, fileno(file))) test_is_broken("open", "rules");
  fclose(file);
  if (!rules_load(out, &table, &bad)) test_is_broken("load", bad);
}

#endif
