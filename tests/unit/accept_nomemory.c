/* Each allocation fails once: what cannot be made says so, and leaves nothing behind. Built with
   sanitizers, which allocate themselves, none fails. */
#include "accept/handlerenv.h"
#include "accept/listener.h"
#include "accept/nettable.h"
#include "accept/peertable.h"
#include "accept/slots.h"
#include "accept/worker.h"
#include "sys/fileio.h"
#include "sys/spawn.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static long fails_at = -1, held; /* the next allocation that fails is 0 */

#if defined __GLIBC__ && !defined __SANITIZE_ADDRESS__
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void __libc_free(void *memory);

static bool may(void) {
  if (fails_at < 0) return true;
  if (fails_at-- > 0) return true;
  errno = ENOMEM;
  return false;
}

static void *count(void *memory) {
  held += memory != NULL;
  return memory;
}

void *malloc(size_t size) {
  return may() ? count(__libc_malloc(size)) : NULL;
}

void *calloc(size_t number, size_t size) {
  return may() ? count(__libc_calloc(number, size)) : NULL;
}

void free(void *memory) {
  held -= memory != NULL;
  __libc_free(memory);
}
#endif

static const struct siphash_key key = {{1, 2}};
static const char *const environment[] = {"PATH=/bin", "X=y", NULL};

static bool slots(void) {
  struct slots s;
  if (!slots_init(&s, 5)) return false;
  slots_free(&s);
  return true;
}

static bool networks(void) {
  static const struct nettable_limits limits = {.held = 5, .held_total = 10};
  struct nettable t;
  if (!nettable_init(&t, &limits, &key)) return false;
  nettable_free(&t);
  return true;
}

static bool peers(void) {
  static const struct peertable_limits limits = {.total = 10, .per_network = 5};
  struct peertable t;
  if (!peertable_init(&t, &limits, &key)) return false;
  peertable_free(&t);
  return true;
}

static bool variables(void) {
  struct handlerenv e;
  if (!handlerenv_init(&e, environment)) return false;
  handlerenv_free(&e);
  return true;
}

static bool search(void) {
  char name[] = "sh", *argv[] = {name, NULL};
  struct spawn s = {.argv = argv};
  bool found = spawn_find(&s, "/nonexistent:/bin");
  if (found) free((char *)(uintptr_t)s.path);
  return found;
}

static bool rules(void) {
  static struct listener l;
  static const struct peerrules none;
  l.rules = NULL;
  if (!listener_set_rules(&l, &none)) return false;
  bool again = listener_set_rules(&l, &none); /* frees the first */
  free(l.rules);
  return again;
}

static bool file(void) {
  char *text;
  size_t len;
  enum fileio_result result = fileio_read_all("/proc/version", 100, &text, &len);
  free(text);
  return result == FILEIO_READ;
}

static const struct {
  const char *name;
  bool (*make)(void);
  int allocations;
} rows[] = {
    {"slots", slots, 1},         {"networks", networks, 2}, {"peers", peers, 4},
    {"variables", variables, 2}, {"a search", search, 2},   {"rules", rules, 2},
    {"a whole file", file, 1},
};

/* A worker that was not started is never freed: the program goes on without it, or ends. */
static void workers(void) {
#if defined __GLIBC__ && !defined __SANITIZE_ADDRESS__
  static struct listener l = {.limits.total = 5, .waiting_max = 2, .environment = environment};
  static struct worker w;
  for (int k = 0; k < 6; k++) {
    fails_at = k;
    bool started = worker_start(&w, &l, NULL, 0);
    int error = errno;
    bool failed = fails_at < 0;
    fails_at = -1;
    ok(failed && !started && error == ENOMEM, "a worker, without allocation %d", k);
  }
#endif
}

int main(void) {
  static char output[4096]; /* stdio would allocate it */
  setvbuf(stdout, output, _IOLBF, sizeof output);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    long before = held;
    ok(rows[i].make() && held == before, "%s, with enough memory", rows[i].name);
#if defined __GLIBC__ && !defined __SANITIZE_ADDRESS__
    for (int k = 0; k < rows[i].allocations; k++) {
      fails_at = k;
      bool made = rows[i].make();
      int error = errno;
      bool failed = fails_at < 0;
      fails_at = -1;
      ok(failed && !made && error == ENOMEM, "%s, without allocation %d", rows[i].name, k);
      ok(held == before, "nothing is left of it (%ld)", held - before);
    }
#endif
  }
  workers();
  return done();
}
