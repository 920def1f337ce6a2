/* The end of a message: CRLF.CRLF and nothing else. */
#include "smtp/dataend.h"
#include "tap.h"

static const struct {
  const char *bytes;
  bool crlf; /* DATA ended in CRLF */
  int want;  /* number of bytes up to the end, the last one included; -1: no end */
} rows[] = {
    {"x\r\n.\r\n", true, 6},     {"x\r\n\r\n.\r\n", true, 8},
    {".\r\n", true, 3},          {".\r\n", false, -1},
    {"\r\n.\r\n", false, 5},     {".\n", true, -1},
    {"\n.\n", true, -1},         {"\n.\r\n", true, -1},
    {"\r\n.\n", true, -1},       {"\r\n.\r", true, -1},
    {"\r.\r", true, -1},         {"\r.\r\n", true, -1},
    {"\r\n.\r\r\n", true, -1},   {"\r\r\n.\r\n", true, 6},
    {"\r\n..\r\n", true, -1},    {"\r\n.\r\n.\r\n", true, 5},
    {"x.\r\n", true, -1},        {"\r\n. \r\n", true, -1},
    {"\r\n .\r\n", true, -1},    {"\r\n.x\r\n.\r\n", true, 9},
    {".\r.\r\n", true, -1},      {".\r\r\n.\r\n", true, 7},
    {"\r\n.\n.\r\n", true, -1},  {"\n\r\n.\r\n", true, 6},
    {"\r\n.\r\x0b\n", true, -1}, {"", true, -1},
};

int main(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    enum dataend state = dataend_begin(rows[i].crlf);
    int got = -1;
    for (int n = 0; got == -1 && rows[i].bytes[n]; n++)
      if (dataend_byte(&state, rows[i].bytes[n])) got = n + 1;
    ok(got == rows[i].want, "row %zu: %d", i, got);
  }
  return done();
}
