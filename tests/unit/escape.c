/* Percent encoding: what it lets through, how it is cut, and that it comes back. */
#include "base/escape.h"
#include "tap.h"

struct row {
  struct span raw;
  enum escape_where where;
  const char *text;
};

static const struct row rows[] = {
    {SPAN_LITERAL(""), ESCAPE_VALUE, ""},
    {SPAN_LITERAL("mail.example"), ESCAPE_VALUE, "mail.example"},
    {SPAN_LITERAL("a b"), ESCAPE_VALUE, "a%20b"},
    {SPAN_LITERAL("100%"), ESCAPE_VALUE, "100%25"},
    {SPAN_LITERAL("a,b"), ESCAPE_VALUE, "a,b"},
    {SPAN_LITERAL("a,b"), ESCAPE_ELEMENT, "a%2Cb"},
    {SPAN_LITERAL("\0\r\n\t\x1b[2J\x7f\x80\xff"), ESCAPE_VALUE, "%00%0D%0A%09%1B[2J%7F%80%FF"},
};

static const char *const malformed[] = {"%", "%4", "a%", "%4g", "%g4", "%%41", "% 1"};

static void test_all_bytes(void) {
  char raw[256], text[768], back[256];
  size_t used, len = 0;
  for (size_t i = 0; i < sizeof raw; i++) raw[i] = (char)i;
  size_t n = escape_put(text, sizeof text, span_of(raw, sizeof raw), ESCAPE_ELEMENT, &used);
  bool clean = used == sizeof raw;
  for (size_t i = 0; i < n; i++)
    clean = clean && text[i] > 0x20 && text[i] < 0x7f && text[i] != ',';
  ok(clean, "all 256 bytes leave as printable ASCII without space and comma");
  ok(escape_get(back, sizeof back, span_of(text, n), &len) && len == sizeof raw &&
         memcmp(back, raw, len) == 0,
     "and come back");
  ok(escape_is_whole(span_of(text, n)), "whole");
  ok(!escape_get(back, sizeof back - 1, span_of(text, n), &len), "too small a buffer is refused");
}

int main(void) {
  char text[64];
  size_t used, len;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    size_t n = escape_put(text, sizeof text, rows[i].raw, rows[i].where, &used);
    is_text(span_of(text, n), rows[i].text, "row %zu", i);
    ok(used == rows[i].raw.len, "row %zu is whole", i);
  }
  for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++)
    ok(!escape_get(text, sizeof text, span_str(malformed[i]), &len) &&
           !escape_is_whole(span_str(malformed[i])),
       "\"%s\" is refused", malformed[i]);
  ok(!escape_is_whole(span_of("%41", 2)) && escape_is_whole(span_of("%41%", 3)),
     "what lies behind the text is not looked at");
  ok(escape_get(text, sizeof text, span_str("%2c%2C"), &len) && len == 2, "either case is read");
  is_text(span_of(text, escape_put(text, 5, span_str("ab c"), ESCAPE_VALUE, &used)), "ab%20",
          "a cut falls between bytes");
  ok(used == 3, "and says how much it took");
  is_text(span_of(text, escape_put(text, 4, span_str("ab c"), ESCAPE_VALUE, &used)), "ab",
          "never within one");
  test_all_bytes();
  return done();
}
