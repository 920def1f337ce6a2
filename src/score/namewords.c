#include "score/namewords.h"
#include <stdlib.h>

#define NODES_MAX (1u << 24) /* more than any rules need */
#define WORD_MAX  24
#define STEM_MIN  4 /* a word of this many letters counts within a longer run, too */
#define TRIGRAM   3 /* the same for a strong word at the end, or before a single letter */

enum { FORWARDS, BACKWARDS, ROOTS };

static bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static int branch_of(char c) {
  return is_digit(c) ? c - '0' + 26 : c - 'a';
}

static uint32_t add_node(struct namewords *w) {
  if (w->count == NODES_MAX) return 0;
  if (w->count == w->cap) {
    size_t cap = w->cap ? 2 * w->cap : 1024;
    struct word_node *nodes = cap <= 2 * NODES_MAX ? realloc(w->nodes, cap * sizeof *nodes) : NULL;
    if (!nodes) return 0;
    w->nodes = nodes;
    w->cap = cap;
  }
  w->nodes[w->count] = (struct word_node){.kinds = 0};
  return (uint32_t)w->count++;
}

static bool add_word(struct namewords *w, struct span word, int root, unsigned int kind) {
  size_t node = (size_t)root;
  for (size_t i = 0; i < word.len; i++) {
    char c = word.s[root == FORWARDS ? i : word.len - 1 - i];
    if (!is_lower(c) && !is_digit(c)) return false;
    uint32_t next = w->nodes[node].next[branch_of(c)];
    if (!next) {
      next = add_node(w);
      if (!next) return false;
      w->nodes[node].next[branch_of(c)] = next;
    }
    node = next;
  }
  w->nodes[node].kinds |= (uint8_t)kind;
  return true;
}

static unsigned int kinds_of_word(unsigned int kind, struct span value) {
  if (span_is(value, "rented")) return WORD_HOSTING;
  if (span_is(value, "mail")) return WORD_MAIL;
  return kind | (span_is(value, "strong") ? WORD_STRONG : 0);
}

static bool load_table(struct namewords *w, const struct table *t, const char *name,
                       unsigned int kind) {
  struct table_cursor cursor;
  struct span word, value;
  int found = table_first(t, name, &cursor);
  if (found <= 0) return found == 0;
  while ((found = table_next(t, &cursor, &word, &value)) > 0) {
    unsigned int kinds = kinds_of_word(kind, value);
    if (word.len == 0 || word.len > WORD_MAX) return false;
    if (!add_word(w, word, FORWARDS, kinds) || !add_word(w, word, BACKWARDS, kinds)) return false;
  }
  return found == 0;
}

bool namewords_load(struct namewords *w, const struct table *t) {
  *w = (struct namewords){.nodes = NULL};
  for (int root = 0; root < ROOTS; root++)
    if (add_node(w) != (uint32_t)root || !w->nodes) return false;
  return load_table(w, t, "pool-words", WORD_POOL) && load_table(w, t, "host-words", WORD_STATIC);
}

void namewords_free(struct namewords *w) {
  free(w->nodes);
  *w = (struct namewords){.nodes = NULL};
}

/* The words that a run of letters begins or ends with: a bit for each length, and the kinds of the
   word of that length. */
struct affixes {
  uint32_t lengths;
  uint8_t kinds[WORD_MAX + 1];
};

static void find_affixes(const struct namewords *w, struct span run, int root,
                         struct affixes *out) {
  size_t node = (size_t)root;
  out->lengths = 0;
  for (size_t n = 1; n <= run.len && n <= WORD_MAX; n++) {
    char c = run.s[root == FORWARDS ? n - 1 : run.len - n];
    node = w->nodes[node].next[branch_of(c)];
    if (!node) return;
    if (!w->nodes[node].kinds) continue;
    out->lengths |= 1u << n;
    out->kinds[n] = w->nodes[node].kinds;
  }
}

static bool has_length(const struct affixes *a, size_t n) {
  return n <= WORD_MAX && (a->lengths >> n & 1);
}

static unsigned int kinds_from(const struct affixes *a, size_t shortest) {
  unsigned int kinds = 0;
  for (size_t n = shortest; n <= WORD_MAX && a->lengths >> n; n++)
    if (has_length(a, n)) kinds |= a->kinds[n];
  return kinds;
}

static unsigned int strong_of(const struct affixes *a, size_t n) {
  return has_length(a, n) && a->kinds[n] & WORD_STRONG ? a->kinds[n] : 0;
}

static bool is_hex(struct span s) {
  for (size_t i = 0; i < s.len; i++)
    if (s.s[i] > 'f') return false;
  return true;
}

static unsigned int kinds_of_run(const struct namewords *w, struct span run, bool before_digit) {
  struct affixes begins, ends;
  find_affixes(w, run, FORWARDS, &begins);
  if (has_length(&begins, run.len)) return begins.kinds[run.len];
  find_affixes(w, run, BACKWARDS, &ends);
  if (!begins.lengths && !ends.lengths) return 0;
  unsigned int kinds = kinds_from(&begins, STEM_MIN) & ~(unsigned int)(WORD_STRONG | WORD_HOSTING);
  kinds |= kinds_from(&ends, STEM_MIN) | strong_of(&ends, TRIGRAM);
  if (run.len == TRIGRAM + 1) kinds |= strong_of(&begins, TRIGRAM);
  for (size_t n = 2; n < STEM_MIN && n < run.len; n++) {
    if (has_length(&begins, n) && has_length(&ends, run.len - n))
      kinds |= begins.kinds[n] | ends.kinds[run.len - n];
    if (has_length(&ends, n) && has_length(&begins, run.len - n))
      kinds |= ends.kinds[n] | begins.kinds[run.len - n];
    if (has_length(&begins, n) && before_digit && is_hex(span_from(run, n)))
      kinds |= begins.kinds[n];
  }
  return kinds;
}

static bool is_part_of_word(struct span name, size_t at) {
  return at < name.len && (is_digit(name.s[at]) || is_lower(name.s[at]));
}

static unsigned int kinds_of_whole(const struct namewords *w, struct span word) {
  struct affixes begins;
  find_affixes(w, word, FORWARDS, &begins);
  return has_length(&begins, word.len) ? begins.kinds[word.len] : 0;
}

/* A single digit and the letters after it: 3g. */
static unsigned int kinds_with_digit(const struct namewords *w, struct span name, size_t at,
                                     size_t n) {
  if (at == 0 || !is_digit(name.s[at - 1])) return 0;
  if (at > 1 && is_part_of_word(name, at - 2)) return 0;
  return kinds_of_whole(w, span_of(name.s + at - 1, n + 1));
}

/* Letters, a digit and letters: b2b. */
static unsigned int kinds_around_digit(const struct namewords *w, struct span name, size_t at,
                                       size_t n) {
  size_t end = at + n + 1; /* after the digit */
  if (end >= name.len || !is_digit(name.s[end - 1]) || !is_lower(name.s[end])) return 0;
  if (at > 0 && is_part_of_word(name, at - 1)) return 0;
  while (end < name.len && is_lower(name.s[end])) end++;
  return is_part_of_word(name, end) ? 0 : kinds_of_whole(w, span_of(name.s + at, end - at));
}

unsigned int namewords_find(const struct namewords *w, struct span name) {
  unsigned int kinds = 0;
  for (size_t i = 0; i < name.len;) {
    size_t n = 0;
    while (i + n < name.len && is_lower(name.s[i + n])) n++;
    if (n > 0) kinds |= kinds_with_digit(w, name, i, n) | kinds_around_digit(w, name, i, n);
    if (n > 1) {
      bool before_digit = i + n < name.len && is_digit(name.s[i + n]);
      kinds |= kinds_of_run(w, span_of(name.s + i, n), before_digit);
    }
    i += n ? n : 1;
  }
  return kinds;
}
