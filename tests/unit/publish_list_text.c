/* list_text.c, and what list.c does for all lists. */
#include "publish_list.h"

static const struct list_row none[] = {{0}};
static const struct list_row some[] = {
    {"192.0.2.1", "a", 60},     {"192.0.2.2", "b", 60},     {"192.0.2.3", "c", 60},
    {"192.0.2.128", "d", 60},   {"223.255.255.255", "", 1}, {"2001:db8::", "a", 60},
    {"2001:db8:0:1::", "", 60}, {"2001:db8:0:3::", "", 60}, {0}};
static const struct list_row hostile[] = {{"192.0.2.1", "a\n203.0.113.9\n#$;\"'<\\", 60}, {0}};

static const struct {
  const char *list;
  const struct list_row *rows;
  const char *want;
  uint64_t count;
} rows[] = {
    {"ip4.txt", none, "", 0},
    {"ip6.txt", none, "", 0},
    {"cidr4.txt", none, "", 0},
    {"cidr6.txt", none, "", 0},
    {"ip4.txt", some, "192.0.2.1\n192.0.2.2\n192.0.2.3\n192.0.2.128\n223.255.255.255\n", 5},
    {"ip6.txt", some, "2001:db8::/64\n2001:db8:0:1::/64\n2001:db8:0:3::/64\n", 3},
    {"cidr4.txt", some, "192.0.2.1/32\n192.0.2.2/31\n192.0.2.128/32\n223.255.255.255/32\n", 4},
    {"cidr6.txt", some, "2001:db8::/63\n2001:db8:0:3::/64\n", 2},
    {"ip4.txt", hostile, "192.0.2.1\n", 1},
    {"cidr4.txt", hostile, "192.0.2.1/32\n", 1},
};

static bool refuse(void *sink, struct span text) {
  (void)text;
  (*(int *)sink)++;
  return false;
}

static void test_many(void) {
  const struct list_form *form = list_form(list_text_forms, "ip4.txt");
  size_t want = 0;
  bool right = true;
  list_start(form);
  for (uint32_t i = 0; i < 20000; i++) {
    struct listing_row l = {.ip = addr_from_ipv4(0x0a000000 + i * 3)};
    list_add(form, &list_text, &l);
  }
  struct span made = list_finish(form);
  for (uint32_t i = 0; i < 20000; i++) {
    char line[ADDR_TEXT_MAX + 1];
    struct addr ip = addr_from_ipv4(0x0a000000 + i * 3);
    size_t len = addr_format(line, &ip);
    line[len++] = '\n';
    right = right && want + len <= made.len && memcmp(made.s + want, line, len) == 0;
    want += len;
  }
  ok(right && want == made.len && want > 3 * LIST_BUFFER && list_text.count == 20000,
     "a list that is larger than the buffer");

  int refused = 0;
  list_start(form);
  list_text.write = refuse;
  list_text.sink = &refused;
  for (int i = 0; i < 20000; i++) list_add_row(form, &some[0]);
  ok(!list_end(form, &list_text) && refused == 1, "after a failed write nothing more is written");
}

int main(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const struct list_form *form = list_form(list_text_forms, rows[i].list);
    is_text(list_of(form, rows[i].rows), rows[i].want, "%s, row %zu", rows[i].list, i);
    ok(list_text.count == rows[i].count, "%s, row %zu: the count", rows[i].list, i);
  }
  for (const struct list_form *form = list_text_forms; form->name; form++) list_check_head(form);
  is_text(list_head(list_form(list_text_forms, "ip4.txt"), 12),
          "# sinbin: IPv4 addresses of spambots\n# serial 7\n# time 2026-11-29T19:20:00Z\n"
          "# count         12\n",
          "the head");
  const struct list_form limited = {.title = "x", .limit = 2};
  char head[LIST_HEAD_MAX];
  struct textbuf t;
  t = textbuf_of(head, sizeof head);
  list_comment_head(&limited, &list_info, 3, &t);
  is_text(span_of(head, t.len),
          "# sinbin: x\n# serial 7\n# time 2026-11-29T19:20:00Z\n# count          3\n"
          "# too many entries: none is in this file, since the limit is 2\n",
          "the head of a list with too many entries");
  ok(list_round_time(1199) == 600 && list_round_time(600) == 600 && list_round_time(-5) == 0,
     "times are rounded down to ten minutes");
  test_many();
  free(list_made);
  return done();
}
