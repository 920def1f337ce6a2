/* The last good version of a list out of a database: whole, dated, and never out of a damaged one.
 */
#include "rule/lastgood.h"
#include "rule/listname.h"
#include "rule/ruletext.h"
#include "rule/tablewriter.h"
#include "tap.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define DATE UINT64_C(1764000000)

struct read {
  struct rulefile_tables tables;
  struct listname list;
  const struct rulefile *file;
  char *text;
};

static void read_list(struct read *r, const char *name, const char *text) {
  static struct rule_errors c;
  const char *reason;
  bool listed = listname_init(&r->list, name, &reason);
  r->file = listed ? &r->list.rule : rulefile_find(span_str(name));
  r->text = strdup(text);
  rulefile_tables_init(&r->tables, r->file);
  c.count = 0;
  ruletext_read(r->file, r->text, strlen(text), &r->tables, &c);
  r->tables.addresses.date = r->tables.named.date = DATE;
}

static void forget(struct read *r) {
  rulefile_tables_free(&r->tables);
  free(r->text);
}

static int write_database(const struct rulefile_tables *read, char version[TABLE_VERSION_LEN + 1]) {
  struct tabletext tables[RULE_TABLES_MAX];
  int fd = memfd_create("rules", MFD_CLOEXEC);
  rulefile_tables_list(read, tables);
  if (tablewriter_write(fd, tables, RULE_TABLES_MAX, version)) return fd;
  close(fd);
  return -1;
}

static const struct {
  const char *name, *file, *text;
  const char *now;      /* another name of the list */
  const char *key, *in; /* what is found, as which value; key NULL: a name */
  const char *value, *out;
} lists[] = {
    {"addresses", "x.4", "192.0.2.0/24\n!192.0.2.7\n198.51.100.1\n192.0.2.0/24\n", "x.4",
     "192.0.2.6", NULL, "4", "192.0.2.7"},
    {"another weight", "x.4", "192.0.2.0/24\n!192.0.2.7\n", "x.8.sure", "192.0.2.6", NULL, "8 sure",
     "192.0.2.7"},
    {"IPv6 in /64s", "x.4", "2001:db8::/32\n!2001:db8:1::/48\n", "x.4", "2001:db8:2::9", NULL, "4",
     "2001:db8:1::1"},
    {"IPv6 addresses", "x.4", "2001:db8::1\n2001:db8::4-2001:db8::9\n192.0.2.1\n", "x.4",
     "2001:db8::9", NULL, "4", "2001:db8::a"},
    {"names", "x.4", ".bad.example\n!good.bad.example\n*.low.example\n", "x.2", NULL,
     "a.bad.example", "2", "good.bad.example"},
    {"dynamic", "dynamic", "192.0.2.0/24\n", "dynamic", "192.0.2.6", NULL, "", "192.0.3.1"},
    {"blacklist", "blacklist", "192.0.2.0/24 2\n192.0.2.1 8 sure\n", "blacklist", "192.0.2.1", NULL,
     "8 sure", "192.0.3.1"},
    {"a list without an entry", "x.4", "# none\n", "x.4", NULL, NULL, NULL, NULL},
};
#define LISTS (sizeof lists / sizeof lists[0])

/* 1 found, as *value. */
static int find(const struct table *t, const struct rulefile *file, const char *key, bool address,
                struct span *value) {
  struct addr a;
  struct span suffix;
  if (address && !addr_parse(span_str(key), &a)) return -2;
  if (address) return table_find_addr(t, file->addresses, &a, value);
  int found = table_find_suffix(t, file->named, span_str(key), &suffix, value);
  return found == 1 && value->len == 0 ? 0 : found;
}

static void check_found(size_t nth, int fd, const struct rulefile *file) {
  struct table t;
  struct span value = {NULL, 0};
  uint64_t date;
  bool kept = false, address = lists[nth].key != NULL;
  ok(table_open(&t, fd), "%s: a database", lists[nth].name);
  ok(table_date(&t, file->addresses, &date, &kept) == 1 && date == DATE && kept,
     "%s: of that date, and kept", lists[nth].name);
  if (lists[nth].value) {
    ok(find(&t, file, address ? lists[nth].key : lists[nth].in, address, &value) == 1, "%s: found",
       lists[nth].name);
    is_text(value, lists[nth].value, "%s: its value", lists[nth].name);
    ok(find(&t, file, lists[nth].out, address, &value) == 0, "%s: not found", lists[nth].name);
  }
  table_close(&t);
}

static void check_head(const struct table *old, const struct rulefile *file, int fd,
                       const char *name) {
  struct table t;
  struct head before, after;
  bool ok_heads = table_open(&t, fd) && table_head(old, file->addresses, &before) == 1 &&
                  table_head(&t, file->addresses, &after) == 1;
  ok(ok_heads && memcmp(before.number, after.number, sizeof before.number) == 0,
     "%s: all is counted as it was", name);
  table_close(&t);
}

/* Taken once, and once more out of what was made of it. */
static void test_round(size_t nth) {
  struct read good, now;
  char versions[3][TABLE_VERSION_LEN + 1];
  struct table old;
  read_list(&good, lists[nth].file, lists[nth].text);
  read_list(&now, lists[nth].now, "");
  int fd = write_database(&good.tables, versions[0]);
  for (int round = 1; round <= 2; round++) {
    rulefile_tables_free(&now.tables);
    rulefile_tables_init(&now.tables, now.file);
    ok(table_open(&old, fd), "%s: the database before", lists[nth].name);
    ok(lastgood_get(&old, now.file, &now.tables) == LASTGOOD_FOUND, "%s: taken", lists[nth].name);
    size_t excluded = 0;
    for (size_t i = 0; i < now.tables.named.count; i++)
      excluded +=
          now.tables.named.named[i].excluded == (now.tables.named.named[i].entry.value.len == 0);
    ok(excluded == now.tables.named.count, "%s: what has no value is excluded", lists[nth].name);
    int new = write_database(&now.tables, versions[round]);
    check_found(nth, new, now.file);
    check_head(&old, now.file, new, lists[nth].name);
    table_close(&old);
    close(fd);
    fd = new;
  }
  ok(strcmp(versions[1], versions[2]) == 0, "%s: the same version", lists[nth].name);
  if (strcmp(lists[nth].file, lists[nth].now) == 0)
    ok(strcmp(versions[0], versions[1]) == 0, "%s: that of the list itself", lists[nth].name);
  close(fd);
  forget(&good);
  forget(&now);
}

static void test_none(void) {
  struct read undated, other;
  struct table old;
  char version[TABLE_VERSION_LEN + 1];
  read_list(&undated, "x.4", "192.0.2.1\n");
  read_list(&other, "y.4", "");
  undated.tables.addresses.date = 0;
  int fd = write_database(&undated.tables, version);
  ok(table_open(&old, fd), "a database of tables without dates");
  struct rulefile_tables read;
  rulefile_tables_init(&read, undated.file);
  ok(lastgood_get(&old, undated.file, &read) == LASTGOOD_NONE && read.addresses.count == 0,
     "nothing is taken from it");
  ok(lastgood_get(&old, other.file, &read) == LASTGOOD_NONE, "nor where there is no such table");
  table_close(&old);
  close(fd);
  forget(&undated);
  forget(&other);
}

/* Taken from bytes that are no file. False if nothing was. */
static bool take_damaged(struct table *t, const struct rulefile *file) {
  char version[TABLE_VERSION_LEN + 1];
  struct rulefile_tables read;
  rulefile_tables_init(&read, file);
  bool taken = table_attach(t) && lastgood_get(t, file, &read) == LASTGOOD_FOUND;
  int fd = taken ? write_database(&read, version) : -1;
  if (fd >= 0) close(fd);
  rulefile_tables_free(&read);
  return taken && fd >= 0;
}

/* Any byte may be wrong: what is taken makes a database, or nothing is. */
static void test_damage(size_t nth) {
  struct read good;
  struct table t;
  char version[TABLE_VERSION_LEN + 1];
  size_t refused = 0, taken = 0;
  read_list(&good, lists[nth].file, lists[nth].text);
  int fd = write_database(&good.tables, version);
  ok(table_open(&t, fd), "%s: a database", lists[nth].name);
  unsigned char *mapped = (unsigned char *)(uintptr_t)t.cdb.cdb_mem;
  size_t size = t.cdb.cdb_fsize;
  unsigned char *copy = malloc(size);
  memcpy(copy, mapped, size);
  t.cdb.cdb_mem = copy;
  for (size_t i = 0; i < size; i++) {
    copy[i] ^= 0xff;
    if (take_damaged(&t, good.file)) taken++;
    else refused++;
    copy[i] ^= 0xff;
  }
  ok(refused > 0 && taken > 0 && take_damaged(&t, good.file), "%s: %zu damaged, %zu not seen",
     lists[nth].name, refused, taken);
  t.cdb.cdb_mem = mapped;
  free(copy);
  table_close(&t);
  close(fd);
  forget(&good);
}

static void test_dates(void) {
  static const struct {
    const char *text;
    bool want, kept;
  } dates[] = {{"1764000000", true, false},
               {"1764000000 kept", true, true},
               {"1 kept", true, true},
               {"", false, false},
               {"01", false, false},
               {"1 ", false, false},
               {"1 old", false, false},
               {" kept", false, false},
               {"-1", false, false},
               {"1 kept ", false, false},
               {"99999999999999999999", false, false}};
  for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
    char text[RECORD_DATE_MAX];
    uint64_t date = 0;
    bool kept = false, fine = record_date_decode(span_str(dates[i].text), &date, &kept);
    ok(fine == dates[i].want && (!fine || kept == dates[i].kept), "the date \"%s\"", dates[i].text);
    if (fine)
      is_text(span_of(text, record_date_encode(text, date, kept)), dates[i].text, "and back");
  }
}

int main(void) {
  for (size_t i = 0; i < LISTS; i++) test_round(i);
  test_none();
  for (size_t i = 0; i + 1 < LISTS; i++) test_damage(i);
  test_dates();
  return done();
}
