#include "rule/record.h"
#include "base/number.h"
#include "base/textbuf.h"

static const char *const shape_names[SHAPE_COUNT] = {
    [SHAPE_ADDRESSES] = "addresses", [SHAPE_NAMES] = "names", [SHAPE_SUFFIXES] = "suffixes"};

const char *record_shape_name(enum shape shape) {
  return (unsigned int)shape < SHAPE_COUNT ? shape_names[shape] : "?";
}

static size_t join(char key[RECORD_KEY_MAX], const char *name, char mark, struct span last) {
  size_t len = strlen(name);
  if (last.len > RECORD_NAME_MAX || len + 1 + last.len > RECORD_KEY_MAX) return 0;
  memcpy(key, name, len);
  key[len] = mark;
  if (last.len) memcpy(key + len + 1, last.s, last.len);
  return len + 1 + last.len;
}

size_t record_table_key(char key[RECORD_KEY_MAX], const char *name, const char *part) {
  return join(key, name, ':', span_str(part));
}

size_t record_entry_key(char key[RECORD_KEY_MAX], const char *name, struct span entry) {
  return join(key, name, '=', entry);
}

static void append_word(struct textbuf *t, struct span word) {
  if (t->len) textbuf_put_byte(t, ' ');
  textbuf_put(t, word);
}

size_t record_head_encode(char *out, const struct head *head) {
  struct textbuf t = textbuf_of(out, RECORD_HEAD_MAX);
  char digits[NUMBER_MAX];
  append_word(&t, head->name);
  append_word(&t, span_str(record_shape_name(head->shape)));
  for (int i = 0; i < HEAD_NUMBERS; i++)
    append_word(&t, span_of(digits, number_format(digits, head->number[i])));
  append_word(&t, head->file);
  return t.full ? 0 : t.len;
}

bool record_head_decode(struct span text, struct head *out) {
  struct span rest = text;
  out->name = span_cut(&rest, ' ');
  struct span shape = span_cut(&rest, ' ');
  for (int i = 0; i < HEAD_NUMBERS; i++)
    if (!number_canonical(span_cut(&rest, ' '), UINT32_MAX, &out->number[i])) return false;
  out->file = rest;
  if (!out->name.len || !out->file.len) return false;
  for (int i = 0; i < SHAPE_COUNT; i++)
    if (span_is(shape, shape_names[i])) {
      out->shape = (enum shape)i;
      return true;
    }
  return false;
}

size_t record_date_encode(char out[RECORD_DATE_MAX], uint64_t date, bool kept) {
  size_t len = number_format(out, date);
  if (!kept) return len;
  memcpy(out + len, " kept", 5);
  return len + 5;
}

bool record_date_decode(struct span text, uint64_t *date, bool *kept) {
  struct span rest = text, number = span_cut(&rest, ' ');
  *kept = span_is(rest, "kept");
  return number_canonical(number, INT64_MAX, date) && (*kept || number.len == text.len);
}

size_t record_entry_encode(unsigned char *out, const struct entry *entry) {
  if (entry->value.len > RECORD_VALUE_MAX) return 0;
  record_store32(out, entry->line);
  out[4] = (unsigned char)entry->reach;
  if (entry->value.len) memcpy(out + 5, entry->value.s, entry->value.len);
  return 5 + entry->value.len;
}

bool record_entry_decode(struct span record, struct entry *out) {
  if (record.len < 5 || record.len > ENTRY_BYTES_MAX) return false;
  const unsigned char *bytes = (const unsigned char *)record.s;
  if (bytes[4] < REACH_ITSELF || bytes[4] > REACH_BOTH) return false;
  *out = (struct entry){record_load32(bytes), (enum reach)bytes[4], span_from(record, 5)};
  return true;
}
