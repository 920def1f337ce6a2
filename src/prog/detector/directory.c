/* Reads and changes the directory of detectors. */
#include "prog/detector/commands.h"
#include "sys/atomicfile.h"
#include "sys/diag.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

_Noreturn void request_refuse(const struct request *q, const struct diagnosis *p) {
  diag_exit(p->temporary ? EXIT_TEMPORARY : EXIT_PERMANENT, 0,
            diag_parts(q->detectors, "/", p->text));
}

void request_open(struct request *q) {
  struct diagnosis p = {.text = ""};
  if (!detectoredit_open(&q->edit, q->detectors, &p)) request_refuse(q, &p);
}

void request_put(struct request *q, const char *file, const char *text) {
  struct diagnosis p = {.text = ""};
  const struct detectoredit_file f = {.name = file, .text = span_str(text)};
  if (!detectoredit_put(&q->edit, q->name, &f, &p)) fatal_temporary(q->detectors, "/", p.text);
}

void request_remove(struct request *q, const char *file) {
  struct diagnosis p = {.text = ""};
  if (!detectoredit_remove(&q->edit, q->name, file, &p)) fatal_temporary(q->detectors, "/", p.text);
}

void request_open_existing(struct request *q) {
  struct stat st;
  request_open(q);
  bool found = fstatat(q->edit.dir, q->name, &st, AT_SYMLINK_NOFOLLOW) == 0;
  if (!found && errno != ENOENT) diag_system("unable to look at ", q->detectors, "/", q->name);
  if (!found || !S_ISDIR(st.st_mode))
    diag_permanent(q->detectors, "/", q->name, ": there is no such detector");
}

/* A broken detector does not affect the others. */
static const struct detector *leave_out(void *context, const char *name,
                                        const struct diagnosis *p) {
  const struct request *q = context;
  if (q->needs_name && strcmp(q->name, name) == 0) request_refuse(q, p);
  log_warning(q->detectors, "/", p->text);
  return NULL;
}

const struct detector *request_leave_out(void *context, const char *name,
                                         const struct diagnosis *p) {
  if (p->temporary) request_refuse(context, p);
  return leave_out(context, name, p);
}

struct registry request_registry(struct request *q) {
  struct registry r;
  struct diagnosis p = {.text = ""};
  const struct fallback fallback = {request_leave_out, q};
  if (!detectordir_read(q->detectors, &r, &fallback, &p)) request_refuse(q, &p);
  r.learning = q->learning;
  q->checked = true;
  return r;
}

void request_recheck(struct request *q) {
  struct registry r;
  struct diagnosis p = {.text = ""};
  const struct fallback fallback = {leave_out, q};
  if (detectordir_read(q->detectors, &r, &fallback, &p)) registry_free(&r);
  else log_warning(q->detectors, "/", p.text);
}

void request_print(stralloc *out) {
  if (!atomicfile_write_all(1, out->s, out->len)) diag_system("unable to write to stdout");
  stralloc_free(out);
}
