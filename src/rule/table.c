#include "rule/table.h"
#include "base/number.h"
#include "rule/interval.h"
#include "rule/record.h"
#include <errno.h>
#include <stdlib.h>

struct address_table {
  char name[TABLE_NAME_MAX + 1];
  struct interval_view ipv4, ipv6;
  int has_ipv4, has_ipv6; /* like a result of a look-up: 1, 0, or -1 for a damaged record */
};

/* cdb_find changes the struct, so every look-up works on a copy, and the table can be const. */
static int find_record(const struct table *t, struct span key, struct span *value) {
  struct cdb cdb = t->cdb;
  int found = cdb_find(&cdb, key.s, (unsigned int)key.len);
  if (found <= 0) return found;
  const void *data = cdb_get(&cdb, cdb_datalen(&cdb), cdb_datapos(&cdb));
  if (!data) return -1;
  *value = span_of(data, cdb_datalen(&cdb));
  return 1;
}

/* "3 0123456789abcdef" */
static bool read_version(struct table *t) {
  struct span value;
  uint64_t format, version;
  if (find_record(t, span_str(RECORD_KEY), &value) != 1) return false;
  if (!number_canonical(span_cut(&value, ' '), RECORD_FORMAT, &format)) return false;
  if (format != RECORD_FORMAT || !number_parse_hex(value, TABLE_VERSION_LEN, &version))
    return false;
  memcpy(t->version, value.s, TABLE_VERSION_LEN);
  t->version[TABLE_VERSION_LEN] = '\0';
  return true;
}

static int open_family(const struct table *t, const char *name, enum addresses family,
                       struct interval_view *view) {
  char key[RECORD_KEY_MAX];
  struct span record;
  size_t len = record_table_key(key, name, family == ADDRESSES_IPV4 ? "4" : "6");
  int found = len ? find_record(t, span_of(key, len), &record) : 0;
  if (found == 1 && !interval_parse(record, family, view)) return -1;
  return found;
}

static void open_addresses(struct table *t, struct span name) {
  struct address_table *new = &t->addresses[t->address_count++];
  memcpy(new->name, name.s, name.len);
  new->name[name.len] = '\0';
  new->has_ipv4 = open_family(t, new->name, ADDRESSES_IPV4, &new->ipv4);
  new->has_ipv6 = open_family(t, new->name, ADDRESSES_IPV6, &new->ipv6);
}

static size_t count_lines(struct span text) {
  size_t count = 0;
  for (struct span rest = text; rest.len; count++) span_cut(&rest, '\n');
  return count;
}

static bool open_tables(struct table *t) {
  struct span lines = {NULL, 0};
  struct head head;
  if (table_list(t, &lines) != 1) return false;
  t->addresses = calloc(count_lines(lines) + 1, sizeof *t->addresses);
  if (!t->addresses) return false;
  while (lines.len) {
    if (!record_head_decode(span_cut(&lines, '\n'), &head) || head.name.len > TABLE_NAME_MAX)
      return false;
    if (head.shape == SHAPE_ADDRESSES) open_addresses(t, head.name);
  }
  return true;
}

bool table_open(struct table *t, int fd) {
  *t = (struct table){.addresses = NULL};
  if (cdb_init(&t->cdb, fd) != 0) return false;
  if (table_attach(t)) return true;
  int saved = errno;
  table_close(t);
  errno = saved;
  return false;
}

bool table_attach(struct table *t) {
  free(t->addresses);
  t->addresses = NULL;
  t->address_count = 0;
  errno = 0;
  if (read_version(t) && open_tables(t)) return true;
  if (errno != ENOMEM) errno = EPROTO;
  return false;
}

void table_close(struct table *t) {
  free(t->addresses);
  t->addresses = NULL;
  cdb_free(&t->cdb);
}

int table_head(const struct table *t, const char *name, struct head *head) {
  char key[RECORD_KEY_MAX];
  struct span value;
  size_t len = record_table_key(key, name, "");
  int found = len ? find_record(t, span_of(key, len), &value) : 0;
  if (found == 1 && !record_head_decode(value, head)) return -1;
  return found;
}

int table_date(const struct table *t, const char *name, uint64_t *date, bool *kept) {
  char key[RECORD_KEY_MAX];
  struct span value;
  size_t len = record_table_key(key, name, RECORD_DATE);
  int found = len ? find_record(t, span_of(key, len), &value) : 0;
  if (found == 1 && !record_date_decode(value, date, kept)) return -1;
  return found;
}

bool table_exists(const struct table *t, const char *name) {
  struct head head;
  return table_head(t, name, &head) == 1;
}

const struct address_table *table_addresses(const struct table *t, const char *name) {
  for (size_t i = 0; i < t->address_count; i++)
    if (strcmp(t->addresses[i].name, name) == 0) return &t->addresses[i];
  return NULL;
}

static inline int find_interval(const struct address_table *table, const struct addr *a,
                                const struct interval_view **view, struct interval_hit *hit) {
  bool ipv4 = addr_is_ipv4(a);
  int has = ipv4 ? table->has_ipv4 : table->has_ipv6;
  *view = ipv4 ? &table->ipv4 : &table->ipv6;
  return has == 1 ? interval_find(*view, a, hit) : has;
}

int table_addresses_find(const struct address_table *table, const struct addr *a,
                         struct span *value) {
  const struct interval_view *view;
  struct interval_hit hit;
  int found = find_interval(table, a, &view, &hit);
  if (found == 1) *value = hit.value;
  return found;
}

int table_addresses_at(const struct address_table *table, size_t nth, struct interval *out) {
  size_t ipv4 = table->has_ipv4 == 1 ? table->ipv4.count : 0;
  size_t ipv6 = table->has_ipv6 == 1 ? table->ipv6.count : 0;
  if (table->has_ipv4 < 0 || table->has_ipv6 < 0) return -1;
  if (nth >= ipv4 + ipv6) return 0;
  bool ok =
      nth < ipv4 ? interval_at(&table->ipv4, nth, out) : interval_at(&table->ipv6, nth - ipv4, out);
  return ok ? 1 : -1;
}

static int find_entry(const struct table *t, const char *name, struct span key,
                      struct entry *entry) {
  char whole[RECORD_KEY_MAX];
  struct span record;
  size_t len = record_entry_key(whole, name, key);
  int found = len ? find_record(t, span_of(whole, len), &record) : 0;
  if (found == 1 && !record_entry_decode(record, entry)) return -1;
  return found;
}

int table_find_addr(const struct table *t, const char *name, const struct addr *a,
                    struct span *value) {
  const struct address_table *table = table_addresses(t, name);
  return table ? table_addresses_find(table, a, value) : 0;
}

int table_find_name(const struct table *t, const char *name, struct span key, struct span *value) {
  struct entry entry;
  int found = find_entry(t, name, key, &entry);
  if (found == 1) *value = entry.value;
  return found;
}

int table_find_suffix(const struct table *t, const char *name, struct span host,
                      struct span *suffix, struct span *value) {
  enum reach reach = REACH_ITSELF;
  for (struct span rest = host; rest.len; span_cut(&rest, '.'), reach = REACH_BELOW) {
    struct entry entry;
    int found = find_entry(t, name, rest, &entry);
    if (found < 0) return -1;
    if (found == 0 || !(entry.reach & reach)) continue;
    *suffix = rest;
    *value = entry.value;
    return 1;
  }
  return 0;
}

/* The entries of a table directly follow its head. */
int table_first(const struct table *t, const char *name, struct table_cursor *cursor) {
  char key[RECORD_KEY_MAX];
  struct cdb cdb = t->cdb;
  struct head head;
  size_t len = record_table_key(key, name, "");
  int found = len ? cdb_find(&cdb, key, (unsigned int)len) : 0;
  if (found <= 0) return found;
  const char *text = cdb_get(&cdb, cdb_datalen(&cdb), cdb_datapos(&cdb));
  if (!text || !record_head_decode(span_of(text, cdb_datalen(&cdb)), &head)) return -1;
  if (head.shape == SHAPE_ADDRESSES) return -1;
  *cursor =
      (struct table_cursor){name, cdb_datapos(&cdb) + cdb_datalen(&cdb), head.number[HEAD_ENTRIES]};
  return 1;
}

int table_next_entry(const struct table *t, struct table_cursor *cursor, struct span *key,
                     struct entry *entry) {
  struct cdb cdb = t->cdb;
  size_t name_len = strlen(cursor->name);
  if (cursor->left == 0) return 0;
  if (cdb_seqnext(&cursor->at, &cdb) <= 0) return -1;
  const char *whole = cdb_get(&cdb, cdb_keylen(&cdb), cdb_keypos(&cdb));
  const char *data = cdb_get(&cdb, cdb_datalen(&cdb), cdb_datapos(&cdb));
  if (!whole || !data || !record_entry_decode(span_of(data, cdb_datalen(&cdb)), entry)) return -1;
  if (cdb_keylen(&cdb) <= name_len || memcmp(whole, cursor->name, name_len) != 0) return -1;
  if (whole[name_len] != '=') return -1;
  *key = span_of(whole + name_len + 1, cdb_keylen(&cdb) - name_len - 1);
  cursor->left--;
  return 1;
}

int table_next(const struct table *t, struct table_cursor *cursor, struct span *key,
               struct span *value) {
  struct entry entry;
  int found = table_next_entry(t, cursor, key, &entry);
  if (found == 1) *value = entry.value;
  return found;
}

/* The file of a table in which an entry was found. If it has no head the database is damaged. */
static int fill_source(const struct table *t, const char *name, uint32_t line,
                       struct table_source *source) {
  struct head head;
  if (table_head(t, name, &head) != 1) return -1;
  *source = (struct table_source){head.file, line};
  return 1;
}

int table_source_addr(const struct table *t, const char *name, const struct addr *a,
                      struct table_source *source) {
  const struct address_table *table = table_addresses(t, name);
  const struct interval_view *view;
  struct interval_hit hit;
  int found = table ? find_interval(table, a, &view, &hit) : 0;
  return found == 1 ? fill_source(t, name, interval_line(view, &hit), source) : found;
}

int table_source_name(const struct table *t, const char *name, struct span key,
                      struct table_source *source) {
  struct entry entry;
  int found = find_entry(t, name, key, &entry);
  return found == 1 ? fill_source(t, name, entry.line, source) : found;
}

int table_list(const struct table *t, struct span *lines) {
  return find_record(t, span_str(RECORD_TABLES), lines);
}

bool table_key_lengths(const struct table *t, const char *name, size_t *shortest, size_t *longest) {
  struct head head;
  if (table_head(t, name, &head) != 1) return false;
  *shortest = head.number[HEAD_SHORTEST];
  *longest = head.number[HEAD_LONGEST];
  return true;
}
