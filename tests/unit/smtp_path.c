/* The argument of MAIL and RCPT. */
#include "smtp/path.h"
#include "tap.h"

static const struct {
  const char *argument;
  enum path_result result;
  const char *address, *parameters;
  bool brackets, odd_space;
} rows[] = {
    {"FROM:<a@b>", PATH_OK, "a@b", "", true, false},
    {"from:<a@b>", PATH_OK, "a@b", "", true, false},
    {"FROM:<>", PATH_OK, "", "", true, false},
    {"FROM: <a@b>", PATH_OK, "a@b", "", true, true},
    {"FROM:\t<a@b>", PATH_OK, "a@b", "", true, true},
    {"FROM:a@b", PATH_OK, "a@b", "", false, false},
    {"FROM: a@b", PATH_OK, "a@b", "", false, false},
    {"FROM:<a@b> SIZE=1 X", PATH_OK, "a@b", "SIZE=1 X", true, false},
    {"FROM:<a@b> ", PATH_OK, "a@b", "", true, false},
    {"FROM:a@b SIZE=1", PATH_OK, "a@b", "SIZE=1", false, false},
    {"FROM:<a@b>x", PATH_MALFORMED, "a@b", "x", true, false},
    {"FROM:<postmaster>", PATH_OK, "postmaster", "", true, false},
    {"FROM:<@r1,@r2:a@b>", PATH_OK, "a@b", "", true, false},
    {"FROM:<@r1:>", PATH_OK, "", "", true, false},
    {"FROM:<@r1>", PATH_MALFORMED, "@r1", "", true, false},
    {"FROM:<@b>", PATH_MALFORMED, "@b", "", true, false},
    {"FROM:<a@>", PATH_MALFORMED, "a@", "", true, false},
    {"FROM:<@>", PATH_MALFORMED, "@", "", true, false},
    {"FROM:<a@b", PATH_MALFORMED, "", "", true, false},
    {"FROM:<", PATH_MALFORMED, "", "", true, false},
    {"FROM:<a b@c>", PATH_MALFORMED, "a b@c", "", true, false},
    {"FROM:<a<b@c>", PATH_MALFORMED, "a<b@c", "", true, false},
    {"FROM:<a\x1f@c>", PATH_MALFORMED, "a\x1f@c", "", true, false},
    {"FROM:<a\x7f@c>", PATH_MALFORMED, "a\x7f@c", "", true, false},
    {"FROM:<a\xc3\xbc@c>", PATH_OK, "a\xc3\xbc@c", "", true, false},
    {"FROM:<\"a b\"@c>", PATH_OK, "\"a b\"@c", "", true, false},
    {"FROM:<\"a>b\"@c>", PATH_OK, "\"a>b\"@c", "", true, false},
    {"FROM:<\"a\\\">b\"@c>", PATH_OK, "\"a\\\">b\"@c", "", true, false},
    {"FROM:<\"a@c>", PATH_MALFORMED, "", "", true, false},
    {"FROM:", PATH_MISSING, "", "", false, false},
    {"FROM: ", PATH_MISSING, "", "", false, false},
    {"", PATH_NO_KEYWORD, "", "", false, false},
    {"FROM", PATH_NO_KEYWORD, "", "", false, false},
    {"TO:<a@b>", PATH_NO_KEYWORD, "", "", false, false},
    {"FROM <a@b>", PATH_NO_KEYWORD, "", "", false, false},
};

static const struct {
  const char *address;
  size_t at;
} ats[] = {{"a@b", 1},         {"a@b@c", 3}, {"\"a@b\"@c", 5}, {"\"a\\\"@b\"@c", 7},
           {"postmaster", 10}, {"\"a@b", 4}, {"@b", 0},        {"", 0}};

int main(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct path p = path_parse(span_str(rows[i].argument), "FROM:");
    ok(p.result == rows[i].result, "%s", rows[i].argument);
    is_text(p.address, rows[i].address, "%s: the address", rows[i].argument);
    is_text(p.parameters, rows[i].parameters, "%s: the parameters", rows[i].argument);
    ok(p.brackets == rows[i].brackets && p.odd_space == rows[i].odd_space, "%s: its marks",
       rows[i].argument);
  }
  for (size_t i = 0; i < sizeof ats / sizeof *ats; i++)
    ok(path_at(span_str(ats[i].address)) == ats[i].at, "%s: the @", ats[i].address);
  return done();
}
