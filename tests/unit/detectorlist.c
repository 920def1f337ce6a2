/* The list of detectors: those of the registry and those of the store, and what is frozen. */
#include "collect/detectorlist.h"
#include "store_test.h"

static struct registry registry;

static void add(const char *name, bool quarantine) {
  struct detector_key key = {.keygen = 2};
  struct detector *d = registry_add(&registry, span_str(name));
  if (!d || !detector_add_key(d, &key)) abort();
  d->orders.quarantine = quarantine;
}

static void put(struct store *s, const char *name, int64_t surplus) {
  struct detector d = {.name = ""};
  struct evidence e = some_evidence();
  struct addr key = key_of("192.0.2.7");
  snprintf(d.name, sizeof d.name, "%s", name);
  d.state =
      (struct detector_state){.first = NOW, .surplus = surplus, .surplus_at = surplus ? NOW : 0};
  ok(store_save_detector_state(s, &d) && store_save_detector(s, &d, NOW + 60) &&
         store_put_evidence(s, &key, span_str(d.name), &e),
     "%s was heard", name);
}

static const char want[] =
    "detector=alice state=heard weight=1 group=alice keys=2 first=- last=- heartbeat=- addresses=0"
    " bots=0 suspects=0 cleans=0\n"
    "detector=bert state=unknown first=2025-11-24T16:00:00Z last=2025-11-24T16:01:00Z heartbeat=-"
    " addresses=1 bots=1 suspects=0 cleans=1\n"
    "detector=bob state=quarantined weight=1 group=bob keys=2 first=2025-11-24T16:00:00Z"
    " last=2025-11-24T16:01:00Z heartbeat=2025-11-24T16:00:09Z addresses=1 bots=1 suspects=0"
    " cleans=1 behind=7209 pending=4 version=0.9\n"
    "detector=carl state=heard weight=1 group=carl keys=2 first=2025-11-24T16:00:00Z"
    " last=2025-11-24T16:01:00Z heartbeat=- addresses=1 bots=1 suspects=0 cleans=1 surplus=12"
    " lastsurplus=2025-11-24T16:00:00Z\n"
    "detector=dora state=heard weight=1 group=dora keys=2 first=- last=- heartbeat=- addresses=0"
    " bots=0 suspects=0 cleans=0\n"
    "frozen=2001:db8::/48 since=2025-11-24T15:59:50Z until=2025-11-24T16:59:50Z\n";

static void test_list(void) {
  stralloc out = {0};
  bool no_memory;
  struct store *s = open_store(STORE_OPEN, "a store");
  struct heartbeat beat = {.origin = {span_str("bob"), 1, 5},
                           .seq = 1,
                           .unixtime = (uint64_t)NOW - 7200,
                           .version = span_str("0.9"),
                           .count = {[BEAT_PENDING] = 4}};
  for (const char *const *name = (const char *const[]){"dora", "bob", "carl", "alice", NULL}; *name;
       name++)
    add(*name, strcmp(*name, "bob") == 0);
  registry_sort(&registry);
  put(s, "carl", 12);
  put(s, "bert", 0);
  put(s, "bob", 0);
  ok(store_put_heartbeat(s, &beat, NOW + 9) &&
         store_add_freeze(s, span_str("2001:db8::/48"), NOW - 10) &&
         store_add_freeze(s, span_str("detector:carl"), NOW - 3600) && store_commit(s, 0) &&
         store_flush(s),
     "what is known");
  registry_update_weights(&registry, NOW);
  ok(detectorlist_format(&registry, s, &out, &no_memory) && !no_memory, "a list");
  is_text(span_of(out.s, out.len), want, "each once, in order, and what is frozen yet");
  store_close(s);
  out.len = 0;
  ok(detectorlist_format(&registry, NULL, &out, &no_memory) && !no_memory, "without a store");
  int lines = 0;
  for (size_t i = 0; i < out.len; i++) lines += out.s[i] == '\n';
  ok(lines == 4, "those of the registry");
  stralloc_free(&out);
}

int main(void) {
  if (!mkdtemp(dir) || !registry_init(&registry)) return 111;
  snprintf(path, sizeof path, "%s/store.db", dir);
  test_list();
  registry_free(&registry);
  return store_tests_done();
}
