/* The outlet csv: the columns of CrowdSec's decisions (cscli decisions import). It takes no comments,
   so the head is the line of names alone. */
#include "publish/list.h"
#include "publish/txt.h"

#define SINS_MAX     200
#define DURATION_MIN 60 /* seconds; a listing that is about to end */

static void head(const struct list_form *form, const struct list_info *info, uint64_t count,
                 struct textbuf *out) {
  (void)form;
  (void)info;
  (void)count;
  textbuf_put_str(out, "duration,scope,value,reason,type\n");
}

static uint64_t duration(const struct list_text *t, const struct listing_row *l) {
  int64_t left = list_round_time(l->until) - t->info->now;
  return left < DURATION_MIN ? DURATION_MIN : (uint64_t)left;
}

/* A field with commas has quotes (RFC 4180); sins have no quote of their own. */
static void add_reason(struct textbuf *out, struct span sins) {
  size_t before = out->len;
  textbuf_put_str(out, "\"sinbin: ");
  size_t head_end = out->len;
  txt_add_sins(out, sins, SINS_MAX);
  if (out->len > head_end) {
    textbuf_put_str(out, "\"");
    return;
  }
  out->len = before;
  textbuf_put_str(out, "sinbin");
}

static void add(struct list_text *t, const struct listing_row *l) {
  char line[LIST_ENTRY_MAX];
  struct textbuf out;
  bool ipv4 = addr_is_ipv4(&l->ip);
  out = textbuf_of(line, sizeof line);
  textbuf_put_number(&out, duration(t, l));
  textbuf_put_str(&out, ipv4 ? "s,ip," : "s,range,");
  list_add_addr(&out, &l->ip);
  textbuf_put_str(&out, ipv4 ? "," : "/64,");
  add_reason(&out, l->sins);
  textbuf_put_str(&out, ",ban\n");
  list_put(t, span_of(line, out.len));
  t->count++;
}

const struct list_form list_csv_forms[] = {
    {.outlet = "csv", .name = "decisions.csv", .head = head, .add = add},
    {.name = NULL},
};
