/* The outlet nft: the whole list, as two sets with timeouts. Not interval sets: with 100,000 elements
   each later change of one takes seconds. nftchanges.h has the changes. */
#include "publish/list.h"
#include "publish/nftchanges.h"

#define GROUP_MAX 1000 /* elements of one statement */
#define GROUP_IP6 (UINT64_C(1) << 32)

static void head(const struct list_form *form, const struct list_info *info, uint64_t count,
                 struct textbuf *out) {
  list_comment_head(form, info, count, out);
  textbuf_put_str(out, "# changes ");
  textbuf_put_number(out, info->changes);
  textbuf_put_str(out, "\nadd table " NFT_TABLE "\n"
                       "add set " NFT_SET4 " { type ipv4_addr; flags timeout; }\n"
                       "add set " NFT_SET6 " { type ipv6_addr; flags timeout; }\n"
                       "flush set " NFT_SET4 "\n"
                       "flush set " NFT_SET6 "\n");
}

/* last_group is the number of elements of the statement that is open, and GROUP_IP6 for IPv6. */
static void end(struct list_text *t) {
  if (t->last_group) list_put(t, span_str(" }\n"));
  t->last_group = 0;
}

static void add(struct list_text *t, const struct listing_row *l) {
  char line[LIST_ENTRY_MAX];
  struct textbuf out;
  uint64_t family = addr_is_ipv4(&l->ip) ? 0 : GROUP_IP6;
  uint64_t members = t->last_group & ~GROUP_IP6;
  int64_t left = l->until - t->info->now;
  if (left <= 0) return;
  if (members == GROUP_MAX || (members && (t->last_group & GROUP_IP6) != family)) end(t);
  out = textbuf_of(line, sizeof line);
  if (t->last_group) textbuf_put_str(&out, ",\n");
  else
    textbuf_put_str(&out, family ? "add element " NFT_SET6 " { " : "add element " NFT_SET4 " { ");
  list_add_addr(&out, &l->ip);
  textbuf_put_str(&out, " timeout ");
  textbuf_put_number(&out, (uint64_t)left);
  textbuf_put_str(&out, "s");
  list_put(t, span_of(line, out.len));
  t->last_group = (t->last_group | family) + 1;
  t->count++;
}

const struct list_form list_nft_forms[] = {
    {.outlet = "nft",
     .name = "nft/full.nft",
     .title = "spambots, for nft -f",
     .head = head,
     .add = add,
     .end = end},
    {.name = NULL},
};
