/* list_postfix.c */
#include "publish_list.h"

static const struct list_row some[] = {{"192.0.2.1", "a\n0.0.0.0/0 REJECT", 60},
                                       {"192.0.2.2", "b", 60},
                                       {"192.0.2.3", "c", 60},
                                       {"2001:db8::", "a", 60},
                                       {"2001:db8:0:1::", "", 60},
                                       {0}};

#define TEXT "REJECT listed as a spambot"

static const struct {
  const char *list, *url;
  size_t from; /* of `some` */
  const char *want;
} rows[] = {
    {"postfix4", "", 0, "192.0.2.1 " TEXT "\n192.0.2.2 " TEXT "\n192.0.2.3 " TEXT "\n"},
    {"postfix4", "", 3, ""},
    {"postfix4", "https://x/$;a", 2, "192.0.2.3 " TEXT "; see https://x/192.0.2.3;a\n"},
    {"postfix4", "https://x/", 2, "192.0.2.3 " TEXT "; see https://x/\n"},
    {"postfix4.cidr", "", 0, "192.0.2.1/32 " TEXT "\n192.0.2.2/31 " TEXT "\n"},
    {"postfix4.cidr", "", 5, ""},
    {"postfix4.cidr", "https://x/$", 2, "192.0.2.3/32 " TEXT "\n"},
    {"postfix4.cidr", "https://x/", 2, "192.0.2.3/32 " TEXT "; see https://x/\n"},
    {"postfix6.cidr", "", 0, "2001:db8::/63 " TEXT "\n"},
    {"postfix6.cidr", "", 5, ""},
};

static uint64_t lines_of(struct span text) {
  uint64_t lines = 0;
  for (size_t i = 0; i < text.len; i++) lines += text.s[i] == '\n';
  return lines;
}

int main(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const struct list_form *form = list_form(list_postfix_forms, rows[i].list);
    struct list_info info = list_info;
    info.url = span_str(rows[i].url);
    list_start(form);
    list_text.info = &info;
    for (const struct list_row *row = some + rows[i].from; row->ip; row++) list_add_row(form, row);
    struct span text = list_finish(form);
    is_text(text, rows[i].want, "%s, row %zu", rows[i].list, i);
    ok(list_text.count == lines_of(text), "%s, row %zu: the count", rows[i].list, i);
  }
  for (const struct list_form *form = list_postfix_forms; form->name; form++) {
    bool cidr = strstr(form->name, ".cidr") != NULL;
    list_check_head(form);
    ok(form->limit == (cidr ? 20000 : 0), "%s: its limit", form->name);
  }
  free(list_made);
  return done();
}
