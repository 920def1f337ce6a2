/* rules.h: the parts of sinbin-rules, private to it.

     sinbin-rules.c    options, and questions to a database
     rules/show.c      what is said to the operator
     rules/source.c    reads one rule file, or takes its table from the database before
     rules/build.c     a directory of rule files becomes a database
     rules/list.c      what is in a database
     rules/providers.c neverlist and bigco beside what providers publish

   Errors of the machine end the program here, as they do everywhere in it. */
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

/* A rule file that was read: its text, and the rows that borrow from it. */
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

/* Reads a rule file as the next source of b. Complaints about a published list are shown at once,
   and the list is counted in b->unread; all others are added to b->complaints. */
void rules_read(struct build *b, const struct rulefile *file);
void rules_free(struct build *b);

/* Each does a task and returns the exit code. */
int rules_build(const struct config *config);
int rules_providers(const struct config *config);

/* Ends the program if the file is no rule database. */
void rules_open(struct table *t, const char *path);
_Noreturn void rules_damaged(const struct config *config);
void rules_list(const struct config *config, FILE *out);

#endif
