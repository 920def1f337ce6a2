/* The directory of detectors: what detectoredit writes, detectordir reads. */
#include "collect/detectordir.h"
#include "collect/detectoredit.h"
#include "tap.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static char dir[] = "/tmp/sinbin-detectors-XXXXXX";
static struct detectoredit edit;
static struct diagnosis why;

static bool put(const char *name, const char *text) {
  const struct detectoredit_file f = {name, span_str(text), strncmp(name, "key.", 4) ? 0 : 0400};
  return detectoredit_put(&edit, "trap", &f, &why);
}

/* The only detector; name "": the directory is not accepted. */
static struct detector read_back(void) {
  struct registry r;
  struct detector d = {.name = ""};
  if (!detectordir_read(dir, &r, NULL, &why)) return d;
  ok(r.count == 1, "one detector");
  d = r.detectors[0];
  registry_free(&r);
  return d;
}

static void test_add(void) {
  const struct detectoredit_file files[] = {{"key.7", span_str(KEY), 0400},
                                            {"weight", span_str("0.25"), 0}};
  ok(!detectoredit_open(&edit, "/nonexistent", &why) && !why.temporary, "no directory");
  is_text(span_str(why.text), ".: unable to open the directory: No such file or directory",
          "which is named");
  ok(!*read_back().name, "no detector is an error");
  is_text(span_str(why.text), ".: there is no detector; add one with sinbin-detector",
          "which is named");
  ok(detectoredit_open(&edit, dir, &why) && detectoredit_add(&edit, "trap", files, 2, &why),
     "a detector is added");
  struct detector d = read_back();
  ok(span_is(span_str(d.name), "trap") && d.weight == 250 && d.key_count == 1 &&
         d.keys[0].keygen == 7 && d.keys[0].key.byte[31] == 0x1f,
     "and read as it was written");
  ok(!detectoredit_add(&edit, "trap", files, 2, &why), "the same name cannot be added again");
  is_text(span_str(why.text), "trap: unable to make it: File exists", "which is named");
}

static void test_keys(void) {
  static const char *const names[] = {"key.40", "key.5", "key.300", "key.1", "key.60", "key.2"};
  static const uint64_t want[] = {1, 2, 5, 7, 40, 60, 300};
  bool sorted = true;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) ok(put(names[i], KEY), "%s", names[i]);
  struct detector d = read_back();
  for (size_t i = 0; i < d.key_count; i++) sorted = sorted && d.keys[i].keygen == want[i];
  ok(d.key_count == 7 && sorted, "the keys are in the order of their generations");
  ok(put("key.8", KEY) && read_back().key_count == DETECTOR_KEYS, "eight keys");
  ok(put("key.9", KEY) && !*read_back().name, "nine are too many");
  ok(detectoredit_remove(&edit, "trap", "key.9", &why) &&
         detectoredit_remove(&edit, "trap", "key.9", &why) && *read_back().name,
     "one is removed; removing it again is no error");
}

static const struct {
  const char *file, *text, *want;
} refused[] = {
    {"key.0", KEY, "trap/key.0: want key. and a number from 1 to 4294967295"},
    {"key.x", KEY, "trap/key.x: want key. and a number from 1 to 4294967295"},
    {"weight", "2", "trap/weight: want 0 to 1, at most three decimals"},
    {"group", "a b", "trap/group: want 1 to 32 of a-z, 0-9 and -"},
    {"rate", "-1", "trap/rate: want a whole number from 0 to 1000000"},
    {"released", "now", "trap/released: want unix seconds"},
    {"revoked", "1", "trap/revoked: want unix seconds, a blank, and unix seconds"},
};

static void test_refused(void) {
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    ok(put(refused[i].file, refused[i].text) && !*read_back().name, "%s", refused[i].want);
    is_text(span_str(why.text), refused[i].want, "the file is named");
    ok(!why.temporary && detectoredit_remove(&edit, "trap", refused[i].file, &why), "permanent");
  }
}

/* One descriptor is left: for the directory of the detector, and none for the file. */
static void test_no_descriptor(void) {
  struct rlimit before, few;
  int next = open("/dev/null", O_RDONLY);
  getrlimit(RLIMIT_NOFILE, &before);
  few = (struct rlimit){(rlim_t)next + 1, before.rlim_max};
  close(next);
  ok(put("weight", "0.5"), "a weight is put");
  setrlimit(RLIMIT_NOFILE, &few);
  bool made = put("weight", "0.75");
  setrlimit(RLIMIT_NOFILE, &before);
  ok(!made && why.temporary, "without a descriptor it fails");
  is_text(span_str(why.text), "trap/weight: unable to write it: Too many open files",
          "which is named");
  ok(read_back().weight == 500, "and the old value stays");
}

int main(void) {
  char command[64];
  if (!mkdtemp(dir) || !mac_init()) return 111;
  test_add();
  test_keys();
  test_refused();
  test_no_descriptor();
  detectoredit_close(&edit);
  snprintf(command, sizeof command, "rm -rf %s", dir);
  return system(command) == 0 ? done() : 111;
}
