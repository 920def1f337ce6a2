/* The outlet json: an object a line (JSON lines). No text needs an escape: sins are [a-z0-9-]. */
#include "base/utc.h"
#include "publish/list.h"
#include "publish/txt.h"

#define SINS_MAX 300

static void head(const struct list_form *form, const struct list_info *info, uint64_t count,
                 struct fixedtext *out) {
  char time[UTC_TEXT + 1];
  (void)form;
  fixedtext_add_str(out, "{\"list\":\"sinbin\",\"serial\":");
  fixedtext_add_number(out, info->serial);
  fixedtext_add_str(out, ",\"time\":\"");
  fixedtext_add_str(out, utc_format(time, info->now));
  fixedtext_add_str(out, "\",\"count\":");
  list_add_column(out, count);
  fixedtext_add_str(out, "}\n");
}

static void add_time(struct fixedtext *out, const char *name, int64_t unixtime) {
  char time[UTC_TEXT + 1];
  fixedtext_add_str(out, name);
  fixedtext_add_str(out, utc_format(time, list_round_time(unixtime)));
  fixedtext_add_str(out, "\"");
}

static void add_sins(struct fixedtext *out, struct span sins) {
  char names[SINS_MAX];
  struct fixedtext cleaned;
  fixedtext_init(&cleaned, names, sizeof names);
  txt_add_sins(&cleaned, sins, sizeof names);
  struct span rest = span_of(names, cleaned.len);
  fixedtext_add_str(out, ",\"sins\":[");
  for (bool first = true; rest.len; first = false) {
    fixedtext_add_str(out, first ? "\"" : ",\"");
    fixedtext_add(out, span_cut(&rest, ','));
    fixedtext_add_str(out, "\"");
  }
  fixedtext_add_str(out, "]");
}

static void add(struct list_text *t, const struct listing_row *l) {
  char line[LIST_ENTRY_MAX];
  struct fixedtext out;
  fixedtext_init(&out, line, sizeof line);
  fixedtext_add_str(&out, "{\"address\":\"");
  list_add_addr(&out, &l->ip);
  if (!addr_is_ipv4(&l->ip)) fixedtext_add_str(&out, "/64");
  add_time(&out, "\",\"until\":\"", l->until);
  add_time(&out, ",\"last\":\"", l->last);
  fixedtext_add_str(&out, ",\"detectors\":\"");
  fixedtext_add_str(&out, txt_band(l->detectors));
  fixedtext_add_str(&out, "\"");
  add_sins(&out, l->sins);
  fixedtext_add_str(&out, "}\n");
  list_put(t, span_of(line, out.len));
  t->count++;
}

const struct list_form list_json_forms[] = {
    {.outlet = "json", .name = "listings.jsonl", .head = head, .add = add},
    {.name = NULL},
};
