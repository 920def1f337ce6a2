/* Dates for people, both ways. */
#include "base/utc.h"
#include "tap.h"

static const struct {
  int64_t seconds;
  const char *text;
} dates[] = {
    {0, "1970-01-01T00:00:00Z"},          {951782400, "2000-02-29T00:00:00Z"},
    {1764000000, "2025-11-24T16:00:00Z"}, {4107542399, "2100-02-28T23:59:59Z"},
    {4107542400, "2100-03-01T00:00:00Z"}, {253402300799, "9999-12-31T23:59:59Z"},
};

static const char *const malformed[] = {
    "",
    "2025-11-24",
    "2025-11-24T16:00:00",
    "2025-11-24T16:00:00z",
    "2025-11-24 16:00:00Z",
    "2025-11-24T16:00:00ZZ",
    "2025-02-29T00:00:00Z",
    "2025-13-01T00:00:00Z",
    "2025-00-01T00:00:00Z",
    "2025-11-31T00:00:00Z",
    "2025-11-24T24:00:00Z",
    "2025-11-24T16:60:00Z",
    "2025-11-24T16:00:60Z",
    "1969-12-31T23:59:59Z",
    "+025-11-24T16:00:00Z",
    "2025-11-24T16:00:0 Z",
    "2025/11/24T16:00:00Z",
};

int main(void) {
  char text[UTC_TEXT + 1];
  int64_t seconds;
  for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
    is_text(span_str(utc_format(text, dates[i].seconds)), dates[i].text, "%s", dates[i].text);
    seconds = -1;
    ok(utc_parse(span_str(dates[i].text), &seconds) && seconds == dates[i].seconds, "and back");
  }
  for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++)
    ok(!utc_parse(span_str(malformed[i]), &seconds), "refused: %s", malformed[i]);
  is_text(span_str(utc_format(text, -1)), "-", "before 1970");
  is_text(span_str(utc_format(text, INT64_MAX)), "-", "after 9999");
  is_text(span_str(utc_format(text, INT64_MIN)), "-", "the least number");
  return done();
}
