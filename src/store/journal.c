/* The journal: what was put and is not in the tables yet, one row a transaction.

   A row is a run of records, each the whole state of one detector's evidence, or of the listing, of
   one key after a report: the key, the length of the name in a byte, that of the body in two, both
   texts (rowcodec.h). Replaying it in order leaves each at its last state, however much of it is in
   the tables already; no policy is asked again. */
#include "store/rowcodec.h"
#include "store/store_internal.h"
#include <stdlib.h>

#define HEAD (16 + 1 + 2)

static const char damage[] = "a malformed row in table journal";

static bool make_space(struct journal *j, size_t more) {
  if (more <= j->room - j->len) return true;
  size_t room = j->room ? 2 * j->room : 65536;
  char *grown = realloc(j->batch, room);
  if (!grown) return false;
  j->batch = grown;
  j->room = room;
  return true;
}

bool journal_add(struct store *s, const struct addr *key, struct span name, struct span body) {
  struct journal *j = &s->journal;
  if (!make_space(j, HEAD + name.len + body.len)) return store_no_memory(s);
  char *at = j->batch + j->len;
  memcpy(at, key->byte, sizeof key->byte);
  at[16] = (char)name.len;
  at[17] = (char)(body.len & 0xff);
  at[18] = (char)(body.len >> 8);
  if (name.len) memcpy(at + HEAD, name.s, name.len);
  memcpy(at + HEAD + name.len, body.s, body.len);
  j->len += HEAD + name.len + body.len;
  return true;
}

bool journal_write(struct store *s) {
  struct journal *j = &s->journal;
  sqlite3_stmt *add = store_use(s, SQL_ADD_JOURNAL);
  bind_number(add, 1, j->top + 1);
  sqlite3_bind_blob64(add, 2, j->batch, j->len, SQLITE_STATIC);
  if (!store_run(add)) return false;
  j->top++;
  j->bytes += j->len;
  j->len = 0;
  return true;
}

bool journal_drop(struct store *s, int64_t rows) {
  struct journal *j = &s->journal;
  int64_t last = j->merged - j->first < rows ? j->merged : j->first + rows - 1;
  if (last < j->first) return true;
  sqlite3_stmt *drop = store_use(s, SQL_DROP_JOURNAL);
  bind_number(drop, 1, last);
  if (!store_run(drop)) return false;
  j->first = last + 1;
  return true;
}

/* ---- at the start ---- */

static bool is_sound(struct span name, struct span body) {
  struct evidence e;
  struct listing l;
  return name.len ? origin_detector_is_valid(name) && rowcodec_read_evidence(body, &e)
                  : rowcodec_read_listing(body, &l);
}

static bool replay_record(struct store *s, struct span *rest) {
  struct addr key;
  if (rest->len < HEAD) return store_malformed(s, damage);
  const uint8_t *head = (const uint8_t *)rest->s;
  size_t name_len = head[16], body_len = (size_t)(head[17] | head[18] << 8);
  memcpy(key.byte, head, sizeof key.byte);
  *rest = span_from(*rest, HEAD);
  struct span name = span_head(*rest, name_len);
  struct span body = span_head(span_from(*rest, name_len), body_len);
  *rest = span_from(*rest, name_len + body_len);
  if (name.len != name_len || body.len != body_len || !is_sound(name, body))
    return store_malformed(s, damage);
  struct keycache_entry *e = store_entry(s, &key);
  return e && store_put_record(s, e, name, body);
}

static bool replay_row(struct store *s, struct span row) {
  while (row.len)
    if (!replay_record(s, &row)) return false;
  return true;
}

/* A row is there once all of it is in memory: a full memory is merged in the middle of one, and
   marks those up to the top as merged. */
bool journal_read(struct store *s) {
  struct journal *j = &s->journal;
  sqlite3_stmt *read = store_use(s, SQL_READ_JOURNAL);
  int found = 0;
  bool sound = true;
  *j = (struct journal){.first = 1};
  while (sound && (found = store_row(read)) == 1) {
    int64_t id = sqlite3_column_int64(read, 0);
    if (journal_is_empty(j)) j->first = id;
    sound = replay_row(s, column_span(read, 1));
    j->top = id;
  }
  store_done(read);
  return sound && found == 0;
}

bool journal_replay(struct store *s) {
  return store_begin(s) && journal_read(s) && store_flush(s);
}
