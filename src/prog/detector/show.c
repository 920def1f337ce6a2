/* list and explain. */
#include "prog/detector/commands.h"
#include "collect/detectorlist.h"
#include "collect/explain.h"
#include "collect/settings.h"
#include "store/store.h"
#include "sys/diag.h"

static struct store *open_store(const struct request *q) {
  struct store *s;
  enum store_open opened = store_open_readonly(q->store, &s);
  if (!s) fatal_temporary("out of memory");
  if (opened == STORE_ABSENT) fatal_temporary(q->store, ": no such database; set STORE");
  if (opened == STORE_FOREIGN) diag_permanent(q->store, ": not a database of sinbin-collect");
  if (opened == STORE_OTHER) diag_permanent(q->store, ": of another version of sinbin-collect");
  if (opened != STORE_OPEN) fatal_temporary(q->store, ": ", store_error(s));
  return s;
}

static void load_states(const struct request *q, struct store *s, struct registry *r) {
  for (size_t i = 0; i < r->count; i++)
    if (!store_load_detector_state(s, &r->detectors[i]))
      fatal_temporary(q->store, ": ", store_error(s));
  registry_update_weights(r, q->now);
}

void command_list(struct request *q) {
  stralloc out = {0};
  bool no_memory;
  struct registry r = request_registry(q);
  struct store *s = open_store(q);
  load_states(q, s, &r);
  if (!detectorlist_format(&r, s, &out, &no_memory))
    fatal_temporary(q->store, ": ", no_memory ? "out of memory" : store_error(s));
  request_print(&out);
  store_close(s);
  registry_free(&r);
}

void command_explain(struct request *q) {
  static struct explanation explanation;
  stralloc out = {0};
  struct settings settings;
  struct diagnosis p = {.text = ""};
  if (!addr_parse(span_str(q->name), &explanation.ip))
    diag_permanent("malformed address ", q->name, ": want an IPv4 or IPv6 address");
  const struct fallback fallback = {request_leave_out, q};
  const struct settings_paths at = {q->detectors, q->rules, &fallback};
  if (!settings_read(&settings, &at, &p))
    diag_exit(p.temporary ? EXIT_TEMPORARY : EXIT_PERMANENT, 0, diag_parts(p.text));
  struct store *s = open_store(q);
  settings.registry.learning = q->learning;
  load_states(q, s, &settings.registry);
  explanation.registry = &settings.registry;
  explanation.now = q->now;
  if (!explain_load_rules(q->rules ? &settings.rules : NULL, &explanation))
    diag_permanent(q->rules, ": damaged rules database; make it again with sinbin-rules");
  if (!explain_load_store(s, &explanation)) fatal_temporary(q->store, ": ", store_error(s));
  if (!explain_format(&explanation, &out)) fatal_temporary("out of memory");
  request_print(&out);
  store_close(s);
  settings_free(&settings);
}
