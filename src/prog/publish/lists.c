/* The loop for the outlets other than rbldnsd: all lists are written from one reading of the store. */
#include "prog/publish/publish.h"
#include "publish/lists.h"
#include "publish/snapshot.h"
#include "sys/clock.h"
#include "sys/diag.h"
#include "sys/notify.h"

#define RETRY_LIST_MS 10000 /* until a list is tried again that could not be written */

struct writer {
  const struct config *config;
  struct source source;
  struct lists lists;
  struct list_info info;
  int64_t version;      /* of the store, when it was last read */
  int64_t from, until;  /* the lists stay as they are from the first time until the second */
  int64_t next_writing; /* monotonic milliseconds; not earlier */
  struct prog_state prog;
  struct ratelimit warning[LISTS_MAX];
  bool changed; /* a list was replaced */
  bool ready;   /* the store was read once */
};

static void start(struct writer *w, const struct config *c) {
  *w = (struct writer){.config = c, .source = {.config = c}};
  w->lists.dir = c->outdir;
  w->lists.stop = &publish_stop;
  w->info.url = c->zone.url;
  for (int i = OUTLET_RBLDNSD + 1; i < OUTLETS; i++)
    if (c->outlets.on[i] && !lists_add_outlet(&w->lists, outlets_forms((enum outlet)i)))
      fatal_temporary("out of memory");
}

static void finish(struct writer *w) {
  reader_close(w->source.reader);
  lists_free(&w->lists);
}

/* The serial is the time, but always greater than the last one. */
static void begin_info(struct writer *w, int64_t now) {
  uint64_t time = now > 0 ? (uint64_t)now : 0;
  w->info.serial = time > w->info.serial ? time : w->info.serial + 1;
  w->info.now = now;
}

static void warn_of_list(struct writer *w, size_t i) {
  const struct list_file *f = w->lists.list[i];
  uint64_t count;
  if (ratelimit_allow(&w->warning[i], clock_monotonic_ms(), WARNING_MS, &count))
    diag_log("warning", f->error, diag_parts(f->failure, w->config->outdir, "/", f->form->name));
}

static void report_lists(struct writer *w) {
  for (size_t i = 0; i < w->lists.count; i++) {
    const struct list_file *f = w->lists.list[i];
    if (f->failure) warn_of_list(w, i);
    else if (!f->due) w->changed = true;
  }
}

/* Writes the lists that are due. */
static void write_lists(struct writer *w, int64_t version, int64_t now) {
  struct snapshot s;
  struct output output = lists_output(&w->lists);
  begin_info(w, now);
  lists_begin(&w->lists, &w->info);
  enum reader_result result = snapshot_read(&s, w->source.reader, &output, now);
  lists_end(&w->lists, result == READER_OK);
  source_check(&w->source, result);
  report_lists(w);
  if (result != READER_OK) return;
  w->version = version;
  w->from = now;
  w->until = s.next_end < s.next_begin ? s.next_end : s.next_begin;
  w->ready = true;
}

static bool have_changed(const struct writer *w, int64_t version, int64_t now) {
  return version != w->version || now < w->from || now >= w->until;
}

static void step(struct writer *w) {
  int64_t version, now = wall_seconds();
  source_watch(&w->source);
  if (clock_monotonic_ms() < w->next_writing) return;
  enum reader_result result = reader_version(w->source.reader, &version);
  source_check(&w->source, result);
  if (result != READER_OK) return;
  if (have_changed(w, version, now)) lists_set_due(&w->lists);
  if (!lists_are_due(&w->lists)) return;
  write_lists(w, version, now);
  int64_t wait = w->config->interval_ms;
  if (lists_are_due(&w->lists) && wait > RETRY_LIST_MS) wait = RETRY_LIST_MS;
  w->next_writing = clock_monotonic_ms() + wait;
}

int lists_run(const struct config *c) {
  struct writer w;
  bool notified = false;
  start(&w, c);
  source_open(&w.source);
  while (!publish_stop) {
    step(&w);
    if (w.ready && !notified) notify_ready(c->notify_fd);
    notified = w.ready;
    if (w.ready) prog_run(&w.prog, c, w.changed);
    w.changed = false;
    if (c->once && w.ready) break;
    wait_poll(c);
  }
  bool failed = c->once && !publish_stop && (w.prog.due || lists_are_due(&w.lists));
  finish(&w);
  return failed ? EXIT_TEMPORARY : EXIT_DONE;
}
