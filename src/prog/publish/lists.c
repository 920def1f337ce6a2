/* The loop for the outlets other than rbldnsd: all lists are written from one reading of the store.
   The outlet nft also has files of changes, in between. */
#include "prog/publish/publish.h"
#include "base/number.h"
#include "publish/answers.h"
#include "publish/lists.h"
#include "publish/nftchanges.h"
#include "publish/nftfiles.h"
#include "publish/snapshot.h"
#include "sys/clock.h"
#include "sys/diag.h"
#include "sys/notify.h"
#include <sodium.h>

#define RETRY_LIST_MS      10000 /* until a list is tried again that could not be written */
#define LIMIT_WARNING_MS   3600000
#define CHANGES_SPACING_MS 1000 /* between two files of changes */

struct nft {
  bool on;
  bool opened;   /* files */
  bool filling;  /* the whole list is read for `changes` */
  size_t filled; /* listings that it had */
  struct nftfiles files;
  struct nftchanges changes;
  stralloc text;
  int64_t seen;    /* the highest `changed` of the rows whose changes are written */
  int64_t version; /* of the store then */
  int64_t next;    /* monotonic milliseconds; no file is written earlier */
  struct ratelimit warning;
};

struct writer {
  const struct config *config;
  struct source source;
  struct lists lists;
  struct list_info info;
  struct nft nft;
  int64_t version;      /* of the store, when all of it was last read */
  int64_t from, until;  /* the lists stay as they are from the first time until the second */
  int64_t next_writing; /* monotonic milliseconds; not earlier */
  struct prog_state prog;
  struct ratelimit warning[LISTS_MAX];
  bool changed;      /* a file was replaced */
  bool sums_due;     /* a list was replaced, and SHA256SUMS not yet */
  int64_t next_sums; /* monotonic milliseconds; not earlier */
  struct ratelimit sums_warning;
  bool ready; /* the store was read once */
};

static void start(struct writer *w, const struct config *c) {
  *w = (struct writer){.config = c, .source = {.config = c}};
  w->lists.dir = c->outdir;
  w->info.url = c->zone.url;
  w->lists.sums = c->outlets.on[OUTLET_SHA256];
  w->nft.on = c->outlets.on[OUTLET_NFT];
  if (w->nft.on && !nftchanges_init(&w->nft.changes)) fatal_temporary("out of memory");
  for (int i = OUTLET_RBLDNSD + 1; i < OUTLETS; i++)
    if (c->outlets.on[i] && outlets_forms((enum outlet)i) &&
        !lists_add_outlet(&w->lists, outlets_forms((enum outlet)i)))
      fatal_temporary("out of memory");
}

static void finish(struct writer *w) {
  reader_close(w->source.reader);
  lists_free(&w->lists);
  nftchanges_free(&w->nft.changes);
  stralloc_free(&w->nft.text);
}

/* ---- nft */

static void warn_of_nft(struct nft *n) {
  uint64_t count;
  if (ratelimit_allow(&n->warning, clock_monotonic_ms(), WARNING_MS, &count))
    log_warning_errno("unable to write ", n->files.path);
}

/* Before all lists are written. */
static void begin_nft(struct writer *w, int64_t now) {
  struct nft *n = &w->nft;
  struct siphash_key hash;
  if (!n->on) return;
  if (!n->opened) n->opened = nftfiles_open(&n->files, w->config->outdir);
  if (!n->opened) warn_of_nft(n);
  n->filling = n->opened && n->changes.reload;
  if (n->filling) {
    randombytes_buf(&hash, sizeof hash);
    nftfiles_skip(&n->files);
    if (!nftchanges_begin(&n->changes, n->filled, hash, now)) fatal_temporary("out of memory");
    n->filled = 0;
  }
  w->info.changes = n->files.number;
}

static void end_nft(struct nft *n, bool complete, int64_t newest, int64_t version) {
  n->next = clock_monotonic_ms() + CHANGES_SPACING_MS;
  if (!n->filling) return;
  n->filling = false;
  n->seen = newest;
  n->version = version;
  if (!complete) n->changes.reload = true;
}

struct noting {
  struct nftchanges *changes;
  int64_t newest;
};

static bool note(void *context, const struct listing_row *l) {
  struct noting *n = context;
  if (l->changed > n->newest) n->newest = l->changed;
  nftchanges_note(n->changes, l);
  return true;
}

static enum reader_result read_changes(struct writer *w, struct noting *noting) {
  enum reader_result result = reader_begin(w->source.reader);
  if (result != READER_OK) return result;
  result = reader_changed(w->source.reader, w->nft.seen, note, noting);
  reader_end(w->source.reader);
  return result;
}

/* What is not written is read again: nothing is kept of it. */
static void write_changes(struct writer *w, int64_t version) {
  struct nft *n = &w->nft;
  struct noting noting = {&n->changes, n->seen};
  n->next = clock_monotonic_ms() + CHANGES_SPACING_MS;
  nftchanges_clear(&n->changes);
  enum reader_result result = read_changes(w, &noting);
  source_check(&w->source, result);
  if (result != READER_OK || n->changes.reload) return;
  if (n->changes.count) {
    if (!nftchanges_format(&n->changes, &n->text)) fatal_temporary("out of memory");
    if (!nftfiles_write(&n->files, span_of(n->text.s, n->text.len))) {
      warn_of_nft(n);
      return;
    }
    w->changed = true;
  }
  n->seen = noting.newest;
  n->version = version;
}

/* ---- lists */

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

static void warn_of_limit(struct writer *w, size_t i) {
  const struct list_file *f = w->lists.list[i];
  uint64_t count;
  char limit[NUMBER_MAX + 1];
  if (ratelimit_allow(&w->warning[i], clock_monotonic_ms(), LIMIT_WARNING_MS, &count))
    log_warning(w->config->outdir, "/", f->form->name, ": is empty, since it may have only ",
                number_text(limit, f->form->limit), " entries");
}

static void report_lists(struct writer *w) {
  for (size_t i = 0; i < w->lists.count; i++) {
    const struct list_file *f = w->lists.list[i];
    if (f->failure) warn_of_list(w, i);
    else if (!f->due) w->changed = w->sums_due = true;
    if (!f->due && f->form->limit && f->count > f->form->limit) warn_of_limit(w, i);
  }
}

static bool begin_partition(void *context, unsigned int partition) {
  (void)context;
  (void)partition;
  return true;
}

static bool add(void *context, const struct listing_row *l, uint8_t answers) {
  struct writer *w = context;
  if (w->nft.filling && answers_colour(answers) == COLOUR_BLACK) {
    nftchanges_add(&w->nft.changes, &l->ip);
    w->nft.filled++;
  }
  lists_add(&w->lists, l, answers);
  return true;
}

static bool end_partition(void *context) {
  (void)context;
  return !publish_stop;
}

/* Writes SHA256SUMS; after a failure again later. */
static void write_sums(struct writer *w) {
  uint64_t count;
  int64_t now = clock_monotonic_ms();
  if (!w->lists.sums || !w->sums_due || now < w->next_sums) return;
  if (lists_write_sums(&w->lists)) {
    w->sums_due = false;
    return;
  }
  w->next_sums = now + RETRY_LIST_MS;
  if (ratelimit_allow(&w->sums_warning, now, WARNING_MS, &count))
    log_warning_errno("unable to write ", w->config->outdir, "/" LISTS_SUMS);
}

/* Writes the lists that are due. */
static void write_lists(struct writer *w, int64_t version, int64_t now) {
  struct snapshot s;
  const struct output output = {begin_partition, add, end_partition, w};
  begin_info(w, now);
  begin_nft(w, now);
  lists_begin(&w->lists, &w->info);
  enum reader_result result = snapshot_read(&s, w->source.reader, &output, now);
  lists_end(&w->lists, result == READER_OK);
  end_nft(&w->nft, result == READER_OK, s.newest, version);
  source_check(&w->source, result);
  report_lists(w);
  if (result != READER_OK) return;
  w->version = version;
  w->from = now;
  w->until = s.next_end < s.next_begin ? s.next_end : s.next_begin;
  w->nft.changes.next_begin = s.next_begin;
  w->ready = true;
}

static bool have_changed(const struct writer *w, int64_t version, int64_t now) {
  return version != w->version || now < w->from || now >= w->until;
}

static void write_due_lists(struct writer *w, int64_t version, int64_t now) {
  write_lists(w, version, now);
  int64_t wait = w->config->interval_ms;
  if (lists_are_due(&w->lists) && wait > RETRY_LIST_MS) wait = RETRY_LIST_MS;
  w->next_writing = clock_monotonic_ms() + wait;
}

/* Whether the whole list for nft must be written, whenever it was written last. */
static bool nft_must_reload(struct nft *n, int64_t now) {
  if (!n->on || !n->opened) return false;
  nftchanges_set_time(&n->changes, now);
  return n->changes.reload && clock_monotonic_ms() >= n->next;
}

static void step(struct writer *w) {
  struct nft *n = &w->nft;
  int64_t version, now = wall_seconds();
  source_watch(&w->source);
  enum reader_result result = reader_version(w->source.reader, &version);
  source_check(&w->source, result);
  if (result != READER_OK) return;
  bool reload = nft_must_reload(n, now);
  if (reload || clock_monotonic_ms() >= w->next_writing) {
    if (reload || have_changed(w, version, now)) lists_set_due(&w->lists);
    if (lists_are_due(&w->lists)) write_due_lists(w, version, now);
  }
  bool changes = n->on && n->opened && !n->changes.reload && version != n->version;
  if (changes && clock_monotonic_ms() >= n->next) write_changes(w, version);
}

int lists_run(const struct config *c) {
  struct writer w;
  bool notified = false;
  sodium_set_misuse_handler(fatal_no_random);
  if (sodium_init() < 0) fatal_temporary("unable to start libsodium");
  start(&w, c);
  source_open(&w.source);
  while (!publish_stop) {
    step(&w);
    write_sums(&w);
    if (w.ready && !notified) notify_ready(c->notify_fd);
    notified = w.ready;
    if (w.ready) prog_run(&w.prog, c, w.changed);
    w.changed = false;
    if (c->once && w.ready) break;
    wait_poll(c);
  }
  bool failed = c->once && !publish_stop &&
                (w.prog.due || lists_are_due(&w.lists) || (w.lists.sums && w.sums_due));
  finish(&w);
  return failed ? EXIT_TEMPORARY : EXIT_DONE;
}
