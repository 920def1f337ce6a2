/* Numbers as text: every well-formed row has malformed neighbours. */
#include "base/number.h"
#include "tap.h"

struct row {
  const char *input;
  uint64_t max;
  bool want;
  uint64_t value;
};

static const struct row plain[] = {
    {"0", 9, true, 0},
    {"7", 7, true, 7},
    {"8", 7, false, 0},
    {"007", 7, true, 7},
    {"", 7, false, 0},
    {" 7", 7, false, 0},
    {"7 ", 7, false, 0},
    {"+7", 7, false, 0},
    {"-7", 7, false, 0},
    {"0x7", 7, false, 0},
    {"7.", 7, false, 0},
    {"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
    {"18446744073709551616", UINT64_MAX, false, 0},
    {"99999999999999999999999", UINT64_MAX, false, 0},
};

static const struct row canonical[] = {
    {"0", 9, true, 0},   {"10", 10, true, 10}, {"00", 9, false, 0},
    {"01", 9, false, 0}, {"", 9, false, 0},
};

static const struct row seconds[] = {
    {"8", 25000, true, 8000},
    {"0.25", 25000, true, 250},
    {"0.001", 25000, true, 1},
    {"14.023", 25000, true, 14023},
    {"25", 25000, true, 25000},
    {"25.001", 25000, false, 0},
    {"0.0001", 25000, false, 0},
    {".5", 25000, false, 0},
    {"5.", 25000, false, 0},
    {"1.2.3", 25000, false, 0},
    {"-1", 25000, false, 0},
    {"1e3", 25000, false, 0},
    {"18446744073709551615", UINT64_MAX, false, 0},
};

typedef bool parser(struct span, uint64_t, uint64_t *);

static void run(const char *what, parser *parse, const struct row *rows, size_t n) {
  for (size_t i = 0; i < n; i++) {
    uint64_t got = 4242;
    bool fine = parse(span_str(rows[i].input), rows[i].max, &got);
    ok(fine == rows[i].want && got == (fine ? rows[i].value : 4242), "%s \"%s\"", what,
       rows[i].input);
  }
}

struct signed_row {
  const char *input;
  bool want;
  int64_t value;
};

static const struct signed_row with_sign[] = {
    {"-99", true, -99}, {"999", true, 999}, {"-0", true, 0},   {"-100", false, 0},
    {"1000", false, 0}, {"-", false, 0},    {"--1", false, 0}, {"", false, 0},
};

struct format_row {
  uint64_t value;
  const char *plain, *ms;
};

static const struct format_row formats[] = {
    {0, "0", "0.000"},
    {1, "1", "0.001"},
    {14023, "14023", "14.023"},
    {1764000000123, "1764000000123", "1764000000.123"},
    {UINT64_MAX, "18446744073709551615", "18446744073709551.615"},
};

int main(void) {
  char out[NUMBER_MAX];
  uint64_t hex = 0;
  run("number", number_parse, plain, sizeof plain / sizeof *plain);
  run("canonical", number_canonical, canonical, sizeof canonical / sizeof *canonical);
  run("seconds", number_parse_ms, seconds, sizeof seconds / sizeof *seconds);
  for (size_t i = 0; i < sizeof with_sign / sizeof *with_sign; i++) {
    int64_t got = 4242;
    bool fine = number_parse_signed(span_str(with_sign[i].input), -99, 999, &got);
    ok(fine == with_sign[i].want && got == (fine ? with_sign[i].value : 4242), "signed \"%s\"",
       with_sign[i].input);
  }
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
    is_text(span_of(out, number_format(out, formats[i].value)), formats[i].plain, "format %s",
            formats[i].plain);
    is_text(span_of(out, number_format_ms(out, formats[i].value)), formats[i].ms, "format %s",
            formats[i].ms);
  }
  ok(number_parse_hex(span_str("00c0ffee"), 8, &hex) && hex == 0xc0ffee, "hex");
  ok(!number_parse_hex(span_str("00C0FFEE"), 8, &hex), "hex in upper case is refused");
  ok(!number_parse_hex(span_str("0c0ffee"), 8, &hex), "hex of the wrong length is refused");
  is_text(span_of(out, number_format_hex(out, 0xc0ffee, 8)), "00c0ffee", "format hex");
  return done();
}
