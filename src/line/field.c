#include "line/field.h"
#include "line/unreadmark.h"
#include "base/number.h"
#include <stdint.h>

#define LABEL_BYTES 25

static bool is_label(struct span word) {
  uint64_t ignored;
  return word.len == LABEL_BYTES && word.s[0] == '@' &&
         number_parse_hex(span_of(word.s + 1, 12), 12, &ignored) &&
         number_parse_hex(span_of(word.s + 13, 12), 12, &ignored);
}

bool field_line_open(struct span line, struct span *label, struct span *kind, struct span *fields) {
  *fields = line;
  *kind = span_cut(fields, ' ');
  *label = span_of(line.s, 0);
  if (is_label(*kind)) {
    *label = *kind;
    *kind = span_cut(fields, ' ');
  }
  return kind->len > 0;
}

static bool is_program(struct span word) {
  for (size_t i = 0; i < word.len; i++) {
    char c = word.s[i];
    if (!(c >= 'a' && c <= 'z') && !(i && (c == '-' || ascii_is_digit((unsigned char)c))))
      return false;
  }
  return word.len > 0;
}

static bool is_diagnostic(struct span first) {
  size_t last = first.len - 1;
  return first.s[last] == ':' && is_program(span_head(first, last));
}

static size_t letters_of(struct span word) {
  size_t len = 0;
  while (len < word.len && word.s[len] >= 'a' && word.s[len] <= 'z') len++;
  return len;
}

static bool is_kind(struct span word) {
  uint64_t version;
  size_t len = letters_of(word);
  return len > 0 && number_canonical(span_of(word.s + len, word.len - len), 999, &version);
}

bool field_line_is_passthrough(struct span line, const char *kind) {
  struct span label, word, fields, ours = span_str(kind);
  if (!field_line_open(line, &label, &word, &fields)) return false;
  if (is_diagnostic(word)) return true;
  size_t len = letters_of(word);
  bool same = len == letters_of(ours) && memcmp(word.s, ours.s, len) == 0;
  return same ? unreadmark_is_set(line) : is_kind(word);
}

static bool is_key(struct span key) {
  if (key.len == 0 || key.len > FIELD_KEY_MAX) return false;
  for (size_t i = 0; i < key.len; i++) {
    char c = key.s[i];
    if (!(c >= 'a' && c <= 'z') && !(i && ascii_is_digit((unsigned char)c))) return false;
  }
  return true;
}

#define ALL_BYTES(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Checks eight bytes at once. The high bit of a byte of the result is set if this byte or one
   before it is below 0x21 or above 0x7e. The result is 0 if all eight bytes are valid. */
static uint64_t outside_text(uint64_t eight) {
  uint64_t low = eight - ALL_BYTES(0x21), delete = (eight ^ ALL_BYTES(0x7f)) - ALL_BYTES(0x01);
  return (low | delete | eight) & ALL_BYTES(0x80);
}

/* Accepts encoded text only, so that every filter can copy a value to its output unchanged. */
static bool is_value(struct span value) {
  size_t i = 0;
  for (uint64_t eight; i + sizeof eight <= value.len; i += sizeof eight) {
    memcpy(&eight, value.s + i, sizeof eight);
    if (outside_text(eight)) return false;
  }
  for (; i < value.len; i++)
    if ((unsigned char)value.s[i] < 0x21 || (unsigned char)value.s[i] > 0x7e) return false;
  return true;
}

enum field_result field_next(struct span *rest, struct span *key, struct span *value) {
  if (rest->len == 0) return FIELD_END;
  struct span piece = span_cut(rest, ' ');
  size_t at = span_find(piece, '=');
  *key = span_head(piece, at);
  *value = span_from(piece, at + 1);
  if (at < piece.len && is_key(*key) && is_value(*value)) return FIELD_NEXT;
  *key = piece;
  return FIELD_MALFORMED;
}

bool field_list_next(struct span *rest, struct span *element) {
  if (rest->len == 0) return false;
  *element = span_cut(rest, ',');
  return true;
}

static bool is_among(struct span piece, const char *const *keys) {
  struct span key = span_head(piece, span_find(piece, '='));
  for (size_t i = 0; keys[i]; i++)
    if (key.len < piece.len && span_is(key, keys[i])) return true;
  return false;
}

size_t field_line_without(struct span line, const char *const *keys, char *out) {
  struct span rest = line;
  size_t len = 0;
  while (rest.len) {
    struct span piece = span_cut(&rest, ' ');
    if (is_among(piece, keys)) continue;
    if (len) out[len++] = ' ';
    memmove(out + len, piece.s, piece.len);
    len += piece.len;
  }
  return len;
}

void fieldwriter_init(struct fieldwriter *out, char *buf, size_t cap) {
  *out = (struct fieldwriter){.buf = buf, .cap = cap};
}

static void append(struct fieldwriter *out, struct span s) {
  if (s.len) memcpy(out->buf + out->len, s.s, s.len);
  out->len += s.len;
}

void fieldwriter_kind(struct fieldwriter *out, const char *kind) {
  struct span text = span_str(kind);
  if (text.len > out->cap - out->len) out->full = true;
  else append(out, text);
}

void fieldwriter_text(struct fieldwriter *out, const char *key, struct span value) {
  struct span name = span_str(key);
  if (name.len + value.len + 2 > out->cap - out->len) {
    out->full = true;
    return;
  }
  append(out, span_of(" ", 1));
  append(out, name);
  append(out, span_of("=", 1));
  append(out, value);
}

void fieldwriter_number(struct fieldwriter *out, const char *key, uint64_t value) {
  char text[NUMBER_MAX];
  fieldwriter_text(out, key, span_of(text, number_format(text, value)));
}

void fieldwriter_ms(struct fieldwriter *out, const char *key, uint64_t ms) {
  char text[NUMBER_MAX];
  fieldwriter_text(out, key, span_of(text, number_format_ms(text, ms)));
}

void fieldwriter_addr(struct fieldwriter *out, const char *key, const struct addr *value) {
  char text[ADDR_TEXT_MAX];
  fieldwriter_text(out, key, span_of(text, addr_format(text, value)));
}

struct span fieldwriter_span(const struct fieldwriter *out) {
  return span_of(out->buf, out->len);
}
