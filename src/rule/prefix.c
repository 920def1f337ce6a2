#include "rule/prefix.h"
#include "base/number.h"
#include <stdlib.h>

static struct addr addr_after(struct addr a) {
  for (int i = 15; i >= 0 && ++a.byte[i] == 0; i--) continue;
  return a;
}

static struct addr addr_before(struct addr a) {
  for (int i = 15; i >= 0 && a.byte[i]-- == 0; i--) continue;
  return a;
}

/* last - first, which is one less than the number of addresses. */
static struct addr width_of(const struct prefix *p) {
  struct addr width;
  int borrow = 0;
  for (int i = 15; i >= 0; i--) {
    int byte = p->last.byte[i] - p->first.byte[i] - borrow;
    borrow = byte < 0;
    width.byte[i] = (uint8_t)byte;
  }
  return width;
}

struct addr prefix_last(const struct addr *first, unsigned int bits) {
  struct addr last = *first;
  for (unsigned int i = 0; i < 16; i++) {
    unsigned int keep = bits > 8 * i ? bits - 8 * i : 0;
    if (keep < 8) last.byte[i] |= (uint8_t)(0xffu >> keep);
  }
  return last;
}

static bool parse_prefix(struct span address, struct span length, struct prefix *out,
                         const char **reason) {
  bool dotted = span_find(address, ':') == address.len;
  uint64_t bits;
  *reason = "the address is malformed";
  if (!addr_parse(address, &out->first)) return false;
  *reason = dotted ? "the prefix length is not 0 to 32" : "the prefix length is not 0 to 128";
  if (!number_canonical(length, dotted ? 32 : 128, &bits)) return false;
  bits += dotted ? 96 : 0;
  struct addr masked = addr_mask(&out->first, (unsigned int)bits);
  *reason = "host bits are set";
  if (addr_compare(&masked, &out->first) != 0) return false;
  out->last = prefix_last(&out->first, (unsigned int)bits);
  return true;
}

/* Also the short form that rbldnsd writes: 192.0.2.0-99. */
static bool parse_last(struct span text, struct prefix *out) {
  uint64_t octet;
  if (!addr_is_ipv4(&out->first) || !number_canonical(text, 255, &octet))
    return addr_parse(text, &out->last);
  out->last = out->first;
  out->last.byte[15] = (uint8_t)octet;
  return true;
}

static bool parse_range(struct span first, struct span last, struct prefix *out,
                        const char **reason) {
  *reason = "the first address of the range is malformed";
  if (!addr_parse(first, &out->first)) return false;
  *reason = "the last address of the range is malformed";
  if (!parse_last(last, out)) return false;
  *reason = "the range mixes IPv4 and IPv6";
  if (addr_is_ipv4(&out->first) != addr_is_ipv4(&out->last)) return false;
  *reason = "the range ends before it begins";
  return addr_compare(&out->first, &out->last) <= 0;
}

bool prefix_parse(struct span word, struct prefix *out, const char **reason) {
  struct span rest = word;
  out->excluded = rest.len && rest.s[0] == '!';
  out->soft = false;
  if (out->excluded) rest = span_from(rest, 1);
  size_t slash = span_find(rest, '/'), dash = span_find(rest, '-');
  if (slash < rest.len)
    return parse_prefix(span_head(rest, slash), span_from(rest, slash + 1), out, reason);
  if (dash < rest.len)
    return parse_range(span_head(rest, dash), span_from(rest, dash + 1), out, reason);
  *reason = "the address is malformed";
  if (!addr_parse(rest, &out->first)) return false;
  out->last = out->first;
  return true;
}

/* An entry that is wider than ::ffff:0:0/96 and holds it is an IPv6 entry. */
enum addresses prefix_family(const struct prefix *p) {
  return addr_is_ipv4(&p->first) && addr_is_ipv4(&p->last) ? ADDRESSES_IPV4 : ADDRESSES_IPV6;
}

bool prefix_same(const struct prefix *a, const struct prefix *b) {
  return addr_compare(&a->first, &b->first) == 0 && addr_compare(&a->last, &b->last) == 0;
}

size_t prefix_format(char *out, const struct prefix *p) {
  size_t len = addr_format(out, &p->first);
  unsigned int front = prefix_family(p) == ADDRESSES_IPV4 ? 96 : 0;
  if (addr_compare(&p->first, &p->last) == 0) return len;
  for (unsigned int bits = front; bits < 128; bits++) {
    struct addr masked = addr_mask(&p->first, bits), last = prefix_last(&p->first, bits);
    if (addr_compare(&masked, &p->first) != 0 || addr_compare(&last, &p->last) != 0) continue;
    out[len++] = '/';
    return len + number_format(out + len, bits - front);
  }
  out[len++] = '-';
  return len + addr_format(out + len, &p->last);
}

static int compare_prefixes(const void *left, const void *right) {
  const struct prefix *a = left, *b = right;
  enum addresses family_a = prefix_family(a), family_b = prefix_family(b);
  if (family_a != family_b) return family_a < family_b ? -1 : 1;
  int order = addr_compare(&a->first, &b->first);
  if (order == 0) order = addr_compare(&b->last, &a->last);
  if (order == 0) order = a->line < b->line ? -1 : a->line > b->line;
  return order;
}

void prefix_sort(struct prefix *prefixes, size_t count) {
  if (count) qsort(prefixes, count, sizeof *prefixes, compare_prefixes);
}

/* A binary heap of the entries that hold the present address, the winner on top. Entries that end
   earlier stay in it until they come to the top. */
struct holders {
  const struct prefix **heap;
  size_t count;
};

static bool wins(const struct prefix *a, const struct prefix *b) {
  struct addr width_a = width_of(a), width_b = width_of(b);
  int order = addr_compare(&width_a, &width_b);
  return order ? order < 0 : a->line > b->line;
}

static void holders_push(struct holders *h, const struct prefix *p) {
  size_t at = h->count++;
  for (; at && wins(p, h->heap[(at - 1) / 2]); at = (at - 1) / 2)
    h->heap[at] = h->heap[(at - 1) / 2];
  h->heap[at] = p;
}

static void holders_pop(struct holders *h) {
  const struct prefix *last = h->heap[--h->count];
  size_t at = 0;
  for (size_t child = 1; child < h->count; child = 2 * at + 1) {
    if (child + 1 < h->count && wins(h->heap[child + 1], h->heap[child])) child++;
    if (!wins(h->heap[child], last)) break;
    h->heap[at] = h->heap[child];
    at = child;
  }
  h->heap[at] = last;
}

/* The last address of a piece: the end of the winner, or the one before the next entry begins. */
static struct addr piece_end(const struct prefix *winner, const struct prefix *next) {
  if (!next || addr_compare(&winner->last, &next->first) < 0) return winner->last;
  return addr_before(next->first);
}

/* Two adjacent pieces of one entry become one interval. */
static void add_interval(struct interval *out, size_t *count, const struct prefix *winner,
                         const struct addr piece[2]) {
  struct interval *before = *count ? &out[*count - 1] : NULL;
  if (winner->excluded) return;
  if (before && before->line == winner->line) {
    struct addr after = addr_after(before->last);
    if (addr_compare(&after, &piece[0]) == 0) {
      before->last = piece[1];
      return;
    }
  }
  out[(*count)++] = (struct interval){piece[0], piece[1], winner->line, winner->value};
}

/* Walks over the addresses. Each piece ends at the beginning or the end of an entry, so there are
   at most 2 * count pieces. */
static size_t walk(const struct prefix *prefixes, size_t count, struct holders *h,
                   struct interval *out) {
  size_t next = 0, intervals = 0;
  struct addr at = prefixes[0].first;
  for (;;) {
    while (h->count && addr_compare(&h->heap[0]->last, &at) < 0) holders_pop(h);
    if (!h->count) {
      if (next == count) return intervals;
      at = prefixes[next].first;
    }
    while (next < count && addr_compare(&prefixes[next].first, &at) == 0)
      holders_push(h, &prefixes[next++]);
    const struct prefix *winner = h->heap[0];
    struct addr piece[2] = {at, piece_end(winner, next < count ? &prefixes[next] : NULL)};
    add_interval(out, &intervals, winner, piece);
    at = addr_after(piece[1]);
    if (addr_compare(&at, &piece[1]) < 0) return intervals; /* that was the last address of all */
  }
}

bool prefix_resolve(const struct prefix *prefixes, size_t count, struct interval **out,
                    size_t *intervals) {
  struct holders h = {NULL, 0};
  *out = NULL;
  *intervals = 0;
  if (count == 0) return true;
  h.heap = calloc(count, sizeof(struct prefix *));
  *out = calloc(2 * count, sizeof **out);
  if (h.heap && *out) *intervals = walk(prefixes, count, &h, *out);
  else {
    free(*out);
    *out = NULL;
  }
  free(h.heap);
  return *out != NULL;
}
