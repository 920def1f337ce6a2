/* score_rules.h: a rule database for a test, built from rule text by the reader and writer that
   sinbin-rules has. The files not given are not there, so their checks are off; weights and
   thresholds default to the catalogue's. rules_of dies where the text is malformed: that is the
   test's mistake. */
#ifndef SINBIN_TESTS_SCORE_RULES_H
#define SINBIN_TESTS_SCORE_RULES_H

#include "rule/ruletext.h"
#include "rule/tablewrite.h"
#include "score/rules.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct rule_text {
  const char *file, *text;
};

static const char catalogue_weights[] =
    "high-mx 2\nearly-talk 8 sure\ntalk-in-delay 8 sure\npipelined 2\nhasty-exit 2\nstall "
    "2\nhammer 1\n"
    "body-after-451 8 sure\nhttp 8\nbinary 8\nbare-lf 4\nbare-cr 4\nauth 8 sure\nunoffered 2\n"
    "starttls 1\nparams-after-helo 2\nno-brackets 4\nodd-space 2\nbad-order 4\nno-helo 4\ngarbage "
    "4\n"
    "long-line 2\ngoes-on 4 sure\ndialect 0\nhelo-us 8 sure\nhelo-rcpt 8\nhelo-rcpt-sure 8 "
    "sure\nhelo-ip 4\n"
    "helo-literal 4\nhelo-literal-private 1\nhelo-localhost 1\nhelo-label 1\nhelo-bot 8 sure\n"
    "helo-windows 4\nhelo-chars 4\nhelo-chars-underscore 1\nhelo-tld 1\nhelo-tld-unknown 4\n"
    "helo-bigco 8\nhelo-dynamic 2\nhelo-changes 4\nhelo-unknown 1\nhelo-mismatch 1\nhelo-match -2\n"
    "helo-empty 4\nrelay 8 sure\nspamtrap 8 sure\nunknown-rcpt 4\nself-mail 4\nsame-local 1\n"
    "bounce-many 4\nour-sender 1\nsender-nodomain 4\nmany-rcpts 2\ndynamic 4\nlisted 8\nno-rdns 4\n"
    "rdns-mismatch 2\ngeneric-rdns 1\ngeneric-rdns-pool 4\nbad-rdns 4\nno-quit 4\nabandoned "
    "4\nreset 4\n"
    "quit -4\npolite -2\n";

static void test_is_broken(const char *why, const char *what) {
  printf("Bail out! %s: %s\n", why, what);
  exit(1);
}

/* The tables that are being built, and the copies of text that they borrow. */
struct rule_tables {
  struct rows tables[RULE_TABLES_MAX * RULEFILES];
  char *text[RULEFILES];
  size_t files;
};

static void read_rule_text(struct rule_tables *t, const char *name, const char *text) {
  struct complaints c = {.count = 0};
  struct rule_rows rows;
  const struct rulefile *file = rulefile_find(span_str(name));
  if (!file || t->files == RULEFILES) test_is_broken("no such rule file", name);
  rule_rows_init(&rows, file);
  char *copy = t->text[t->files] = strdup(text);
  if (!copy || !ruletext_read(file, copy, strlen(copy), &rows, &c)) test_is_broken("memory", name);
  if (c.count) test_is_broken(name, c.kept[0].reason);
  rule_rows_tables(&rows, t->tables + RULE_TABLES_MAX * t->files++);
}

static void free_rule_tables(struct rule_tables *t) {
  for (size_t i = 0; i < RULE_TABLES_MAX * t->files; i++) rows_free(&t->tables[i]);
  for (size_t i = 0; i < t->files; i++) free(t->text[i]);
}

static bool is_given(const struct rule_text *files, const char *name) {
  for (; files->file; files++)
    if (strcmp(files->file, name) == 0) return true;
  return false;
}

/* files ends with {NULL, NULL}. */
__attribute__((unused)) static void rules_of(struct rules *out, const struct rule_text *files) {
  struct rule_tables t = {.files = 0};
  char version[TABLE_VERSION_LEN + 1];
  const char *bad = "none";
  struct table table;
  if (!is_given(files, "weights")) read_rule_text(&t, "weights", catalogue_weights);
  if (!is_given(files, "thresholds")) read_rule_text(&t, "thresholds", "bot 8\nsuspect 4\n");
  for (; files->file; files++) read_rule_text(&t, files->file, files->text);
  FILE *file = tmpfile();
  if (!file || !table_write(fileno(file), t.tables, RULE_TABLES_MAX * t.files, version))
    test_is_broken("write", "rules");
  if (!table_open(&table, fileno(file))) test_is_broken("open", "rules");
  fclose(file);
  free_rule_tables(&t);
  if (!rules_load(out, &table, &bad)) test_is_broken("load", bad);
}

#endif
