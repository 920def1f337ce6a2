/* rbldnsd.h in a temporary directory. */
#include "publish/rbldnsd.h"
#include "publish/expiry.h"
#include "tap.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW INT64_C(1795980000)

static char directory[] = "/tmp/publish-rbldnsd-XXXXXX";
static volatile sig_atomic_t stop;
static const struct zone_settings zone = {.ns = SPAN_LITERAL("ns.example"),
                                          .soa = SPAN_LITERAL("ns.example p.example"),
                                          .ttl = 60,
                                          .url = SPAN_LITERAL("https://x.example/")};

static struct rbldnsd *start(void) {
  static struct rbldnsd r;
  r = (struct rbldnsd){.zone = &zone, .lifetime = 900, .stop = &stop};
  files_init(&r.files, directory);
  return &r;
}

static void path_of(char path[300], const char *name) {
  snprintf(path, 300, "%s/%s", directory, name);
}

static bool holds(const char *name, const char *text) {
  static char buf[10000];
  char path[300];
  path_of(path, name);
  FILE *f = fopen(path, "r");
  if (!f) return false;
  buf[fread(buf, 1, sizeof buf - 1, f)] = '\0';
  fclose(f);
  return strstr(buf, text) != NULL;
}

static int count_files(bool remove) {
  int n = 0;
  DIR *dir = opendir(directory);
  for (struct dirent *entry; (entry = readdir(dir));) {
    char path[300];
    if (entry->d_name[0] == '.') continue;
    n++;
    path_of(path, entry->d_name);
    if (remove) unlink(path);
  }
  closedir(dir);
  return n;
}

static struct listing_row listing(const char *ip, enum colour colour) {
  struct listing_row l = {
      .colour = colour, .until = NOW + 100, .noquits = 1, .sins = span_str("a")};
  if (!addr_parse(span_str(ip), &l.ip)) printf("# malformed %s\n", ip);
  return l;
}

static bool write_partition(const struct output *o, const struct listing_row *l) {
  uint8_t answers = answers_of(l, NOW);
  return o->begin(o->context, partition_of(&l->ip)) && o->add(o->context, l, answers) &&
         o->end(o->context);
}

static void test_create_missing(void) {
  struct rbldnsd *r = start();
  ok(rbldnsd_create_missing(r, NOW) && r->files.changed, "an empty directory");
  ok(count_files(false) == 25, "all files are created");
  ok(holds("black4.hot", "\n127.0.0.2 :127.0.0.2:test entry\n"), "the test entry is there");
  ok(holds("quit6", "$TTL 60\n"), "a dataset without entries is there");
  ok(holds("expiry", "$TIMESTAMP 0 2026:11:29:19:35:00\n"), "the expiry is there");
  ok(r->end == NOW + 900 && !rbldnsd_expiry_is_due(r, NOW), "its date is known");
  rbldnsd_free(r);

  char path[300];
  path_of(path, "quit6.hot");
  unlink(path);
  r = start();
  ok(rbldnsd_create_missing(r, NOW + 50) && r->files.changed, "one file is missing");
  ok(holds("quit6.hot", "$TTL 60\n"), "it is created again");
  ok(holds("expiry", "$TIMESTAMP 0 2026:11:29:19:35:00\n"), "the expiry of an earlier run stays");
  ok(r->end == 0 && rbldnsd_expiry_is_due(r, NOW + 50), "an expiry of an earlier run is due");
  rbldnsd_free(r);

  r = start();
  ok(rbldnsd_create_missing(r, NOW) && !r->files.changed, "all files exist: none is written");
  ok(r->dataset[PARTITION_HOT6][DATASET_QUIT].size > 0 && r->expiry.size > 0,
     "the state of files of an earlier run is known");
  rbldnsd_free(r);
}

static void test_write(void) {
  struct rbldnsd *r = start();
  struct output o = rbldnsd_output(r);
  struct listing_row l = listing("192.0.2.1", COLOUR_BLACK);
  rbldnsd_create_missing(r, NOW);
  r->files.changed = false;
  ok(write_partition(&o, &l) && r->files.changed, "a partition is written");
  ok(holds("black4.6", "\n192.0.2.1 :127.0.0.2:spambot: a; "), "the black dataset");
  ok(holds("black4.6", "; https://x.example/\n"), "the URL in the TXT");
  ok(holds("shade4.6", "\n192.0.2.1 :127.0.1.2:\n"), "the other dataset");
  r->files.changed = false;
  ok(write_partition(&o, &l) && !r->files.changed, "the same partition again: no file is replaced");
  l = listing("2001:db8:0:5::", COLOUR_YELLOW);
  ok(write_partition(&o, &l) && holds("quit6", "\n2001:db8:0:5::/64 :127.0.1.2:\n"),
     "the third dataset of IPv6");
  ok(!holds("shade6", "192.0.2.1"), "no entry of another partition");

  stop = 1;
  r->files.changed = false;
  l = listing("192.0.2.1", COLOUR_BROWN);
  ok(!write_partition(&o, &l) && !r->files.failure, "told to stop: stopped, without a failure");
  ok(!r->files.changed && !holds("shade4.6", "127.0.0.4"), "told to stop: no file is replaced");
  stop = 0;
  ok(write_partition(&o, &l) && holds("shade4.6", "127.0.0.4"), "it is written later");
  rbldnsd_free(r);
}

static void test_expiry(void) {
  struct rbldnsd *r = start();
  ok(rbldnsd_write_expiry(r, NOW + 300) && r->end == NOW + 1200, "the expiry is moved");
  ok(holds("expiry", "$TIMESTAMP 0 2026:11:29:19:40:00\n"), "the expiry has its date");
  ok(!rbldnsd_expiry_is_due(r, NOW + 599) && rbldnsd_expiry_is_due(r, NOW + 600),
     "it is due again after a third of the lifetime");
  rbldnsd_free(r);
}

static void test_failures(void) {
  char path[300];
  struct rbldnsd *r = start();
  struct output o = rbldnsd_output(r);
  struct listing_row l = listing("192.0.2.1", COLOUR_BLACK);
  count_files(true);
  path_of(path, "black4.6");
  mkdir(path, 0755);
  ok(!write_partition(&o, &l) && r->files.failure, "a dataset that cannot be replaced");
  is_text(span_str(r->files.path), path, "the dataset is named");
  rmdir(path);
  path_of(path, "expiry");
  mkdir(path, 0755);
  ok(!rbldnsd_write_expiry(r, NOW) && r->end == 0, "an expiry that cannot be replaced");
  rmdir(path);
  rbldnsd_free(r);

  r = start();
  files_init(&r->files, "/dev/null");
  ok(!rbldnsd_create_missing(r, NOW) && r->files.error == ENOTDIR, "the directory is a file");
  rbldnsd_free(r);
}

int main(void) {
  if (!mkdtemp(directory)) return 111;
  test_create_missing();
  test_write();
  test_expiry();
  test_failures();
  count_files(true);
  ok(rmdir(directory) == 0, "no directory is left");
  return done();
}
