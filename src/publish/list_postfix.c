/* The outlet postfix: tables for check_client_access (access(5)). postfix4 is for postmap(1). A cidr
   table is read line by line at each look-up, and held by each process: so those are limited. */
#include "publish/list.h"

#define REJECT "REJECT listed as a spambot"

/* ip NULL: the address that will be asked for is not known. */
static void add_action(struct textbuf *out, struct span url, const struct addr *ip) {
  size_t dollar = span_find(url, '$');
  textbuf_put_str(out, REJECT);
  if (url.len && (ip || dollar == url.len)) {
    textbuf_put_str(out, "; see ");
    textbuf_put(out, span_head(url, dollar));
    if (dollar < url.len) list_add_addr(out, ip);
    textbuf_put(out, span_from(url, dollar + 1));
  }
  textbuf_put_str(out, "\n");
}

static void add4(struct list_text *t, const struct listing_row *l) {
  char line[LIST_ENTRY_MAX];
  struct textbuf out;
  if (!addr_is_ipv4(&l->ip)) return;
  out = textbuf_of(line, sizeof line);
  list_add_addr(&out, &l->ip);
  textbuf_put_str(&out, " ");
  add_action(&out, t->info->url, &l->ip);
  list_put(t, span_of(line, out.len));
  t->count++;
}

static void put_prefix(struct list_text *t, const struct addr *ip, unsigned int bits) {
  char line[LIST_ENTRY_MAX];
  struct textbuf out;
  out = textbuf_of(line, sizeof line);
  list_add_addr(&out, ip);
  textbuf_put_str(&out, "/");
  textbuf_put_number(&out, bits);
  textbuf_put_str(&out, " ");
  add_action(&out, t->info->url, NULL);
  list_put(t, span_of(line, out.len));
  t->count++;
}

static void add_cidr4(struct list_text *t, const struct listing_row *l) {
  if (addr_is_ipv4(&l->ip)) list_merge_add(t, &l->ip, put_prefix);
}

static void add_cidr6(struct list_text *t, const struct listing_row *l) {
  if (!addr_is_ipv4(&l->ip)) list_merge_add(t, &l->ip, put_prefix);
}

static void end_cidr4(struct list_text *t) {
  list_merge_end(t, true, put_prefix);
}

static void end_cidr6(struct list_text *t) {
  list_merge_end(t, false, put_prefix);
}

const struct list_form list_postfix_forms[] = {
    {.outlet = "postfix",
     .name = "postfix4",
     .title = "IPv4 addresses of spambots, for postmap",
     .head = list_comment_head,
     .add = add4},
    {.outlet = "postfix",
     .name = "postfix4.cidr",
     .title = "IPv4 addresses of spambots, merged, a cidr table",
     .limit = LIST_CIDR_TABLE_MAX,
     .head = list_comment_head,
     .begin = list_merge_begin4,
     .add = add_cidr4,
     .end = end_cidr4},
    {.outlet = "postfix",
     .name = "postfix6.cidr",
     .title = "IPv6 networks of spambots, merged, a cidr table",
     .limit = LIST_CIDR_TABLE_MAX,
     .head = list_comment_head,
     .begin = list_merge_begin6,
     .add = add_cidr6,
     .end = end_cidr6},
    {.name = NULL},
};
