#include "rule/tablewrite.h"
#include "base/number.h"
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>

#define LIST_MAX 8192

struct writer {
  struct cdb_make cdb;
  crypto_generichash_state hash;
  char list[LIST_MAX]; /* the record of all heads */
  size_t listed;
};

static bool put(struct writer *w, struct span key, struct span value) {
  unsigned char lengths[8];
  if (value.len > INT32_MAX) {
    errno = EOVERFLOW;
    return false;
  }
  store32(lengths, (uint32_t)key.len);
  store32(lengths + 4, (uint32_t)value.len);
  crypto_generichash_update(&w->hash, lengths, sizeof lengths);
  crypto_generichash_update(&w->hash, (const unsigned char *)key.s, key.len);
  crypto_generichash_update(&w->hash, (const unsigned char *)value.s, value.len);
  return cdb_make_add(&w->cdb, key.s, (unsigned int)key.len, value.s, (unsigned int)value.len) == 0;
}

static bool put_part(struct writer *w, const char *name, const char *part, struct span value) {
  char key[RECORD_KEY_MAX];
  size_t len = record_table_key(key, name, part);
  if (len && value.len) return put(w, span_of(key, len), value);
  errno = EOVERFLOW;
  return false;
}

static bool put_head(struct writer *w, const struct rows *rows) {
  struct head head = {span_str(rows->name), rows->shape, rows->count, span_str(rows->file)};
  char *text = w->list + w->listed;
  size_t len = LIST_MAX - w->listed > RECORD_HEAD_MAX ? head_encode(text, &head) : 0;
  if (!put_part(w, rows->name, "", span_of(text, len))) return false;
  text[len] = '\n';
  w->listed += len + 1;
  return true;
}

static bool put_family(struct writer *w, const char *name, const struct prefix *prefixes,
                       size_t count) {
  struct interval *intervals;
  size_t found, len = 0;
  if (count == 0) return true;
  enum addresses family = prefix_family(prefixes);
  if (!prefix_resolve(prefixes, count, &intervals, &found)) return false;
  if (found == 0) { /* nothing but exclusions */
    free(intervals);
    return true;
  }
  unsigned char *record = interval_encode(intervals, found, family, &len);
  free(intervals);
  bool ok = record && put_part(w, name, family == ADDRESSES_IPV4 ? "4" : "6",
                               span_of((const char *)record, len));
  free(record);
  return ok;
}

static bool put_addresses(struct writer *w, const struct rows *rows) {
  size_t ipv4 = 0;
  while (ipv4 < rows->count && prefix_family(&rows->prefixes[ipv4]) == ADDRESSES_IPV4) ipv4++;
  return put_family(w, rows->name, rows->prefixes, ipv4) &&
         put_family(w, rows->name, rows->prefixes + ipv4, rows->count - ipv4);
}

static bool put_named(struct writer *w, const struct rows *rows) {
  for (size_t i = 0; i < rows->count; i++) {
    char key[RECORD_KEY_MAX];
    unsigned char value[ENTRY_BYTES_MAX];
    size_t key_len = record_entry_key(key, rows->name, rows->named[i].key);
    size_t len = entry_encode(value, &rows->named[i].entry);
    if (!key_len || !len) {
      errno = EOVERFLOW;
      return false;
    }
    if (!put(w, span_of(key, key_len), span_of((const char *)value, len))) return false;
  }
  return true;
}

static bool put_table(struct writer *w, const struct rows *rows) {
  if (!rows->name || rows->count == 0) return true;
  if (!put_head(w, rows)) return false;
  return rows->shape == SHAPE_ADDRESSES ? put_addresses(w, rows) : put_named(w, rows);
}

static bool put_version(struct writer *w, char version[TABLE_VERSION_LEN + 1]) {
  unsigned char hash[crypto_generichash_BYTES_MIN];
  char value[NUMBER_MAX + 1 + TABLE_VERSION_LEN];
  size_t n = number_format(value, RECORD_FORMAT);
  crypto_generichash_final(&w->hash, hash, sizeof hash);
  sodium_bin2hex(version, TABLE_VERSION_LEN + 1, hash, TABLE_VERSION_LEN / 2);
  value[n++] = ' ';
  memcpy(value + n, version, TABLE_VERSION_LEN);
  return cdb_make_add(&w->cdb, RECORD_KEY, sizeof RECORD_KEY - 1, value,
                      (unsigned int)n + TABLE_VERSION_LEN) == 0;
}

bool table_write(int fd, const struct rows *tables, size_t count,
                 char version[TABLE_VERSION_LEN + 1]) {
  struct writer w = {.listed = 0}; /* the hash's state wants more alignment than malloc gives */
  unsigned char format = RECORD_FORMAT;
  crypto_generichash_init(&w.hash, NULL, 0, crypto_generichash_BYTES_MIN);
  crypto_generichash_update(&w.hash, &format, 1);
  bool ok = cdb_make_start(&w.cdb, fd) == 0;
  for (size_t i = 0; ok && i < count; i++) ok = put_table(&w, &tables[i]);
  ok =
      ok && put(&w, span_str(RECORD_TABLES), span_of(w.list, w.listed)) && put_version(&w, version);
  int saved = errno;
  /* Also after an error: it frees what the library holds. */
  if (cdb_make_finish(&w.cdb) != 0) return false;
  errno = saved;
  return ok;
}
