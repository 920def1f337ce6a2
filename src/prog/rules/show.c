/* Output for the operator. */
#include "sys/diag.h"
#include "sys/atomicfile.h"
#include "base/number.h"
#include "prog/rules/rules.h"
#include <unistd.h>

void rules_join_path(char out[PATH_MAX], const char *dir, const char *name) {
  size_t len = strlen(dir);
  const char *slash = len && dir[len - 1] == '/' ? "" : "/";
  int n = snprintf(out, PATH_MAX, "%s%s%s", dir, slash, name);
  if (n < 0 || n >= PATH_MAX) diag_permanent("the path is too long: ", dir);
}

/* As a compiler does, DIR/FILE:LINE: REASON, so that editors find the line. A reason may quote the
   file: only printable bytes are written. */
void rules_show_error(const char *dir, const struct rule_message *c, const char *kind) {
  char path[PATH_MAX], line[PATH_MAX + sizeof c->reason + NUMBER_MAX + 16],
      place[NUMBER_MAX + 2] = "";
  if (dir) rules_join_path(path, dir, c->file);
  else snprintf(path, sizeof path, "%s", c->file);
  if (c->line) snprintf(place, sizeof place, ":%lu", (unsigned long)c->line);
  int n = snprintf(line, sizeof line, "%s%s: %s%s", path, place, kind, c->reason);
  for (int i = 0; i < n; i++)
    if (line[i] < ' ' || line[i] > '~') line[i] = '?';
  line[n] = '\n';
  atomicfile_write_all(STDERR_FILENO, line, (size_t)n + 1);
}

void rules_show_warnings(const struct build *b) {
  size_t count = b->errors.warnings;
  for (size_t i = 0; i < count && i < RULE_ERRORS_MAX; i++)
    rules_show_error(b->config->dir, &b->errors.warned[i], "warning: ");
  if (count > RULE_ERRORS_MAX)
    fprintf(stderr, "sinbin-rules: warning: %zu warnings, the first 20 shown\n", count);
}

void rules_flush(void) {
  if (fflush(stdout) != 0) diag_system("unable to write");
}
