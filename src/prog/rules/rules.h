/* rules.h: the private header of sinbin-rules.

     sinbin-rules.c    options, and queries
     rules/show.c      output for the operator
     rules/source.c    reads one rule file, or copies its table from the previous database
     rules/build.c     builds a database from a directory of rule files
     rules/list.c      prints what is in a database
     rules/providers.c compares neverlist and bigco with what providers publish

   Errors of the system end the program. */
#ifndef SINBIN_PROG_RULES_H
#define SINBIN_PROG_RULES_H

#include "rule/listname.h"
#include <limits.h>
#include <stdio.h>

struct config {
  enum { BUILD, LIST, QUERY, PROVIDERS } task;
  const char *dir;
  char database[PATH_MAX];
  const char *table, *key;
  char **files; /* of providers */
  size_t file_count;
};

#define SOURCES_MAX (RULEFILES + LISTNAMES_MAX)

/* A rule file that was read: its text, and the tables that borrow from it. */
struct source {
  const struct rulefile *file;
  char *text;
  struct rulefile_tables tables;
  char conf_name[LISTCONF_NAME_MAX + 1];
  char *conf_text;
  struct listconf conf;
};

/* All that a run has read. */
struct build {
  const struct config *config;
  struct listname lists[LISTNAMES_MAX];
  size_t list_count;
  struct source sources[SOURCES_MAX];
  size_t count;
  struct rule_errors errors;
  struct table old; /* the database that is being replaced */
  bool has_old;
  size_t unread; /* published lists that could not be read */
};

void rules_join_path(char out[PATH_MAX], const char *dir, const char *name);
/* "DIR/FILE:LINE: KINDREASON"; dir NULL: the file's name as it is. */
void rules_show_error(const char *dir, const struct rule_message *c, const char *kind);
void rules_show_warnings(const struct build *b);
void rules_flush(void);

/* Reads a rule file as the next source of b. If a published list has errors, they are printed at
   once, and the list is counted in b->unread. All other errors are added to b->errors. */
void rules_read(struct build *b, const struct rulefile *file);
void rules_free(struct build *b);

/* Each performs a task and returns the exit code. */
int rules_build(const struct config *config);
int rules_providers(const struct config *config);

/* Exits if the file is not a rule database. */
void rules_open(struct table *t, const char *path);
_Noreturn void rules_damaged(const struct config *config);
void rules_list(const struct config *config, FILE *out);

#endif
