#include "rule/tablewriter.h"
#include "base/number.h"
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>

#define LIST_MAX  32768
#define CDB_FRONT 2048 /* offset of the first record */

struct writer {
  struct cdb_make cdb;
  crypto_generichash_state hash;
  char list[LIST_MAX]; /* the record of all heads */
  size_t listed;
  size_t position; /* offset of the next record */
};

static bool put(struct writer *w, struct span key, struct span value) {
  unsigned char lengths[8];
  if (value.len > INT32_MAX) {
    errno = EOVERFLOW;
    return false;
  }
  record_store32(lengths, (uint32_t)key.len);
  record_store32(lengths + 4, (uint32_t)value.len);
  crypto_generichash_update(&w->hash, lengths, sizeof lengths);
  crypto_generichash_update(&w->hash, (const unsigned char *)key.s, key.len);
  crypto_generichash_update(&w->hash, (const unsigned char *)value.s, value.len);
  w->position += 8 + key.len + value.len;
  return cdb_make_add(&w->cdb, key.s, (unsigned int)key.len, value.s, (unsigned int)value.len) == 0;
}

static bool put_part(struct writer *w, const char *name, const char *part, struct span value) {
  char key[RECORD_KEY_MAX];
  size_t len = record_table_key(key, name, part);
  if (len && value.len) return put(w, span_of(key, len), value);
  errno = EOVERFLOW;
  return false;
}

static void count_entries(const struct tabletext *table, uint64_t number[HEAD_NUMBERS]) {
  if (table->from_old) {
    memcpy(number, table->counts, HEAD_NUMBERS * sizeof *number);
    return;
  }
  memset(number, 0, HEAD_NUMBERS * sizeof *number);
  number[HEAD_ENTRIES] = table->count;
  number[HEAD_DUPLICATES] = table->duplicates;
  number[HEAD_SKIPPED] = table->skipped;
  for (size_t i = 0; i < table->count && table->shape == SHAPE_ADDRESSES; i++)
    number[HEAD_EXCLUSIONS] += table->prefixes[i].excluded;
  for (size_t i = 0; i < table->count && table->shape != SHAPE_ADDRESSES; i++) {
    size_t len = table->named[i].key.len;
    if (i == 0 || len < number[HEAD_SHORTEST]) number[HEAD_SHORTEST] = len;
    if (len > number[HEAD_LONGEST]) number[HEAD_LONGEST] = len;
    number[HEAD_EXCLUSIONS] += table->named[i].excluded;
  }
}

static bool put_head(struct writer *w, const struct tabletext *table) {
  struct head head = {
      .name = span_str(table->name), .shape = table->shape, .file = span_str(table->file)};
  char *text = w->list + w->listed;
  count_entries(table, head.number);
  size_t len = LIST_MAX - w->listed > RECORD_HEAD_MAX ? record_head_encode(text, &head) : 0;
  if (!put_part(w, table->name, "", span_of(text, len))) return false;
  text[len] = '\n';
  w->listed += len + 1;
  return true;
}

static bool put_family(struct writer *w, const char *name, const struct prefix *prefixes,
                       size_t count) {
  struct interval *list;
  size_t len = 0;
  if (count == 0) return true;
  struct intervals in = {.family = prefix_family(prefixes)};
  if (!prefix_resolve(prefixes, count, &list, &in.count)) return false;
  if (in.count == 0) { /* only exclusions */
    free(list);
    return true;
  }
  in.list = list;
  const char *part = in.family == ADDRESSES_IPV4 ? "4" : "6";
  unsigned char *record =
      interval_encode(&in, w->position + 8 + strlen(name) + 1 + strlen(part), &len);
  free(list);
  bool ok = record && put_part(w, name, part, span_of((const char *)record, len));
  free(record);
  return ok;
}

static bool put_addresses(struct writer *w, const struct tabletext *table) {
  size_t ipv4 = 0;
  while (ipv4 < table->count && prefix_family(&table->prefixes[ipv4]) == ADDRESSES_IPV4) ipv4++;
  return put_family(w, table->name, table->prefixes, ipv4) &&
         put_family(w, table->name, table->prefixes + ipv4, table->count - ipv4);
}

static bool put_named(struct writer *w, const struct tabletext *table) {
  for (size_t i = 0; i < table->count; i++) {
    char key[RECORD_KEY_MAX];
    unsigned char value[ENTRY_BYTES_MAX];
    size_t key_len = record_entry_key(key, table->name, table->named[i].key);
    size_t len = record_entry_encode(value, &table->named[i].entry);
    if (!key_len || !len) {
      errno = EOVERFLOW;
      return false;
    }
    if (!put(w, span_of(key, key_len), span_of((const char *)value, len))) return false;
  }
  return true;
}

static bool is_table(const struct tabletext *table) {
  return table->name && (table->count > 0 || table->keep_empty);
}

static bool put_table(struct writer *w, const struct tabletext *table) {
  if (!is_table(table)) return true;
  if (!put_head(w, table)) return false;
  return table->shape == SHAPE_ADDRESSES ? put_addresses(w, table) : put_named(w, table);
}

/* Dates are not part of the version. They come last, because the positions of the other records are
   part of it. */
static bool put_date(struct writer *w, const struct tabletext *table) {
  char key[RECORD_KEY_MAX], value[RECORD_DATE_MAX];
  if (!is_table(table) || !table->date) return true;
  size_t key_len = record_table_key(key, table->name, RECORD_DATE);
  size_t len = record_date_encode(value, table->date, table->from_old);
  return cdb_make_add(&w->cdb, key, (unsigned int)key_len, value, (unsigned int)len) == 0;
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

bool tablewriter_write(int fd, const struct tabletext *tables, size_t count,
                       char version[TABLE_VERSION_LEN + 1]) {
  /* On the stack, because the state of the hash needs more alignment than malloc gives. */
  struct writer w = {.position = CDB_FRONT};
  unsigned char format = RECORD_FORMAT;
  crypto_generichash_init(&w.hash, NULL, 0, crypto_generichash_BYTES_MIN);
  crypto_generichash_update(&w.hash, &format, 1);
  bool ok = cdb_make_start(&w.cdb, fd) == 0;
  for (size_t i = 0; ok && i < count; i++) ok = put_table(&w, &tables[i]);
  ok =
      ok && put(&w, span_str(RECORD_TABLES), span_of(w.list, w.listed)) && put_version(&w, version);
  for (size_t i = 0; ok && i < count; i++) ok = put_date(&w, &tables[i]);
  int saved = errno;
  /* Also after an error, to free the memory of the library. It says ENOENT if memory is short. */
  bool finished = cdb_make_finish(&w.cdb) == 0;
  if (finished) errno = saved;
  else if (errno == ENOENT) errno = ENOMEM;
  return ok && finished;
}
