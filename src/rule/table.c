#include "rule/table.h"
#include "base/number.h"
#include "rule/interval.h"
#include "rule/record.h"
#include <errno.h>

/* cdb_find keeps what it found in the struct, so every look-up works on a copy: a const table stays
   one. */
static int find_record(const struct table *t, struct span key, struct span *value) {
  struct cdb cdb = t->cdb;
  int found = cdb_find(&cdb, key.s, (unsigned int)key.len);
  if (found <= 0) return found;
  const void *data = cdb_get(&cdb, cdb_datalen(&cdb), cdb_datapos(&cdb));
  if (!data) return -1;
  *value = span_of(data, cdb_datalen(&cdb));
  return 1;
}

/* "1 0123456789abcdef" */
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

bool table_open(struct table *t, int fd) {
  if (cdb_init(&t->cdb, fd) != 0) return false;
  if (read_version(t)) return true;
  table_close(t);
  errno = EPROTO;
  return false;
}

void table_close(struct table *t) {
  cdb_free(&t->cdb);
}

static int find_head(const struct table *t, const char *name, struct head *head) {
  char key[RECORD_KEY_MAX];
  struct span value;
  size_t len = record_table_key(key, name, "");
  int found = len ? find_record(t, span_of(key, len), &value) : 0;
  if (found == 1 && !head_decode(value, head)) return -1;
  return found;
}

bool table_exists(const struct table *t, const char *name) {
  struct head head;
  return find_head(t, name, &head) == 1;
}

static int find_interval(const struct table *t, const char *name, const struct addr *a,
                         struct interval_hit *hit) {
  char key[RECORD_KEY_MAX];
  struct span record;
  bool ipv4 = addr_is_ipv4(a);
  size_t len = record_table_key(key, name, ipv4 ? "4" : "6");
  int found = len ? find_record(t, span_of(key, len), &record) : 0;
  if (found != 1) return found;
  return interval_find(record, ipv4 ? ADDRESSES_IPV4 : ADDRESSES_IPV6, a, hit);
}

static int find_entry(const struct table *t, const char *name, struct span key,
                      struct entry *entry) {
  char whole[RECORD_KEY_MAX];
  struct span record;
  size_t len = record_entry_key(whole, name, key);
  int found = len ? find_record(t, span_of(whole, len), &record) : 0;
  if (found == 1 && !entry_decode(record, entry)) return -1;
  return found;
}

int table_find_addr(const struct table *t, const char *name, const struct addr *a,
                    struct span *value) {
  struct interval_hit hit;
  int found = find_interval(t, name, a, &hit);
  if (found == 1) *value = hit.value;
  return found;
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

/* The entries of a table stand right behind its head. */
int table_first(const struct table *t, const char *name, struct table_cursor *cursor) {
  char key[RECORD_KEY_MAX];
  struct cdb cdb = t->cdb;
  struct head head;
  size_t len = record_table_key(key, name, "");
  int found = len ? cdb_find(&cdb, key, (unsigned int)len) : 0;
  if (found <= 0) return found;
  const char *text = cdb_get(&cdb, cdb_datalen(&cdb), cdb_datapos(&cdb));
  if (!text || !head_decode(span_of(text, cdb_datalen(&cdb)), &head)) return -1;
  if (head.shape == SHAPE_ADDRESSES) return -1;
  *cursor = (struct table_cursor){name, cdb_datapos(&cdb) + cdb_datalen(&cdb), head.entries};
  return 1;
}

int table_next(const struct table *t, struct table_cursor *cursor, struct span *key,
               struct span *value) {
  struct cdb cdb = t->cdb;
  struct entry entry;
  size_t name_len = strlen(cursor->name);
  if (cursor->left == 0) return 0;
  if (cdb_seqnext(&cursor->at, &cdb) <= 0) return -1;
  const char *whole = cdb_get(&cdb, cdb_keylen(&cdb), cdb_keypos(&cdb));
  const char *data = cdb_get(&cdb, cdb_datalen(&cdb), cdb_datapos(&cdb));
  if (!whole || !data || !entry_decode(span_of(data, cdb_datalen(&cdb)), &entry)) return -1;
  if (cdb_keylen(&cdb) <= name_len || memcmp(whole, cursor->name, name_len) != 0) return -1;
  if (whole[name_len] != '=') return -1;
  *key = span_of(whole + name_len + 1, cdb_keylen(&cdb) - name_len - 1);
  *value = entry.value;
  cursor->left--;
  return 1;
}

/* The file of a table, once an entry was found in it: without a head the database is damaged. */
static int fill_source(const struct table *t, const char *name, uint32_t line,
                       struct table_source *source) {
  struct head head;
  if (find_head(t, name, &head) != 1) return -1;
  *source = (struct table_source){head.file, line};
  return 1;
}

int table_source_addr(const struct table *t, const char *name, const struct addr *a,
                      struct table_source *source) {
  struct interval_hit hit;
  int found = find_interval(t, name, a, &hit);
  return found == 1 ? fill_source(t, name, hit.line, source) : found;
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
