#include "store/journal.h"
#include "store/rowcodec.h"
#include <stdlib.h>

#define HEAD (16 + 1 + 2)

void journal_free(struct journal *j) {
  free(j->batch);
  j->batch = NULL;
}

/* ---- writing ---- */

static bool make_space(struct journal *j, size_t more) {
  if (more <= j->room - j->len) return true;
  size_t room = j->room ? 2 * j->room : 65536;
  char *grown = realloc(j->batch, room);
  if (!grown) return false;
  j->batch = grown;
  j->room = room;
  return true;
}

bool journal_add(struct journal *j, const struct addr *key, struct span name, struct span body) {
  if (!make_space(j, HEAD + name.len + body.len)) return backend_no_memory(j->database);
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

void journal_clear_batch(struct journal *j) {
  j->len = 0;
}

bool journal_write(struct journal *j) {
  if (!tables_add_journal(j->database, j->top + 1, span_of(j->batch, j->len))) return false;
  j->top++;
  j->bytes += j->len;
  j->len = 0;
  return true;
}

bool journal_remove(struct journal *j, int64_t rows) {
  int64_t last = j->merged - j->first < rows ? j->merged : j->first + rows - 1;
  if (last < j->first) return true;
  if (!tables_remove_journal(j->database, last)) return false;
  j->first = last + 1;
  return true;
}

/* ---- reading ---- */

static bool is_valid(const struct journal_record *r) {
  struct evidence e;
  struct listing l;
  return r->name.len ? origin_detector_is_valid(r->name) && rowcodec_decode_evidence(r->body, &e)
                     : rowcodec_decode_listing(r->body, &l);
}

/* Takes the next record off a row. False if it is malformed. */
static bool next_record(struct span *rest, struct journal_record *out) {
  if (rest->len < HEAD) return false;
  const uint8_t *head = (const uint8_t *)rest->s;
  size_t name_len = head[16], body_len = (size_t)(head[17] | head[18] << 8);
  memcpy(out->key.byte, head, sizeof out->key.byte);
  *rest = span_from(*rest, HEAD);
  out->name = span_head(*rest, name_len);
  out->body = span_head(span_from(*rest, name_len), body_len);
  *rest = span_from(*rest, name_len + body_len);
  return out->name.len == name_len && out->body.len == body_len && is_valid(out);
}

struct reading {
  struct journal *journal;
  journal_visit *visit;
  void *context;
};

static bool read_row(void *context, int64_t id, struct span row) {
  const struct reading *r = context;
  struct journal *j = r->journal;
  struct journal_record record;
  if (journal_is_empty(j)) j->first = id;
  while (row.len) {
    if (!next_record(&row, &record))
      return backend_malformed(j->database, "a malformed row in table journal");
    if (!r->visit(r->context, &record)) return false;
  }
  j->top = id;
  return true;
}

bool journal_each(struct journal *j, journal_visit *visit, void *context) {
  struct reading r = {j, visit, context};
  j->first = 1;
  j->top = j->merged = 0;
  j->bytes = 0;
  return tables_each_journal(j->database, read_row, &r);
}
