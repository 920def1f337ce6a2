/* lists.h in a temporary directory. */
#include "publish/lists.h"
#include "publish/answers.h"
#include "tap.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW INT64_C(1795980000)

static char directory[] = "/tmp/publish-lists-XXXXXX";
static bool stop;
static struct list_info info = {.now = NOW};

static const char *path_of(const char *name) {
  static char path[300];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  return path;
}

static const char *content(const char *name) {
  static char buf[200000];
  FILE *f = fopen(path_of(name), "r");
  if (!f) return "none";
  buf[fread(buf, 1, sizeof buf - 1, f)] = '\0';
  fclose(f);
  return buf;
}

static bool holds(const char *name, const char *text) {
  return strstr(content(name), text) != NULL;
}

static void add_entry(struct list_text *t, const struct listing_row *l) {
  (void)l;
  list_put(t, span_str("entry\n"));
  t->count++;
}

/* printf "duration,scope,value,reason,type\n" | sha256sum */
#define CSV_HEAD_SUM "dca50e3b479b17946352b5fb87dd2a7cd920335581d0a602eb9b3e16d7a57b89"

static const struct list_form short_forms[] = {
    {.outlet = "x",
     .name = "limited",
     .title = "x",
     .limit = 2,
     .head = list_comment_head,
     .add = add_entry},
    {.name = NULL},
};

static void give(struct lists *l, const char *ip, enum colour colour, uint64_t serial) {
  struct listing_row row = {.colour = colour, .until = NOW + 60};
  if (!addr_parse(span_str(ip), &row.ip)) printf("# malformed %s\n", ip);
  info.serial = serial;
  lists_begin(l, &info);
  lists_add(l, &row, answers_of(&row, NOW));
  lists_end(l, !stop);
}

static struct list_file *file_of(const struct lists *l, const char *name) {
  for (size_t i = 0; i < l->count; i++)
    if (strcmp(l->list[i]->form->name, name) == 0) return l->list[i];
  return NULL;
}

static void test_write(struct lists *l) {
  ok(lists_add_outlet(l, list_text_forms) && lists_are_due(l), "new lists are due");
  give(l, "192.0.2.1", COLOUR_BLACK, 1);
  ok(!lists_are_due(l), "all lists are written");
  ok(holds("ip4.txt", "# serial 1\n") && holds("ip4.txt", "# count          1\n192.0.2.1\n"),
     "a list with one entry");
  ok(holds("ip6.txt", "# count          0\n") && !holds("ip6.txt", "192"), "an empty list");
  ok(file_of(l, "ip4.txt")->count == 1, "its count is known");
  struct stat st;
  ok(stat(path_of("ip4.txt"), &st) == 0 && (st.st_mode & 0777) == 0644, "anybody may read it");

  give(l, "192.0.2.2", COLOUR_BLACK, 2);
  ok(holds("ip4.txt", "192.0.2.1"), "a list that is not due stays as it is");
  lists_set_due(l);
  give(l, "192.0.2.2", COLOUR_YELLOW, 3);
  ok(holds("ip4.txt", "# serial 3\n") && !holds("ip4.txt", "192"), "yellow is in no list");
  lists_set_due(l);
  give(l, "192.0.2.2", COLOUR_BROWN, 4);
  ok(holds("ip4.txt", "# serial 4\n") && !holds("ip4.txt", "192"), "brown is in no list");
}

static void test_failures(struct lists *l) {
  struct list_file *broken = file_of(l, "cidr4.txt");
  unlink(path_of("cidr4.txt"));
  mkdir(path_of("cidr4.txt"), 0755);
  lists_set_due(l);
  give(l, "192.0.2.5", COLOUR_BLACK, 5);
  ok(broken->failure && broken->error == EISDIR && broken->due,
     "a directory in the place of a list: it stays due");
  ok(holds("ip4.txt", "192.0.2.5") && !file_of(l, "ip4.txt")->due, "the others are written");
  rmdir(path_of("cidr4.txt"));
  give(l, "192.0.2.5", COLOUR_BLACK, 6);
  ok(!broken->failure && !lists_are_due(l) && holds("cidr4.txt", "192.0.2.5"),
     "it is written when that is possible");
  ok(holds("ip4.txt", "# serial 5\n"), "then the others are not written again");

  mkdir(path_of("ip6.txt.tmp"), 0755);
  lists_set_due(l);
  give(l, "192.0.2.7", COLOUR_BLACK, 7);
  ok(file_of(l, "ip6.txt")->failure && holds("ip6.txt", "# serial 5\n"),
     "a temporary file that cannot be made: the last file stays");
  ok(holds("cidr6.txt", "# serial 7\n"), "the lists after it are written");
  rmdir(path_of("ip6.txt.tmp"));

  stop = true;
  lists_set_due(l);
  give(l, "192.0.2.8", COLOUR_BLACK, 8);
  ok(lists_are_due(l) && holds("ip4.txt", "# serial 7\n"), "told to stop: no file is replaced");
  ok(access(path_of("ip4.txt.tmp"), F_OK) != 0, "and no temporary file is left");
  stop = false;
}

/* Sums of files that the test gives a known content. */
static void test_sums(void) {
  struct lists l = {.dir = directory, .sums = true};
  ok(lists_add_outlet(&l, list_csv_forms) && lists_write_sums(&l), "nothing is written yet");
  is_text(span_str(content("SHA256SUMS")), "", "no sums");
  give(&l, "192.0.2.1", COLOUR_YELLOW, 1);
  ok(lists_write_sums(&l), "a list is written");
  is_text(span_str(content("SHA256SUMS")), CSV_HEAD_SUM "  decisions.csv\n", "its sum");
  lists_set_due(&l);
  lists_begin(&l, &info);
  lists_end(&l, false);
  ok(lists_write_sums(&l) && holds("SHA256SUMS", CSV_HEAD_SUM),
     "not written again: the sum is that of the last file");
  lists_free(&l);
  unlink(path_of("decisions.csv"));
  unlink(path_of("SHA256SUMS"));
}

static void test_limit(void) {
  struct lists l = {.dir = directory};
  ok(lists_add_outlet(&l, short_forms), "a list with a limit");
  for (int count = 2; count <= 3; count++) {
    struct listing_row row = {
        .colour = COLOUR_BLACK, .until = NOW + 60, .ip = addr_from_ipv4(0xc0000201)};
    lists_set_due(&l);
    lists_begin(&l, &info);
    for (int i = 0; i < count; i++) lists_add(&l, &row, answers_of(&row, NOW));
    lists_end(&l, true);
    ok(!lists_are_due(&l), "%d entries: it is written", count);
    ok(holds("limited", "entry\n") == (count == 2), "%d entries: and has them or not", count);
    ok(holds("limited", "# too many entries") == (count == 3), "%d entries: what it says", count);
  }
  lists_free(&l);
}

static void test_link(void) {
  struct lists l = {.dir = directory};
  ok(symlink("/dev/full", path_of("limited.tmp")) == 0 && lists_add_outlet(&l, short_forms),
     "a list");
  give(&l, "192.0.2.1", COLOUR_BLACK, 1);
  ok(l.list[0]->failure && l.list[0]->due, "a link in the place of the temporary file: refused");
  unlink(path_of("limited.tmp"));
  lists_free(&l);
}

int main(void) {
  if (!mkdtemp(directory)) return 111;
  struct lists l = {.dir = directory};
  test_write(&l);
  test_failures(&l);
  lists_free(&l);
  test_sums();
  test_limit();
  test_link();
  static const char *const names[] = {"ip4.txt", "ip6.txt", "cidr4.txt", "cidr6.txt", "limited"};
  for (size_t i = 0; i < 5; i++) unlink(path_of(names[i]));
  ok(rmdir(directory) == 0, "no other file was left");
  return done();
}
