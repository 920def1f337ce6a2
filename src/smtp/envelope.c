#include "smtp/envelope.h"
#include "base/escape.h"
#include "smtp/path.h"

struct list {
  char *text;
  size_t cap;
  uint16_t *len;
  bool *cut;
};

/* Compares byte by byte: the encoded element may be longer than any buffer here. */
static bool is_element(struct span encoded, struct span raw) {
  for (size_t i = 0; i < raw.len; i++) {
    char code[3];
    size_t used, n = escape_put(code, sizeof code, span_of(raw.s + i, 1), ESCAPE_ELEMENT, &used);
    if (!span_equal_nocase(span_head(encoded, n), span_of(code, n))) return false;
    encoded = span_from(encoded, n);
  }
  return encoded.len == 0;
}

static bool has_element(const struct list *list, struct span raw) {
  struct span rest = span_of(list->text, *list->len);
  while (rest.len)
    if (is_element(span_cut(&rest, ','), raw)) return true;
  return false;
}

static void add(const struct list *list, struct span raw) {
  size_t at = *list->len, used;
  if (raw.len == 0 || has_element(list, raw)) return;
  if (at + 1 >= list->cap) {
    *list->cut = true;
    return;
  }
  if (at) list->text[at++] = ',';
  size_t n = escape_put(list->text + at, list->cap - at, raw, ESCAPE_ELEMENT, &used);
  if (used < raw.len) *list->cut = true;
  if (used == raw.len || *list->len == 0) *list->len = (uint16_t)(at + n);
}

static struct span shown(const struct envelope *e, struct span address) {
  if (!e->hide_local) return address;
  size_t at = path_at(address);
  return at == address.len ? span_of("@", 1) : span_from(address, at);
}

void envelope_helo(struct envelope *e, struct span name) {
  struct list list = {e->helo, sizeof e->helo, &e->helo_len, &e->helo_cut};
  add(&list, name);
}

void envelope_from(struct envelope *e, struct span address) {
  size_t used;
  struct span value = address.len ? shown(e, address) : span_of("<>", 2);
  e->from_len = (uint16_t)escape_put(e->from, sizeof e->from, value, ESCAPE_VALUE, &used);
  e->from_cut = used < value.len;
}

void envelope_to(struct envelope *e, struct span address) {
  struct list list = {e->to, sizeof e->to, &e->to_len, &e->to_cut};
  add(&list, shown(e, address));
}
