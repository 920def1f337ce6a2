/* The outlet json: an object a line (JSON lines). No text needs an escape: sins are [a-z0-9-]. */
#include "base/utc.h"
#include "publish/list.h"
#include "publish/txt.h"

#define SINS_MAX 300

static void head(const struct list_form *form, const struct list_info *info, uint64_t count,
                 struct textbuf *out) {
  char time[UTC_TEXT + 1];
  (void)form;
  textbuf_put_str(out, "{\"list\":\"sinbin\",\"serial\":");
  textbuf_put_number(out, info->serial);
  textbuf_put_str(out, ",\"time\":\"");
  textbuf_put_str(out, utc_format(time, info->now));
  textbuf_put_str(out, "\",\"count\":");
  list_add_column(out, count);
  textbuf_put_str(out, "}\n");
}

static void add_time(struct textbuf *out, const char *name, int64_t unixtime) {
  char time[UTC_TEXT + 1];
  textbuf_put_str(out, name);
  textbuf_put_str(out, utc_format(time, list_round_time(unixtime)));
  textbuf_put_str(out, "\"");
}

static void add_sins(struct textbuf *out, struct span sins) {
  char names[SINS_MAX];
  struct textbuf cleaned;
  cleaned = textbuf_of(names, sizeof names);
  txt_add_sins(&cleaned, sins, sizeof names);
  struct span rest = span_of(names, cleaned.len);
  textbuf_put_str(out, ",\"sins\":[");
  for (bool first = true; rest.len; first = false) {
    textbuf_put_str(out, first ? "\"" : ",\"");
    textbuf_put(out, span_cut(&rest, ','));
    textbuf_put_str(out, "\"");
  }
  textbuf_put_str(out, "]");
}

static void add(struct list_text *t, const struct listing_row *l) {
  char line[LIST_ENTRY_MAX];
  struct textbuf out;
  out = textbuf_of(line, sizeof line);
  textbuf_put_str(&out, "{\"address\":\"");
  list_add_addr(&out, &l->ip);
  if (!addr_is_ipv4(&l->ip)) textbuf_put_str(&out, "/64");
  add_time(&out, "\",\"until\":\"", l->until);
  add_time(&out, ",\"last\":\"", l->last);
  textbuf_put_str(&out, ",\"detectors\":\"");
  textbuf_put_str(&out, txt_band(l->detectors));
  textbuf_put_str(&out, "\"");
  add_sins(&out, l->sins);
  textbuf_put_str(&out, "}\n");
  list_put(t, span_of(line, out.len));
  t->count++;
}

const struct list_form list_json_forms[] = {
    {.outlet = "json", .name = "listings.jsonl", .head = head, .add = add},
    {.name = NULL},
};
