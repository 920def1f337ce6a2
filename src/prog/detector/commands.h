/* commands.h: the parts of sinbin-detector, private to it.

     sinbin-detector.c     the command line, and the command that signals the collector
     detector/directory.c  reads and changes the directory of detectors
     detector/change.c     the commands that change it
     detector/show.c       list and explain

   On an error these functions end the program. */
#ifndef SINBIN_PROG_DETECTOR_COMMANDS_H
#define SINBIN_PROG_DETECTOR_COMMANDS_H

#include "base/owfat.h"
#include "collect/detectoredit.h"

/* The command line and the environment. */
struct request {
  const char *detectors, *store, *rules;
  int64_t learning;                          /* seconds */
  const char *hook;                          /* command to run after a change; NULL: none */
  const char *weight, *group, *since, *drop; /* options; NULL: not given */
  const char *command, *name, *value;
  bool needs_name; /* the directory of `name` must be without errors */
  bool checked;    /* the directory was read, and errors in it were logged */
  int64_t now;
  struct detectoredit edit;
};

/* ---- directory.c ---- */

_Noreturn void request_refuse(const struct request *q, const struct diagnosis *p);
/* Opens the directory to change it. */
void request_open(struct request *q);
/* The same; the detector must exist. */
void request_open_existing(struct request *q);
void request_put(struct request *q, const char *file, const char *text);
void request_remove(struct request *q, const char *file);
/* A fallback (detectordir.h): leaves a broken detector out, with a warning. If the error is
   temporary it ends the program, because the answer would be wrong. context: a struct request. */
const struct detector *request_leave_out(void *context, const char *name,
                                         const struct diagnosis *p);
struct registry request_registry(struct request *q);
/* Logs a warning for each broken detector. The change is made already, so this is not an error. */
void request_recheck(struct request *q);
/* Prints to stdout, and frees the text. */
void request_print(stralloc *out);

/* ---- change.c ---- */

void command_add(struct request *q);
void command_set(struct request *q); /* weight, group, rate */
void command_key(struct request *q);
void command_quarantine(struct request *q);
void command_release(struct request *q);
void command_revoke(struct request *q);
void command_thaw(struct request *q);

/* ---- show.c ---- */

void command_list(struct request *q);
void command_explain(struct request *q);

#endif
