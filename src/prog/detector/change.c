/* The commands that change the directory of detectors. */
#include "prog/detector/commands.h"
#include "base/number.h"
#include "base/growtext.h"
#include "base/utc.h"
#include "sys/diag.h"
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>

static void check_setting(const char *file, const char *text) {
  const char *want = detector_setting_want(file, span_str(text));
  if (want) diag_permanent("malformed ", file, " ", text, ": ", want);
}

static void print_copy_hint(const struct request *q, uint64_t keygen) {
  stralloc out = {0};
  char n[NUMBER_MAX + 1];
  number_text(n, keygen);
  if (!growtext_printf(
          &out,
          "copy %s/%s/key.%s to the trap, mode 0400: it is KEYFILE there, with DETECTOR=%s"
          " and KEYGEN=%s\n",
          q->detectors, q->name, n, q->name, n))
    fatal_temporary("out of memory");
  request_print(&out);
}

void command_add(struct request *q) {
  char hex[DETECTOREDIT_KEY_HEX + 1];
  struct diagnosis p = {.text = ""};
  struct stat st;
  struct detectoredit_file files[3] = {{.name = "key.1", .mode = 0400}};
  size_t count = 1;
  if (q->weight) check_setting("weight", q->weight);
  if (q->group) check_setting("group", q->group);
  if (q->weight) files[count++] = (struct detectoredit_file){"weight", span_str(q->weight), 0};
  if (q->group) files[count++] = (struct detectoredit_file){"group", span_str(q->group), 0};
  request_open(q);
  if (fstatat(q->edit.dir, q->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
    diag_permanent(q->detectors, "/", q->name, ": it exists already");
  if (!detectoredit_make_key(hex)) fatal_temporary("unable to start libsodium");
  files[0].text = span_of(hex, DETECTOREDIT_KEY_HEX);
  bool made = detectoredit_add(&q->edit, q->name, files, count, &p);
  sodium_memzero(hex, sizeof hex);
  if (!made) fatal_temporary(q->detectors, "/", p.text);
  print_copy_hint(q, 1);
}

/* The name of the command is the name of the file. */
void command_set(struct request *q) {
  check_setting(q->command, q->value);
  request_open_existing(q);
  request_put(q, q->command, q->value);
}

/* Reads the registry, and finds the detector that the command names. */
static const struct detector *read_named(struct request *q, struct registry *r) {
  q->needs_name = true;
  request_open_existing(q);
  *r = request_registry(q);
  return registry_find(r, span_str(q->name));
}

static void drop_key(struct request *q, const struct detector *d) {
  char file[32];
  uint64_t keygen;
  snprintf(file, sizeof file, "key.%.20s", q->drop);
  if (!detector_parse_keyname(span_str(file), &keygen) || !detector_find_key(d, keygen))
    diag_permanent(q->detectors, "/", q->name, ": there is no key of generation ", q->drop);
  if (d->key_count == 1)
    diag_permanent(q->detectors, "/", q->name, ": this is its only key; add another one first");
  request_remove(q, file);
}

static void add_key(struct request *q, const struct detector *d) {
  char hex[DETECTOREDIT_KEY_HEX + 1], name[32];
  uint64_t newest = 0;
  struct diagnosis p = {.text = ""};
  for (size_t i = 0; i < d->key_count; i++)
    if (d->keys[i].keygen > newest) newest = d->keys[i].keygen;
  if (d->key_count == DETECTOR_KEYS || newest == KEYGEN_MAX)
    diag_permanent(q->detectors, "/", q->name, ": it has the most keys already; remove one first");
  if (!detectoredit_make_key(hex)) fatal_temporary("unable to start libsodium");
  snprintf(name, sizeof name, "key.%llu", (unsigned long long)newest + 1);
  const struct detectoredit_file f = {name, span_of(hex, DETECTOREDIT_KEY_HEX), 0400};
  bool made = detectoredit_put(&q->edit, q->name, &f, &p);
  sodium_memzero(hex, sizeof hex);
  if (!made) fatal_temporary(q->detectors, "/", p.text);
  print_copy_hint(q, newest + 1);
}

void command_key(struct request *q) {
  struct registry r;
  const struct detector *d = read_named(q, &r);
  if (q->drop) drop_key(q, d);
  else add_key(q, d);
  registry_free(&r);
}

static void put_time(struct request *q, const char *file, int64_t time) {
  char text[NUMBER_MAX + 1];
  request_put(q, file, number_text(text, (uint64_t)time));
}

void command_quarantine(struct request *q) {
  request_open_existing(q);
  put_time(q, "quarantine", q->now);
}

/* The collector carries out an order only if its time is later than that of the last one. */
void command_release(struct request *q) {
  struct registry r;
  int64_t before = read_named(q, &r)->orders.released;
  put_time(q, "released", before >= q->now ? before + 1 : q->now);
  request_remove(q, "quarantine");
  registry_free(&r);
}

static int64_t parse_since(const char *text) {
  uint64_t seconds;
  int64_t time;
  if (!text) return 0;
  if (number_canonical(span_str(text), UNIXTIME_MAX, &seconds)) return (int64_t)seconds;
  if (utc_parse(span_str(text), &time)) return time;
  diag_permanent("malformed -s ", text, ": want unix seconds, or 2026-01-31T23:59:59Z");
}

/* Quarantine comes first, so that further reports decide nothing. The time of the order must be
   later than that of the last one, as for release. */
void command_revoke(struct request *q) {
  char text[64];
  int64_t since = parse_since(q->since);
  if (since > q->now) diag_permanent("malformed -s ", q->since, ": it is in the future");
  struct registry r;
  int64_t before = read_named(q, &r)->orders.revoked_at;
  snprintf(text, sizeof text, "%lld %lld", (long long)since,
           (long long)(before >= q->now ? before + 1 : q->now));
  put_time(q, "quarantine", q->now);
  request_put(q, "revoked", text);
  registry_free(&r);
}

void command_thaw(struct request *q) {
  q->name = ".";
  request_open(q);
  put_time(q, DETECTORDIR_THAWED, q->now);
}
