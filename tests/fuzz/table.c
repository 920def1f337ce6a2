/* A rule database of any bytes: it is refused, or every look-up gives -1, 0 or 1 and stays within
   it. The bytes are looked at in a block of their own size, so that the sanitizer sees its end. */
#include "rule/lastgood.h"
#include "rule/record.h"
#include "rule/tablewriter.h"
#include "rule/table.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile unsigned int seen;

static void touch(struct span s) {
  for (size_t i = 0; i < s.len; i++) seen += (unsigned char)s.s[i];
}

static void expect(int found, struct span value) {
  if (found < -1 || found > 1) abort();
  if (found == 1) touch(value);
}

static void look_up_addresses(const struct table *t, const char *name) {
  static const char *const texts[] = {
      "0.0.0.0",         "10.1.2.3", "192.0.2.1",   "192.0.2.10",
      "255.255.255.255", "::",       "2001:db8::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    struct addr a;
    struct span value;
    struct table_source source;
    if (!addr_parse(span_str(texts[i]), &a)) abort();
    expect(table_find_addr(t, name, &a, &value), value);
    int found = table_source_addr(t, name, &a, &source);
    expect(found, found == 1 ? source.file : span_of("", 0));
  }
}

static void look_up_names(const struct table *t, const char *name) {
  static const char *const keys[] = {"",     "bot", "early-talk", "a.example.org", "example.net",
                                     "x.y.z"};
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    struct span value, suffix;
    struct table_source source;
    expect(table_find_name(t, name, span_str(keys[i]), &value), value);
    expect(table_find_suffix(t, name, span_str(keys[i]), &suffix, &value), value);
    int found = table_source_name(t, name, span_str(keys[i]), &source);
    expect(found, found == 1 ? source.file : span_of("", 0));
  }
}

static void handles(const struct table *t, const char *name) {
  size_t shortest, longest;
  struct addr a = {{0x20, 1}};
  struct span value;
  const struct address_table *table = table_addresses(t, name);
  if (table) expect(table_addresses_find(table, &a, &value), value);
  seen += table_key_lengths(t, name, &shortest, &longest);
}

/* What is taken over makes a database. */
static void take_over(const struct table *t, const char *name) {
  const struct rulefile file = {
      .name = name, .addresses = name, .named = name, .shape = SHAPE_SUFFIXES, .value = "4"};
  struct rulefile_tables read;
  struct tabletext tables[RULE_TABLES_MAX];
  char version[TABLE_VERSION_LEN + 1];
  rulefile_tables_init(&read, &file);
  if (lastgood_get(t, &file, &read) == LASTGOOD_FOUND) {
    int fd = memfd_create("rules", MFD_CLOEXEC);
    rulefile_tables_list(&read, tables);
    struct table new;
    if (tablewriter_write(fd, tables, RULE_TABLES_MAX, version)) {
      if (!table_open(&new, fd)) abort();
      table_close(&new);
    }
    close(fd);
  }
  rulefile_tables_free(&read);
}

static void list(const struct table *t) {
  struct span lines;
  struct head head;
  if (table_list(t, &lines) != 1) return;
  while (lines.len)
    if (record_head_decode(span_cut(&lines, '\n'), &head)) touch(head.file);
}

static void look_up_all(const struct table *t) {
  static const char *const tables[] = {"thresholds", "dynamic", "whitelist", "whitelist-names",
                                       "none"};
  for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
    seen += table_exists(t, tables[i]);
    look_up_addresses(t, tables[i]);
    look_up_names(t, tables[i]);
    handles(t, tables[i]);
    take_over(t, tables[i]);
  }
  list(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct table t;
  int fd = memfd_create("rules", MFD_CLOEXEC);
  if (fd < 0 || (size && write(fd, data, size) != (ssize_t)size)) abort();
  if (table_open(&t, fd)) {
    const unsigned char *mapped = t.cdb.cdb_mem;
    unsigned char *copy = malloc(size);
    memcpy(copy, data, size);
    t.cdb.cdb_mem = copy;
    if (table_attach(&t)) look_up_all(&t);
    t.cdb.cdb_mem = mapped;
    free(copy);
    table_close(&t);
  }
  close(fd);
  return 0;
}
