/* list_csv.c */
#include "publish_list.h"

static const struct list_row rows[] = {
    {"192.0.2.1", "a,b", 3600},           {"192.0.2.2", "", 86400 + 599},
    {"192.0.2.3", "x\"y,\n=1+1,<&>'", 1}, {"192.0.2.4", "a", 659},
    {"2001:db8::", "a", 691320},          {0},
};

int main(void) {
  const struct list_form *form = list_form(list_csv_forms, "decisions.csv");
  is_text(list_of(form, rows),
          "3600s,ip,192.0.2.1,\"sinbin: a,b\",ban\n"
          "86400s,ip,192.0.2.2,sinbin,ban\n"
          "60s,ip,192.0.2.3,\"sinbin: xy,11\",ban\n"
          "600s,ip,192.0.2.4,\"sinbin: a\",ban\n"
          "691200s,range,2001:db8::/64,\"sinbin: a\",ban\n",
          "rows");
  ok(list_text.count == 5, "their number");
  is_text(list_of(form, rows + 5), "", "an empty list");
  list_check_head(form);
  is_text(list_head(form, 1), "duration,scope,value,reason,type\n", "the head");

  char sins[2001];
  for (size_t i = 0; i < 2000; i++) sins[i] = i % 10 == 9 ? ',' : 'a';
  sins[2000] = '\0';
  const struct list_row many[] = {{"192.0.2.1", sins, 3600}, {0}};
  struct span made = list_of(form, many);
  ok(made.len < 260 && memcmp(made.s + made.len - 10, ",...\",ban\n", 10) == 0,
     "many sins are cut");
  free(list_made);
  return done();
}
