/* Words that say what a list means: values, names of columns; and what an operator chooses. */
#include "rule/listconf.h"
#include "rule/meaning.h"
#include "tap.h"

/* p: lets through, r: refuses, k: only the kind of an address, -: none of them. */
static const struct {
  const char *value;
  char want;
} values[] = {
    {"OK", 'p'},
    {"ok", 'p'},
    {"permit", 'p'},
    {"DUNNO", 'p'},
    {"pass", 'p'},
    {"White", 'p'},
    {"allow", 'p'},
    {"ACCEPT", 'p'},
    {"whitelist", 'p'},
    {"delisted", 'p'},
    {"permit_mynetworks", 'p'},
    {"OK Telecom", '-'},
    {"Pass Networks", '-'},
    {"okay", '-'},
    {"passport", '-'},
    {"whitehall", '-'},
    {"", '-'},
    {"REJECT", 'r'},
    {"reject", 'r'},
    {"REJECT go away", 'r'},
    {"DISCARD", 'r'},
    {"block", 'r'},
    {"Blacklisted", 'r'},
    {"554 5.7.1 no", 'r'},
    {"450 later", 'r'},
    {"554", '-'},
    {"250 fine", '-'},
    {"reject go away", '-'},
    {"drop in", '-'},
    {"ipv4", 'k'},
    {"IPv6", 'k'},
    {"cidr", 'k'},
    {"ipv5", '-'},
    {"AU", '-'},
    {"127.0.0.2", '-'},
};

static void test_values(void) {
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    struct span value = span_str(values[i].value);
    char got = '-';
    if (meaning_permits(value)) got = 'p';
    else if (meaning_refuses(value)) got = 'r';
    else if (meaning_is_kind(value)) got = 'k';
    ok(got == values[i].want, "the value \"%s\": %c", values[i].value, got);
  }
}

static const struct {
  const char *first, *second;
  bool want;
} ranges[] = {
    {"start", "end", true},
    {"Start", "End", true},
    {"first", "last", true},
    {"from", "to", true},
    {"ip_from", "ip_to", true},
    {"ipFrom", "ipTo", true},
    {"IPStart", "IPEnd", true},
    {"startip", "endip", true},
    {"ipstart", "ipend", true},
    {"First address", "Last address", true},
    {"range_start", "range_end", true},
    {"low", "high", true},
    {"src", "dst", false},
    {"source", "destination", false},
    {"start", "country", false},
    {"end", "start", false},
    {"restart", "weekend", false},
    {"ip", "total", false},
    {"ip", "netmask", false},
    {"", "", false},
};

static void test_names(void) {
  static const char *const actions[] = {"action", "Type", "VERDICT", "policy", "status"};
  static const char *const others[] = {"country", "typed", "threat", "ip", "", "subtype"};
  for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
    ok(meaning_is_range(span_str(ranges[i].first), span_str(ranges[i].second)) == ranges[i].want,
       "the columns \"%s\" and \"%s\" are %s range", ranges[i].first, ranges[i].second,
       ranges[i].want ? "a" : "no");
  for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
    ok(meaning_is_action(span_str(actions[i])), "%s names an action", actions[i]);
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    ok(!meaning_is_action(span_str(others[i])), "\"%s\" names none", others[i]);
}

static const struct {
  const char *words, *value;
  bool want;
} choices[] = {
    {"127.0.0.2", "127.0.0.2", true},
    {"127.0.0.2", "127.0.0.20", false},
    {"a b", "B", true},
    {"554", "554 5.7.1 no", true},
    {"554", "5545", false},
    {"0-127", "0", true},
    {"0-127", "127", true},
    {"0-127", "128", false},
    {"0-127", "x", false},
    {"0-127", "", false},
    {"3-1", "2", false},
    {"*", "anything", true},
    {"*", "", true},
    {"a*", "abc", false},
};

static void test_choices(void) {
  for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
    struct listconf conf = {.values = span_str(choices[i].words)};
    ok(listconf_chooses(&conf, span_str(choices[i].value)) == choices[i].want,
       "`value %s` %s \"%s\"", choices[i].words, choices[i].want ? "chooses" : "does not choose",
       choices[i].value);
  }
}

static void test_wide(void) {
  struct listconf some = {.wide = SPAN_LITERAL("240.0.0.0/4 2002::/16")};
  struct listconf all = {.wide = SPAN_LITERAL("all")};
  static const struct {
    const char *entry;
    bool some;
  } entries[] = {{"240.0.0.0/4", true},
                 {"240.0.0.0-255.255.255.255", true},
                 {"2002::/16", true},
                 {"240.0.0.0/5", false},
                 {"224.0.0.0/4", false}};
  for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
    struct prefix p;
    const char *reason;
    ok(prefix_parse(span_str(entries[i].entry), &p, &reason), "%s is an entry", entries[i].entry);
    ok(listconf_allows(&some, &p) == entries[i].some, "%s is %s", entries[i].entry,
       entries[i].some ? "allowed" : "not allowed");
    ok(listconf_allows(&all, &p) && !listconf_allows(NULL, &p), "%s: by `all`, and by nothing",
       entries[i].entry);
  }
}

static void test_file_names(void) {
  static const struct {
    const char *file, *want;
  } files[] = {{"dynamic", "dynamic.conf"},
               {"tables.d/drop.8.sure.gz", "tables.d/drop.conf"},
               {"tables.d/x.1", "tables.d/x.conf"}};
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    char name[LISTCONF_NAME_MAX + 1];
    listconf_name(name, files[i].file);
    is_text(span_str(name), files[i].want, "what the operator says of %s", files[i].file);
  }
}

int main(void) {
  test_values();
  test_names();
  test_choices();
  test_wide();
  test_file_names();
  return done();
}
