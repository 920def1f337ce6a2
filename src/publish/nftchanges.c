#include "publish/nftchanges.h"
#include "publish/answers.h"
#include "base/textbuf.h"
#include <stdlib.h>

#define ROOM_MIN 1000000
#define BACK_MAX 60 /* seconds that the clock may be set back */

bool nftchanges_init(struct nftchanges *n) {
  *n = (struct nftchanges){.reload = true, .next_begin = INT64_MAX, .now = 0};
  n->change = malloc(NFT_CHANGES_MAX * sizeof *n->change);
  return n->change != NULL;
}

void nftchanges_free(struct nftchanges *n) {
  free(n->change);
  bloom_free(&n->known);
  n->change = NULL;
}

bool nftchanges_begin(struct nftchanges *n, size_t keys, struct siphash_key hash, int64_t now) {
  bloom_free(&n->known);
  n->count = 0;
  n->now = now;
  n->next_begin = INT64_MAX;
  n->reload = false;
  n->room = 2 * keys + ROOM_MIN;
  return bloom_init(&n->known, n->room, hash);
}

void nftchanges_add(struct nftchanges *n, const struct addr *ip) {
  if (bloom_may_contain(&n->known, ip)) return;
  if (n->room) n->room--;
  else n->reload = true;
  bloom_add(&n->known, ip);
}

void nftchanges_set_time(struct nftchanges *n, int64_t now) {
  if (n->now - now > BACK_MAX || now >= n->next_begin) n->reload = true;
  n->now = now;
}

static void put(struct nftchanges *n, const struct addr *ip, int64_t left) {
  if (n->count == NFT_CHANGES_MAX) {
    n->reload = true;
    return;
  }
  n->change[n->count++] = (struct nftchange){*ip, left};
}

void nftchanges_note(struct nftchanges *n, const struct listing_row *l) {
  if (n->reload || !answers_are_published(&l->ip)) return;
  if (answers_colour(answers_of(l, n->now)) == COLOUR_BLACK) {
    nftchanges_add(n, &l->ip);
    put(n, &l->ip, l->until - n->now);
    return;
  }
  int64_t begin = answers_begin(l->until);
  if (l->colour == COLOUR_BLACK && n->now < begin && begin < n->next_begin) n->next_begin = begin;
  if (bloom_may_contain(&n->known, &l->ip)) put(n, &l->ip, 0);
}

void nftchanges_clear(struct nftchanges *n) {
  n->count = 0;
}

/* ---- the text */

enum statement { ADD, DELETE, ADD_AGAIN };

static bool add_element(stralloc *out, const struct nftchange *c, bool first, bool timeout) {
  char text[ADDR_TEXT_MAX + 48];
  struct textbuf t;
  t = textbuf_of(text, sizeof text);
  textbuf_put_str(&t, first ? " { " : ",\n");
  t.len += addr_format(text + t.len, &c->ip);
  if (timeout) {
    textbuf_put_str(&t, " timeout ");
    textbuf_put_number(&t, (uint64_t)c->left);
    textbuf_put_str(&t, "s");
  }
  return stralloc_catb(out, text, t.len);
}

static bool add_statement(const struct nftchanges *n, stralloc *out, enum statement what,
                          bool ipv4) {
  bool any = false;
  for (size_t i = 0; i < n->count; i++) {
    const struct nftchange *c = &n->change[i];
    if (addr_is_ipv4(&c->ip) != ipv4 || (what == ADD_AGAIN && c->left <= 0)) continue;
    if (!any && !(stralloc_cats(out, what == DELETE ? "delete element " : "add element ") &&
                  stralloc_cats(out, ipv4 ? NFT_SET4 : NFT_SET6)))
      return false;
    if (!add_element(out, c, !any, what == ADD_AGAIN)) return false;
    any = true;
  }
  return !any || stralloc_cats(out, " }\n");
}

bool nftchanges_format(const struct nftchanges *n, stralloc *out) {
  out->len = 0;
  for (int ipv4 = 1; ipv4 >= 0; ipv4--)
    for (int what = ADD; what <= ADD_AGAIN; what++)
      if (!add_statement(n, out, (enum statement)what, ipv4)) return false;
  return true;
}
