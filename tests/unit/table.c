/* The rule database: what is written is found, the same text gives the same bytes, damage is told.
 */
#include "base/number.h"
#include "rule/ruletext.h"
#include "rule/tablewriter.h"
#include "tap.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
  const char *file, *text;
} rules[] = {
    {"thresholds", "bot 8\nsuspect 4\n"},
    {"blacklist", "192.0.2.0/24\n192.0.2.9 8 sure\n!192.0.2.10\n2001:db8::/32 2\n192.0.2.0/24\n"},
    {"whitelist", "198.51.100.1\nexample.org\nb.mail.example.org\n"},
    {"domains", "exact.example\n.all.example\n"},
    {"dynamic", "!10.0.0.0/8\n"},
    {"highmx", "0.0.0.0/0\n"},
    {"neverlist", "::/0\n255.255.255.255\n"},
    {"own", ""},
    {"helo", "ylmf-pc\n*-xp\nbotty*\n"},
};
#define FILES (sizeof rules / sizeof rules[0])

/* Writes the texts above, the nth with another one in its place, into a file without a name. */
static int make_database(size_t nth, const char *instead, char version[TABLE_VERSION_LEN + 1]) {
  static struct rule_errors errors;
  struct rulefile_tables read[FILES];
  struct tabletext tables[RULE_TABLES_MAX * FILES];
  char *text[FILES];
  int fd = memfd_create("rules", MFD_CLOEXEC);
  for (size_t i = 0; i < FILES; i++) {
    const struct rulefile *file = rulefile_find(span_str(rules[i].file));
    text[i] = strdup(i == nth ? instead : rules[i].text);
    rulefile_tables_init(&read[i], file);
    ruletext_read(file, text[i], strlen(text[i]), &read[i], &errors);
    rulefile_tables_list(&read[i], tables + RULE_TABLES_MAX * i);
  }
  ok(errors.count == 0, "the text is well-formed");
  ok(tablewriter_write(fd, tables, RULE_TABLES_MAX * FILES, version), "a database is written");
  for (size_t i = 0; i < FILES; i++) {
    rulefile_tables_free(&read[i]);
    free(text[i]);
  }
  return fd;
}

static const struct {
  const char *table, *key;
  const char *value; /* NULL: not found */
  const char *file;
  uint32_t line;
} addresses[] = {
    {"blacklist", "192.0.2.0", "4", "blacklist", 1},
    {"blacklist", "192.0.2.255", "4", "blacklist", 1},
    {"blacklist", "192.0.2.9", "8 sure", "blacklist", 2},
    {"blacklist", "192.0.2.10", NULL, NULL, 0},
    {"blacklist", "192.0.1.255", NULL, NULL, 0},
    {"blacklist", "192.0.3.0", NULL, NULL, 0},
    {"blacklist", "2001:db8:ffff::1", "2", "blacklist", 4},
    {"blacklist", "2001:db9::", NULL, NULL, 0},
    {"blacklist", "::", NULL, NULL, 0},
    {"whitelist", "198.51.100.1", "", "whitelist", 1},
    {"whitelist", "2001:db8::1", NULL, NULL, 0},
    {"dynamic", "10.0.0.1", NULL, NULL, 0},
    {"highmx", "255.255.255.255", "", "highmx", 1},
    {"highmx", "::1", NULL, NULL, 0},
    {"neverlist", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", "neverlist", 1},
    {"neverlist", "255.255.255.254", NULL, NULL, 0},
    {"neverlist", "::ffff:255.255.255.255", "", "neverlist", 2},
    {"own", "192.0.2.1", NULL, NULL, 0},
    {"no-such", "192.0.2.1", NULL, NULL, 0},
    {"thresholds", "192.0.2.1", NULL, NULL, 0},
};

static void test_addresses(const struct table *t) {
  for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
    struct addr a;
    struct span value = span_of("", 0);
    struct table_source source;
    addr_parse(span_str(addresses[i].key), &a);
    int found = table_find_addr(t, addresses[i].table, &a, &value);
    int sourced = table_source_addr(t, addresses[i].table, &a, &source);
    if (!addresses[i].value) {
      ok(found == 0 && sourced == 0, "%s: no %s", addresses[i].table, addresses[i].key);
      continue;
    }
    ok(found == 1 && span_is(value, addresses[i].value) && sourced == 1 &&
           span_is(source.file, addresses[i].file) && source.line == addresses[i].line,
       "%s: %s", addresses[i].table, addresses[i].key);
  }
}

static const struct {
  const char *table, *host;
  const char *suffix; /* NULL: not found */
  uint32_t line;
} hosts[] = {
    {"whitelist-names", "example.org", "example.org", 2},
    {"whitelist-names", "a.example.org", "example.org", 2},
    {"whitelist-names", "mail.example.org", "example.org", 2},
    {"whitelist-names", "b.mail.example.org", "b.mail.example.org", 3},
    {"whitelist-names", "x.y.b.mail.example.org", "b.mail.example.org", 3},
    {"whitelist-names", "badexample.org", NULL, 0},
    {"whitelist-names", "org", NULL, 0},
    {"whitelist-names", "example.org.uk", NULL, 0},
    {"whitelist-names", "Example.org", NULL, 0},
    {"whitelist-names", "", NULL, 0},
    {"whitelist-names", ".", NULL, 0},
    {"whitelist-names", "..example.org", "example.org", 2},
    {"domains", "exact.example", "exact.example", 1},
    {"domains", "x.exact.example", NULL, 0},
    {"domains", "all.example", "all.example", 2},
    {"domains", "x.all.example", "all.example", 2},
    {"domains", "xall.example", NULL, 0},
    {"own-names", "exact.example", NULL, 0},
};

/* The keys of an address table begin at a multiple of 64 bytes in the file: a look-up then touches one
   cache line a level. See interval.h. */
static void test_alignment(const struct table *t) {
  struct cdb cdb = t->cdb;
  unsigned int at;
  int seen = 0;
  cdb_seqinit(&at, &cdb);
  while (cdb_seqnext(&at, &cdb) > 0) {
    struct span key = span_of(cdb_getkey(&cdb), cdb_keylen(&cdb));
    const unsigned char *data = cdb_getdata(&cdb);
    char last = key.s[key.len - 1];
    if (span_find(key, ':') + 2 != key.len || (last != '4' && last != '6')) continue;
    size_t front = 8 + 16 * (size_t)data[5] + data[6];
    ok((cdb_datapos(&cdb) + front) % 64 == 0, "%.*s is aligned", (int)key.len, key.s);
    seen++;
  }
  ok(seen >= 4, "tables of both families were seen: %d", seen);
}

static void test_suffixes(const struct table *t) {
  for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
    struct span suffix, value;
    struct table_source source = {span_of("", 0), 0};
    int found = table_find_suffix(t, hosts[i].table, span_str(hosts[i].host), &suffix, &value);
    if (!hosts[i].suffix) {
      ok(found == 0, "%s: no \"%s\"", hosts[i].table, hosts[i].host);
      continue;
    }
    ok(found == 1 && span_is(suffix, hosts[i].suffix) && value.len == 0 &&
           table_source_name(t, hosts[i].table, suffix, &source) == 1 &&
           source.line == hosts[i].line,
       "%s: %s", hosts[i].table, hosts[i].host);
  }
}

static void test_names(const struct table *t) {
  struct span value;
  struct table_source source;
  static char long_name[RECORD_NAME_MAX + 2];
  ok(table_find_name(t, "thresholds", span_str("bot"), &value) == 1, "a name is found");
  is_text(value, "8", "with its value");
  ok(table_source_name(t, "thresholds", span_str("suspect"), &source) == 1 && source.line == 2,
     "and its line");
  is_text(source.file, "thresholds", "and its file");
  ok(table_find_name(t, "thresholds", span_str("bo"), &value) == 0, "a part of it is not");
  ok(table_find_name(t, "thresholds", span_of("", 0), &value) == 0, "nor is nothing");
  ok(table_find_name(t, "no-such", span_str("bot"), &value) == 0, "nor in a table that is not");
  memset(long_name, 'a', sizeof long_name - 1);
  ok(table_find_name(t, "thresholds", span_str(long_name), &value) == 0, "nor a very long one");
}

static void test_tables(const struct table *t) {
  static const char *const there[] = {"thresholds", "blacklist", "whitelist", "whitelist-names",
                                      "domains",    "dynamic",   "highmx",    "neverlist"};
  static const char *const absent[] = {"own", "own-names", "no-such", "", "threshold", "tables"};
  struct span lines;
  size_t right = 0, wrong = 0;
  for (size_t i = 0; i < 8; i++) right += table_exists(t, there[i]);
  for (size_t i = 0; i < 6; i++) wrong += table_exists(t, absent[i]);
  ok(right == 8, "tables with entries exist");
  ok(wrong == 0, "an empty file makes no table");
  size_t shortest = 0, longest = 0;
  ok(table_key_lengths(t, "helo-patterns", &shortest, &longest) && shortest == 4 && longest == 6,
     "the lengths of keys are known");
  ok(!table_key_lengths(t, "own", &shortest, &longest), "but not of a table that is not");
  ok(table_list(t, &lines) == 1, "they are listed");
  is_text(lines,
          "thresholds names 2 0 0 0 3 7 thresholds\nblacklist addresses 4 1 1 0 0 0 blacklist\n"
          "whitelist addresses 1 0 0 0 0 0 whitelist\n"
          "whitelist-names suffixes 2 0 0 0 11 18 whitelist\n"
          "domains suffixes 2 0 0 0 11 13 domains\ndynamic addresses 1 1 0 0 0 0 dynamic\n"
          "highmx addresses 1 0 0 0 0 0 highmx\nneverlist addresses 2 0 0 0 0 0 neverlist\n"
          "helo names 1 0 0 0 7 7 helo\nhelo-patterns names 2 0 0 0 4 6 helo\n",
          "with their shapes, entries and files");
}

/* All entries of a table, "KEY VALUE;" each; a mark where the database is damaged. */
static struct span list_entries(const struct table *t, const char *name) {
  static char text[512];
  struct table_cursor cursor;
  struct span key, value;
  size_t n = 0;
  int found = table_first(t, name, &cursor);
  while (found > 0 && (found = table_next(t, &cursor, &key, &value)) > 0 && n < sizeof text)
    n += (size_t)snprintf(text + n, sizeof text - n, "%.*s %.*s;", (int)key.len, key.s,
                          (int)value.len, value.s);
  return found < 0 ? span_str("damaged") : span_of(text, n);
}

static void test_cursors(const struct table *t) {
  is_text(list_entries(t, "thresholds"), "bot 8;suspect 4;", "all entries of a table in a row");
  is_text(list_entries(t, "domains"), "all.example ;exact.example ;", "of one of suffixes");
  is_text(list_entries(t, "no-such"), "", "none of one that is not");
  is_text(list_entries(t, "blacklist"), "damaged", "a table of addresses has no keys");
}

static bool same_bytes(int one, int two) {
  static char a[65536], b[65536];
  ssize_t n = pread(one, a, sizeof a, 0), m = pread(two, b, sizeof b, 0);
  return n > 2048 && n == m && memcmp(a, b, (size_t)n) == 0;
}

static void test_determinism(int fd, const char *version) {
  char same[TABLE_VERSION_LEN + 1], order[TABLE_VERSION_LEN + 1], other[TABLE_VERSION_LEN + 1];
  uint64_t hex;
  int again = make_database(FILES, NULL, same);
  int comment = make_database(0, "bot 8\nsuspect 4 # more\n", order);
  int changed = make_database(0, "bot 9\nsuspect 4\n", other);
  ok(number_parse_hex(span_str(version), 16, &hex), "a version has 16 digits: %s", version);
  ok(same_bytes(fd, again) && strcmp(version, same) == 0, "the same text gives the same bytes");
  ok(same_bytes(fd, comment) && strcmp(version, order) == 0, "so does another comment");
  ok(!same_bytes(fd, changed) && strcmp(version, other) != 0, "another weight is another version");
  close(again);
  close(comment);
  close(changed);
}

/* Every byte of the database wrong, one at a time: no look-up may read outside, or say anything but
   found, not found or damaged. The sanitizers and a mapping that ends with the file watch. */
static void test_damage(int fd) {
  static char bytes[65536];
  struct stat st;
  size_t strange = 0, refused = 0;
  int copy = memfd_create("damaged", MFD_CLOEXEC);
  ssize_t len = pread(fd, bytes, sizeof bytes, 0);
  if (fstat(fd, &st) != 0 || len != st.st_size || write(copy, bytes, (size_t)len) != len) return;
  for (ssize_t i = 0; i < len; i++) {
    struct table t;
    struct addr a = addr_from_ipv4(0xc0000209);
    struct span value, suffix;
    char flipped = (char)~bytes[i];
    if (pwrite(copy, &flipped, 1, i) != 1) break;
    if (!table_open(&t, copy)) refused++;
    else {
      int found[3] = {
          table_find_addr(&t, "blacklist", &a, &value),
          table_find_name(&t, "thresholds", span_str("bot"), &value),
          table_find_suffix(&t, "whitelist-names", span_str("a.example.org"), &suffix, &value),
      };
      list_entries(&t, "thresholds");
      for (int k = 0; k < 3; k++) strange += found[k] < -1 || found[k] > 1;
      table_close(&t);
    }
    if (pwrite(copy, &bytes[i], 1, i) != 1) break;
  }
  ok(strange == 0, "a damaged database gives -1, 0 or 1");
  ok(refused > 0, "or is refused when it is opened (%zu of %zd)", refused, len);
  close(copy);
}

static const struct {
  const char *version; /* the record that says whose the database is */
  bool ours;
} versions[] = {
    {"3 0123456789abcdef", true},
    {"0 0123456789abcdef", false},
    {"1 0123456789abcdef", false},
    {"2 0123456789abcdef", false},
    {"3 0123456789abcde", false},
    {"3 0123456789abcdef0", false},
    {"3 0123456789ABCDEF", false},
    {"3  0123456789abcdef", false},
    {"3", false},
    {"", false},
};

static void test_versions(void) {
  for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
    struct cdb_make make;
    struct table t;
    int fd = memfd_create("version", MFD_CLOEXEC);
    const char *text = versions[i].version;
    cdb_make_start(&make, fd);
    cdb_make_add(&make, RECORD_KEY, sizeof RECORD_KEY - 1, text, (unsigned int)strlen(text));
    cdb_make_add(&make, RECORD_TABLES, sizeof RECORD_TABLES - 1, "", 0);
    cdb_make_finish(&make);
    bool opened = table_open(&t, fd);
    ok(opened == versions[i].ours, "version \"%s\" is %s", text, opened ? "ours" : "refused");
    if (opened) table_close(&t);
    close(fd);
  }
}

static const struct {
  const char *bytes;
  size_t len;
  bool valid;
} entries[] = {
    {"\0\0\0\1\1", 5, true},  {"\0\0\0\1\3x", 6, true}, {"\0\0\0\1\0", 5, false},
    {"\0\0\0\1\4", 5, false}, {"\0\0\0\1", 4, false},   {"", 0, false},
};

static void test_records(void) {
  unsigned char bytes[ENTRY_BYTES_MAX];
  char head_text[RECORD_HEAD_MAX], key[RECORD_KEY_MAX];
  static char long_text[RECORD_VALUE_MAX + 1];
  struct entry entry = {7, REACH_BOTH, span_str("8 sure")}, again;
  for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++)
    ok(record_entry_decode(span_of(entries[i].bytes, entries[i].len), &again) == entries[i].valid,
       "entry, row %zu", i);
  size_t len = record_entry_encode(bytes, &entry);
  ok(record_entry_decode(span_of((char *)bytes, len), &again) && again.line == 7 &&
         again.reach == REACH_BOTH && span_is(again.value, "8 sure"),
     "an entry is what was encoded");
  entry.value = span_of(long_text, sizeof long_text);
  ok(record_entry_encode(bytes, &entry) == 0, "a value that is too long is refused");
  struct head head = {span_str("own-names"), SHAPE_SUFFIXES, {12, 1, 2, 3, 4, 50}, span_str("own")},
              read;
  len = record_head_encode(head_text, &head);
  is_text(span_of(head_text, len), "own-names suffixes 12 1 2 3 4 50 own", "a head as text");
  ok(record_head_decode(span_of(head_text, len), &read) && read.shape == SHAPE_SUFFIXES &&
         read.number[HEAD_ENTRIES] == 12 && read.number[HEAD_LONGEST] == 50 &&
         span_is(read.name, "own-names") && span_is(read.file, "own"),
     "and back");
  static const char *const heads[] = {"own",
                                      "own names 012 0 0 0 0 0 own",
                                      "own names 1 0 0 0 0 own",
                                      "own names 1 0 0 0 0 0 ",
                                      "o x 1 0 0 0 0 0 own",
                                      ""};
  for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
    ok(!record_head_decode(span_str(heads[i]), &read), "a malformed head is refused: \"%s\"",
       heads[i]);
  ok(record_entry_key(key, "own", span_of(long_text, RECORD_NAME_MAX + 1)) == 0,
     "a key that is too long is refused");
}

/* What an address table is not known by would not be found, and nobody be told. */
static void test_lists(void) {
  static const char *const lists[] = {NULL, "dynamic addresses 1 0 0 0 0 0 dynamic\nown",
                                      "dynamic addresses one 0 0 0 0 0 dynamic\n"};
  for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
    struct cdb_make make;
    struct table t;
    int fd = memfd_create("lists", MFD_CLOEXEC);
    cdb_make_start(&make, fd);
    cdb_make_add(&make, RECORD_KEY, sizeof RECORD_KEY - 1, "3 0123456789abcdef", 18);
    if (lists[i])
      cdb_make_add(&make, RECORD_TABLES, sizeof RECORD_TABLES - 1, lists[i],
                   (unsigned int)strlen(lists[i]));
    cdb_make_finish(&make);
    ok(!table_open(&t, fd) && errno == EPROTO, "a list of tables that is %s is damage",
       lists[i] ? "malformed" : "missing");
    close(fd);
  }
}

/* Readers limit keys and values; the writer does not rely on that. */
static void test_too_long(void) {
  static char text[RECORD_VALUE_MAX + RECORD_NAME_MAX + 2];
  memset(text, 'a', sizeof text);
  const struct {
    const char *name;
    struct span key, value;
    bool written;
  } cases[] = {
      {"a value", span_str("a"), span_of(text, RECORD_VALUE_MAX), true},
      {"one byte more", span_str("a"), span_of(text, RECORD_VALUE_MAX + 1), false},
      {"a key", span_of(text, RECORD_NAME_MAX), span_str(""), true},
      {"one byte more", span_of(text, RECORD_NAME_MAX + 1), span_str(""), false},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct named named = {.key = cases[i].key,
                          .entry = {.line = 1, .reach = REACH_ITSELF, .value = cases[i].value}};
    struct tabletext table = {
        .name = "t", .file = "t", .shape = SHAPE_NAMES, .named = &named, .count = 1};
    char version[TABLE_VERSION_LEN + 1];
    int fd = memfd_create("rules", MFD_CLOEXEC);
    errno = 0;
    bool written = tablewriter_write(fd, &table, 1, version);
    ok(written == cases[i].written && (written || errno == EOVERFLOW), "%s is %s", cases[i].name,
       cases[i].written ? "written" : "too long");
    close(fd);
  }
}

static void test_strangers(void) {
  struct table t;
  static const char zeros[4096];
  int empty = memfd_create("empty", MFD_CLOEXEC);
  ok(!table_open(&t, empty) && errno == EPROTO, "an empty file is none of ours");
  ok(write(empty, zeros, sizeof zeros) == sizeof zeros && !table_open(&t, empty) && errno == EPROTO,
     "nor is another CDB");
  close(empty);
  ok(!table_open(&t, -1), "nor is no file at all");
}

int main(void) {
  char version[TABLE_VERSION_LEN + 1];
  struct table t;
  int fd = make_database(FILES, NULL, version);
  ok(table_open(&t, fd), "it is opened");
  is_text(span_str(t.version), version, "and has the version that was written");
  test_cursors(&t);
  test_tables(&t);
  test_addresses(&t);
  test_suffixes(&t);
  test_alignment(&t);
  test_names(&t);
  table_close(&t);
  test_determinism(fd, version);
  test_damage(fd);
  test_records();
  test_versions();
  test_lists();
  test_too_long();
  test_strangers();
  close(fd);
  return done();
}
