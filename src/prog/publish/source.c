/* The store of the collector: waits for it, watches whether it is replaced. */
#include "prog/publish/publish.h"
#include "sys/clock.h"
#include "sys/diag.h"

static void warn(struct source *s, const char *what) {
  uint64_t count;
  if (ratelimit_allow(&s->warning, clock_monotonic_ms(), WARNING_MS, &count))
    log_warning(s->config->store, ": ", what);
}

void source_check(struct source *s, enum reader_result result) {
  const char *store = s->config->store;
  switch (result) {
  case READER_OK:
  case READER_STOPPED: return;
  case READER_ABSENT: warn(s, "cannot be opened yet, waiting for it"); return;
  case READER_BUSY: warn(s, "is locked, waiting for it"); return;
  case READER_FOREIGN: diag_permanent(store, ": is not a store of this version");
  case READER_MEMORY: fatal_temporary("out of memory");
  case READER_DAMAGED: break;
  }
  fatal_temporary(store, ": is damaged: ", reader_reason(s->reader));
}

void source_open(struct source *s) {
  const struct config *c = s->config;
  while (!publish_stop) {
    /* its identity comes first: source_watch then notices if it is replaced before it is opened */
    bool exists = fileid_of_path(c->store, &s->file);
    enum reader_result result = exists ? reader_open(&s->reader, c->store) : READER_ABSENT;
    if (result == READER_OK) return;
    if (result == READER_ABSENT && c->once) fatal_temporary(c->store, ": cannot be opened");
    source_check(s, result);
    wait_poll(c);
  }
}

void source_watch(struct source *s) {
  struct fileid named;
  s->missing = !fileid_of_path(s->config->store, &named);
  if (s->missing) warn(s, "does not exist any more");
  else if (!fileid_is_same(&named, &s->file)) fatal_temporary(s->config->store, ": was replaced");
}
