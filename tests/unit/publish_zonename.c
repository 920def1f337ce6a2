#include "publish/zonename.h"
#include "tap.h"

static void test_zone_names(void) {
  static const struct {
    const char *name;
    bool want;
  } rows[] = {{"bl.example", true},
              {"example", true},
              {"b-l.example", true},
              {"1.example", true},
              {"", false},
              {".", false},
              {"bl..example", false},
              {"bl.example.", false},
              {"-bl.example", false},
              {"bl_x.example", false},
              {"bl example", false},
              {"bl.example:x", false},
              {"a\nb", false}};
  char label[65], name[256];
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    ok(zonename_is_valid(span_str(rows[i].name)) == rows[i].want, "zone name %zu is %svalid", i,
       rows[i].want ? "" : "not ");
  memset(label, 'a', sizeof label);
  ok(zonename_is_valid(span_of(label, 63)), "a label of 63 bytes");
  ok(!zonename_is_valid(span_of(label, 64)), "a label of 64 bytes");
  for (size_t i = 0; i < sizeof name; i++) name[i] = i % 2 ? '.' : 'a';
  ok(zonename_is_valid(span_of(name, 253)), "a name of 253 bytes");
  ok(!zonename_is_valid(span_of(name, 255)), "a name of 255 bytes");
}

static void test_lists(void) {
  static const struct {
    const char *names;
    size_t min, max;
    bool want;
  } rows[] = {{"a.example", 1, 8, true}, {"a.example b.example", 1, 2, true},
              {"a b", 2, 2, true},       {"a b c", 1, 2, false},
              {"a", 2, 2, false},        {"", 0, 2, false},
              {"a ", 1, 2, false},       {" a", 1, 2, false},
              {"a  b", 1, 8, false},     {"a b..c", 1, 8, false},
              {"a..c b", 1, 8, false},   {"a\tb", 1, 8, false}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    ok(zonename_list_is_valid(span_str(rows[i].names), rows[i].min, rows[i].max) == rows[i].want,
       "'%s' is %s list of %zu to %zu names", rows[i].names, rows[i].want ? "a" : "no", rows[i].min,
       rows[i].max);
}

int main(void) {
  test_zone_names();
  test_lists();
  return done();
}
