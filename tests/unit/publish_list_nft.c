/* list_nft.c */
#include "publish_list.h"

static const struct list_row rows[] = {
    {"192.0.2.1", "a\n};flush ruleset", 3600},
    {"192.0.2.2", "", 1},
    {"192.0.2.3", "", 0}, /* has ended: it would stay without a timeout */
    {"2001:db8::", "a", 691320},
    {"2001:db8:0:1::", "a", 60},
    {0},
};

int main(void) {
  const struct list_form *form = list_form(list_nft_forms, "nft/full.nft");
  is_text(list_of(form, rows),
          "add element inet sinbin bots4 { 192.0.2.1 timeout 3600s,\n192.0.2.2 timeout 1s }\n"
          "add element inet sinbin bots6 { 2001:db8:: timeout 691320s,\n"
          "2001:db8:0:1:: timeout 60s }\n",
          "rows");
  ok(list_text.count == 4, "their number");
  is_text(list_of(form, rows + 5), "", "an empty list");
  is_text(list_of(form, rows + 4), "add element inet sinbin bots6 { 2001:db8:0:1:: timeout 60s }\n",
          "only IPv6");
  list_check_head(form);
  is_text(list_head(form, 3),
          "# sinbin: spambots, for nft -f\n# serial 7\n# time 2026-11-29T19:20:00Z\n"
          "# count          3\n# changes 3\nadd table inet sinbin\n"
          "add set inet sinbin bots4 { type ipv4_addr; flags timeout; }\n"
          "add set inet sinbin bots6 { type ipv6_addr; flags timeout; }\n"
          "flush set inet sinbin bots4\nflush set inet sinbin bots6\n",
          "the head");

  list_start(form);
  for (int i = 0; i < 2001; i++) list_add_row(form, &rows[0]);
  struct span made = list_finish(form);
  int statements = 0, ends = 0;
  for (size_t i = 0; i < made.len; i++) {
    statements += made.s[i] == '{';
    ends += made.s[i] == '}';
  }
  ok(statements == 3 && ends == 3, "a statement has at most 1,000 elements");
  list_start(form);
  for (int i = 0; i < 1000; i++) list_add_row(form, &rows[0]);
  list_add_row(form, &rows[3]);
  made = list_finish(form);
  static const char tail[] =
      "192.0.2.1 timeout 3600s }\nadd element inet sinbin bots6 { 2001:db8:: timeout 691320s }\n";
  is_text(span_from(made, made.len - strlen(tail)), tail, "a full statement, then IPv6");
  free(list_made);
  return done();
}
