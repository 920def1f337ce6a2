/* sinbin-detector: who may report to a collector, how far each is believed, and why an address is
   listed; see sinbin-detector(1). */
#include "sys/atomicfile.h"
#include "sys/clock.h"
#include "sys/env.h"
#include "sys/diag.h"
#include "base/textbuf.h"
#include "base/utc.h"
#include "collect/detectoredit.h"
#include "collect/explain_load.h"
#include "collect/detectorlist.h"
#include "store/store.h"
#include "collect/settings.h"
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYNOPSIS                                                                                  \
  "[-h COMMAND] add [-w WEIGHT] [-g GROUP] NAME | list | weight NAME WEIGHT | group NAME GROUP |" \
  " rate NAME REPORTS | key [-d N] NAME | quarantine NAME | release NAME |"                       \
  " revoke [-s SINCE] NAME | thaw | explain ADDRESS"

/* What the command line says. */
struct request {
  const char *detectors, *store, *rules;
  int64_t learning;                          /* seconds */
  const char *hook;                          /* NULL: none */
  const char *weight, *group, *since, *drop; /* options; NULL: not given */
  const char *command, *name, *value;
  bool needs_name; /* to be sound */
  bool looked;     /* into the directory, for what is broken */
  int64_t now;
  struct detectoredit edit;
};

_Noreturn static void refuse(const struct request *j, const struct diagnosis *p) {
  diag_exit(p->temporary ? EXIT_TEMPORARY : EXIT_PERMANENT, 0,
            diag_parts(j->detectors, "/", p->text));
}

/* ---- the directory ---- */

static void open_directory(struct request *j) {
  struct diagnosis p = {.text = ""};
  if (!detectoredit_open(&j->edit, j->detectors, &p)) refuse(j, &p);
}

static void put(struct request *j, const char *file, const char *text) {
  struct diagnosis p = {.text = ""};
  const struct detectoredit_file f = {.name = file, .text = span_str(text)};
  if (!detectoredit_put(&j->edit, j->name, &f, &p)) fatal_temporary(j->detectors, "/", p.text);
}

static void remove_file(struct request *j, const char *file) {
  struct diagnosis p = {.text = ""};
  if (!detectoredit_remove(&j->edit, j->name, file, &p)) fatal_temporary(j->detectors, "/", p.text);
}

/* Opens the directory; the detector must be there. */
static void open_existing(struct request *j) {
  struct stat st;
  open_directory(j);
  bool found = fstatat(j->edit.dir, j->name, &st, AT_SYMLINK_NOFOLLOW) == 0;
  if (!found && errno != ENOENT) diag_system("unable to look at ", j->detectors, "/", j->name);
  if (!found || !S_ISDIR(st.st_mode))
    diag_permanent(j->detectors, "/", j->name, ": there is no such detector");
}

/* A broken detector keeps nobody from the others. */
static const struct detector *rule_warning(void *context, const char *name,
                                           const struct diagnosis *p) {
  const struct request *j = context;
  if (j->needs_name && strcmp(j->name, name) == 0) refuse(j, p);
  log_warning(j->detectors, "/", p->text);
  return NULL;
}

/* Without it the answer would be wrong, and the next time it may be readable. */
static const struct detector *warn_or_refuse(void *context, const char *name,
                                             const struct diagnosis *p) {
  if (p->temporary) refuse(context, p);
  return rule_warning(context, name, p);
}

static struct registry read_registry(struct request *j) {
  struct registry r;
  struct diagnosis p = {.text = ""};
  const struct fallback nobody = {warn_or_refuse, j};
  if (!detectordir_read(j->detectors, &r, &nobody, &p)) refuse(j, &p);
  r.learning = j->learning;
  j->looked = true;
  return r;
}

/* The registry, and the detector that the command names in it. */
static const struct detector *read_named(struct request *j, struct registry *r) {
  j->needs_name = true;
  open_existing(j);
  *r = read_registry(j);
  return registry_find(r, span_str(j->name));
}

/* The change is made; that something else is wrong is no failure of it. */
static void recheck(struct request *j) {
  struct registry r;
  struct diagnosis p = {.text = ""};
  const struct fallback nobody = {rule_warning, j};
  if (detectordir_read(j->detectors, &r, &nobody, &p)) registry_destroy(&r);
  else log_warning(j->detectors, "/", p.text);
}

/* ---- the store ---- */

/* NULL where there is none yet. */
static struct store *read_store(const struct request *j) {
  struct store *s;
  struct stat st;
  if (stat(j->store, &st) != 0 && errno == ENOENT) return NULL;
  enum store_open opened = store_open_readonly(j->store, &s);
  if (!s) fatal_temporary("out of memory");
  if (opened == STORE_FOREIGN) diag_permanent(j->store, ": not a database of sinbin-collect");
  if (opened == STORE_OTHER) diag_permanent(j->store, ": of another version of sinbin-collect");
  if (opened != STORE_OPEN) fatal_temporary(j->store, ": ", store_error(s));
  return s;
}

static void load_standings(const struct request *j, struct store *s, struct registry *r) {
  for (size_t i = 0; s && i < r->count; i++)
    if (!store_load_detector_state(s, &r->detectors[i]))
      fatal_temporary(j->store, ": ", store_error(s));
  registry_update_weights(r, j->now);
}

static void print(stralloc *out) {
  if (!atomicfile_write_all(1, out->s, out->len)) diag_system("unable to write to stdout");
  stralloc_free(out);
}

/* ---- commands that change something ---- */

static void check_setting(const char *file, const char *text) {
  const char *want = detector_setting_want(file, span_str(text));
  if (want) diag_permanent("malformed ", file, " ", text, ": ", want);
}

static void tell_copy(const struct request *j, uint64_t keygen) {
  stralloc out = {0};
  char n[NUMBER_MAX + 1];
  number_text(n, keygen);
  if (!textbuf_printf(
          &out,
          "copy %s/%s/key.%s to the trap, mode 0400: it is KEYFILE there, with DETECTOR=%s"
          " and KEYGEN=%s\n",
          j->detectors, j->name, n, j->name, n))
    fatal_temporary("out of memory");
  print(&out);
}

static void run_add(struct request *j) {
  char hex[KEY_DIGITS + 1];
  struct diagnosis p = {.text = ""};
  struct stat st;
  struct detectoredit_file files[3] = {{.name = "key.1", .mode = 0400}};
  size_t count = 1;
  if (j->weight) check_setting("weight", j->weight);
  if (j->group) check_setting("group", j->group);
  if (j->weight) files[count++] = (struct detectoredit_file){"weight", span_str(j->weight), 0};
  if (j->group) files[count++] = (struct detectoredit_file){"group", span_str(j->group), 0};
  open_directory(j);
  if (fstatat(j->edit.dir, j->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
    diag_permanent(j->detectors, "/", j->name, ": it is there already");
  if (!detectoredit_make_key(hex)) fatal_temporary("unable to start libsodium");
  files[0].text = span_of(hex, KEY_DIGITS);
  bool made = detectoredit_add(&j->edit, j->name, files, count, &p);
  sodium_memzero(hex, sizeof hex);
  if (!made) fatal_temporary(j->detectors, "/", p.text);
  tell_copy(j, 1);
}

/* The command has the name of the file. */
static void run_set(struct request *j) {
  check_setting(j->command, j->value);
  open_existing(j);
  put(j, j->command, j->value);
}

static void drop_key(struct request *j, const struct detector *d) {
  char file[32];
  uint64_t keygen;
  snprintf(file, sizeof file, "key.%.20s", j->drop);
  if (!keygen_from_name(span_str(file), &keygen) || !detector_find_key(d, keygen))
    diag_permanent(j->detectors, "/", j->name, ": there is no key of generation ", j->drop);
  if (d->key_count == 1)
    diag_permanent(j->detectors, "/", j->name, ": this is its only key; make another first");
  remove_file(j, file);
}

static void add_key(struct request *j, const struct detector *d) {
  char hex[KEY_DIGITS + 1], name[32];
  uint64_t newest = 0;
  struct diagnosis p = {.text = ""};
  for (size_t i = 0; i < d->key_count; i++)
    if (d->keys[i].keygen > newest) newest = d->keys[i].keygen;
  if (d->key_count == DETECTOR_KEYS || newest == KEYGEN_MAX)
    diag_permanent(j->detectors, "/", j->name, ": there is no room for another key: take one away");
  if (!detectoredit_make_key(hex)) fatal_temporary("unable to start libsodium");
  snprintf(name, sizeof name, "key.%llu", (unsigned long long)newest + 1);
  const struct detectoredit_file f = {name, span_of(hex, KEY_DIGITS), 0400};
  bool made = detectoredit_put(&j->edit, j->name, &f, &p);
  sodium_memzero(hex, sizeof hex);
  if (!made) fatal_temporary(j->detectors, "/", p.text);
  tell_copy(j, newest + 1);
}

static void run_key(struct request *j) {
  struct registry r;
  const struct detector *d = read_named(j, &r);
  if (j->drop) drop_key(j, d);
  else add_key(j, d);
  registry_destroy(&r);
}

static void put_time(struct request *j, const char *file, int64_t time) {
  char text[NUMBER_MAX + 1];
  put(j, file, number_text(text, (uint64_t)time));
}

static void run_quarantine(struct request *j) {
  open_existing(j);
  put_time(j, "quarantine", j->now);
}

/* An order later than any before is a new one. */
static void run_release(struct request *j) {
  struct registry r;
  int64_t before = read_named(j, &r)->operator_orders.released;
  put_time(j, "released", before >= j->now ? before + 1 : j->now);
  remove_file(j, "quarantine");
  registry_destroy(&r);
}

static int64_t parse_since(const char *text) {
  uint64_t seconds;
  int64_t time;
  if (!text) return 0;
  if (number_canonical(span_str(text), UNIXTIME_MAX, &seconds)) return (int64_t)seconds;
  if (utc_parse(span_str(text), &time)) return time;
  diag_permanent("malformed -s ", text, ": want unix seconds, or 2026-01-31T23:59:59Z");
}

/* Quarantine first: what it still says is to decide nothing. An order later than any before is a
   new one. */
static void run_revoke(struct request *j) {
  char text[64];
  int64_t since = parse_since(j->since);
  if (since > j->now) diag_permanent("malformed -s ", j->since, ": it is in the future");
  struct registry r;
  int64_t before = read_named(j, &r)->operator_orders.revoked_at;
  snprintf(text, sizeof text, "%lld %lld", (long long)since,
           (long long)(before >= j->now ? before + 1 : j->now));
  put_time(j, "quarantine", j->now);
  put(j, "revoked", text);
  registry_destroy(&r);
}

static void run_thaw(struct request *j) {
  j->name = ".";
  open_directory(j);
  put_time(j, DETECTORDIR_THAWED, j->now);
}

/* ---- commands that look ---- */

static void run_list(struct request *j) {
  stralloc out = {0};
  bool no_memory;
  struct registry r = read_registry(j);
  struct store *s = read_store(j);
  load_standings(j, s, &r);
  if (!detectorlist_format(&r, s, &out, &no_memory))
    fatal_temporary(j->store, ": ", no_memory ? "out of memory" : store_error(s));
  print(&out);
  store_close(s);
  registry_destroy(&r);
}

static void run_explain(struct request *j) {
  static struct explanation reasons;
  stralloc out = {0};
  struct settings w;
  struct diagnosis p = {.text = ""};
  if (!addr_parse(span_str(j->name), &reasons.ip))
    diag_permanent("malformed address ", j->name, ": want an IPv4 or IPv6 address");
  const struct fallback nobody = {warn_or_refuse, j};
  const struct settings_paths at = {j->detectors, j->rules, &nobody};
  if (!settings_read(&w, &at, &p))
    diag_exit(p.temporary ? EXIT_TEMPORARY : EXIT_PERMANENT, 0, diag_parts(p.text));
  struct store *s = read_store(j);
  w.registry.learning = j->learning;
  load_standings(j, s, &w.registry);
  reasons.registry = &w.registry;
  reasons.now = j->now;
  if (!explain_load_rules(j->rules ? &w.rules : NULL, &reasons))
    diag_permanent(j->rules, ": damaged rules database");
  if (s && !explain_load_store(s, &reasons)) fatal_temporary(j->store, ": ", store_error(s));
  if (!explain_format(&reasons, &out)) fatal_temporary("out of memory");
  print(&out);
  store_close(s);
  settings_free(&w);
}

/* ---- the command line ---- */

static const struct command {
  const char *name, *options; /* as getopt takes them */
  int args;
  bool names, changes; /* the first argument is a detector; the collector has to be told */
  void (*run)(struct request *j);
} commands[] = {
    {"add", "w:g:", 1, true, true, run_add},
    {"list", "", 0, false, false, run_list},
    {"weight", "", 2, true, true, run_set},
    {"group", "", 2, true, true, run_set},
    {"rate", "", 2, true, true, run_set},
    {"key", "d:", 1, true, true, run_key},
    {"quarantine", "", 1, true, true, run_quarantine},
    {"release", "", 1, true, true, run_release},
    {"revoke", "s:", 1, true, true, run_revoke},
    {"thaw", "", 0, false, true, run_thaw},
    {"explain", "", 1, false, false, run_explain},
};

static void take_option(struct request *j, int option) {
  switch (option) {
  case 'w': j->weight = optarg; break;
  case 'g': j->group = optarg; break;
  case 's': j->since = optarg; break;
  case 'd': j->drop = optarg; break;
  default: diag_usage(SYNOPSIS);
  }
}

static const struct command *find_command(const char *name) {
  for (size_t i = 0; name && i < sizeof commands / sizeof *commands; i++)
    if (strcmp(name, commands[i].name) == 0) return &commands[i];
  diag_usage(SYNOPSIS);
}

/* The options of a command stand before its arguments or behind them. */
static const struct command *parse(struct request *j, int argc, char **argv) {
  const struct command *c = find_command(argv[0]);
  int option;
  j->command = c->name;
  optind = 0; /* begins anew, in glibc's way */
  while ((option = getopt(argc, argv, c->options)) != -1) take_option(j, option);
  if (argc - optind != c->args) diag_usage(SYNOPSIS);
  if (c->args > 0) j->name = argv[optind];
  if (c->args > 1) j->value = argv[optind + 1];
  if (c->names && !origin_detector_is_valid(span_str(j->name)))
    diag_permanent("malformed name ", j->name, ": want 1 to 32 of a-z, 0-9 and -");
  return c;
}

static void read_config(struct request *j) {
  struct env_error bad = {.name = NULL};
  char text[512];
  j->detectors = env_text("DETECTORS", "detectors");
  j->store = env_text("STORE", "sinbin.db");
  j->rules = env_text("RULES", NULL);
  j->learning = 86400 * (int64_t)env_number("LEARNING", 0, 0, 365, &bad);
  j->now = clock_wall_ms() / 1000;
  if (!bad.name) return;
  env_explain(&bad, text, sizeof text);
  diag_permanent(text);
}

/* The change is made, whatever becomes of the command. */
static void tell_collector(const char *hook) {
  if (!hook) {
    log_info("to take effect: send SIGHUP to sinbin-collect");
    return;
  }
  int status = system(hook);
  if (status < 0) diag_system("unable to run ", hook);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    fatal_temporary("all is written, but this failed: ", hook);
}

int main(int argc, char **argv) {
  struct request request = {.edit = {.dir = -1}};
  int option;
  diag_set_program(argv[0]);
  opterr = 0;
  while ((option = getopt(argc, argv, "+h:")) != -1) {
    if (option != 'h') diag_usage(SYNOPSIS);
    request.hook = optarg;
  }
  read_config(&request);
  sodium_set_misuse_handler(fatal_no_random);
  const struct command *c = parse(&request, argc - optind, argv + optind);
  c->run(&request);
  detectoredit_close(&request.edit);
  if (c->changes && !request.looked) recheck(&request);
  if (c->changes) tell_collector(request.hook);
  return EXIT_DONE;
}
