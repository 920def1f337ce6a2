/* The outlet text: addresses, one a line. */
#include "publish/list.h"

static void put_line(struct list_text *t, const struct addr *ip, struct span rest) {
  char line[LIST_ENTRY_MAX];
  struct textbuf out;
  out = textbuf_of(line, sizeof line);
  list_add_addr(&out, ip);
  textbuf_put(&out, rest);
  list_put(t, span_of(line, out.len));
  t->count++;
}

static void add4(struct list_text *t, const struct listing_row *l) {
  if (addr_is_ipv4(&l->ip)) put_line(t, &l->ip, span_str("\n"));
}

static void add6(struct list_text *t, const struct listing_row *l) {
  if (!addr_is_ipv4(&l->ip)) put_line(t, &l->ip, span_str("/64\n"));
}

static void put_prefix(struct list_text *t, const struct addr *ip, unsigned int bits) {
  char text[8];
  struct textbuf rest;
  rest = textbuf_of(text, sizeof text);
  textbuf_put_str(&rest, "/");
  textbuf_put_number(&rest, bits);
  textbuf_put_str(&rest, "\n");
  put_line(t, ip, span_of(text, rest.len));
}

static void merge4(struct list_text *t, const struct listing_row *l) {
  if (addr_is_ipv4(&l->ip)) list_merge_add(t, &l->ip, put_prefix);
}

static void merge6(struct list_text *t, const struct listing_row *l) {
  if (!addr_is_ipv4(&l->ip)) list_merge_add(t, &l->ip, put_prefix);
}

static void merge4_end(struct list_text *t) {
  list_merge_end(t, true, put_prefix);
}

static void merge6_end(struct list_text *t) {
  list_merge_end(t, false, put_prefix);
}

const struct list_form list_text_forms[] = {
    {.outlet = "text",
     .name = "ip4.txt",
     .title = "IPv4 addresses of spambots",
     .head = list_comment_head,
     .add = add4},
    {.outlet = "text",
     .name = "ip6.txt",
     .title = "IPv6 networks of spambots",
     .head = list_comment_head,
     .add = add6},
    {.outlet = "text",
     .name = "cidr4.txt",
     .title = "IPv4 addresses of spambots, merged",
     .head = list_comment_head,
     .begin = list_merge_begin4,
     .add = merge4,
     .end = merge4_end},
    {.outlet = "text",
     .name = "cidr6.txt",
     .title = "IPv6 networks of spambots, merged",
     .head = list_comment_head,
     .begin = list_merge_begin6,
     .add = merge6,
     .end = merge6_end},
    {.name = NULL},
};
