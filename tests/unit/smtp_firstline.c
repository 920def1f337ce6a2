/* The protocol of the first line of a connection, if it is not SMTP. */
#include "smtp/linebuffer.h"
#include "smtp/firstline.h"
#include "tap.h"

#define BYTES(s) s, sizeof(s) - 1

static const struct {
  const char *name, *bytes;
  size_t len;
  const char *want; /* NULL: SMTP, or possibly SMTP */
} rows[] = {
    {"nothing", BYTES(""), NULL},
    {"blanks", BYTES(" \t\0\r"), NULL},
    {"EHLO", BYTES("EHLO h"), NULL},
    {"ehlo", BYTES("ehlo h"), NULL},
    {"EHLO alone", BYTES("EHLO"), NULL},
    {"every other command", BYTES("TURN"), NULL},
    {"after blanks and NULs", BYTES(" \0\t EHLO h"), NULL},
    {"with a NUL in its argument", BYTES("EHLO a\0b"), NULL},
    {"with HTTP in it", BYTES("EHLO HTTP/1.1"), NULL},
    {"a NUL in the verb", BYTES("EH\0LO h"), "other"},
    {"a NUL before an unknown word", BYTES("\0x"), "other"},
    {"an unknown word", BYTES("x"), NULL},
    {"a word with a digit", BYTES("x1"), NULL},
    {"a byte order mark before EHLO",
     BYTES("\xef\xbb\xbf"
           "EHLO h"),
     NULL},
    {"a byte order mark alone", BYTES("\xef\xbb\xbf"), NULL},
    {"half of one",
     BYTES("\xef\xbb"
           "EHLO h"),
     "other"},
    {"a byte order mark before GET",
     BYTES("\xef\xbb\xbf"
           "GET /"),
     "http"},
    {"GET", BYTES("GET / HTTP/1.1"), "http"},
    {"get", BYTES("get / http/1.1"), "http"},
    {"GET without a version", BYTES("GET /"), "http"},
    {"GET and a blank", BYTES("GET "), "http"},
    {"GET alone", BYTES("GET"), NULL},
    {"GETTER", BYTES("GETTER x"), NULL},
    {"POST", BYTES("POST / HTTP/1.0"), "http"},
    {"CONNECT", BYTES("CONNECT a:25 HTTP/1.0"), "http"},
    {"OPTIONS of another protocol", BYTES("OPTIONS / RTSP/1.0"), "http"},
    {"an unknown method", BYTES("PROPFIND / HTTP/1.1"), "http"},
    {"a version of nothing", BYTES("PROPFIND / HTTP/"), NULL},
    {"a version that is not last", BYTES("FOO HTTP/1.1 x"), NULL},
    {"a word that ends so", BYTES("FOO xHTTP/1.1"), NULL},
    {"a preface of HTTP/2", BYTES("PRI * HTTP/2.0"), "http2"},
    {"of another version", BYTES("PRI * HTTP/1.1"), "http"},
    {"PRI", BYTES("PRI x"), NULL},
    {"SSH", BYTES("SSH-2.0-Go"), "ssh"},
    {"an older one", BYTES("SSH-1.99-x"), "ssh"},
    {"SSH without a version", BYTES("SSH-"), NULL},
    {"SSH-x", BYTES("SSH-x"), NULL},
    {"SSH", BYTES("SSH"), NULL},
    {"TLS", BYTES("\x16\x03\x01\x02\0"), "tls"},
    {"two bytes of it", BYTES("\x16\x03"), "tls"},
    {"one byte", BYTES("\x16"), "other"},
    {"another record", BYTES("\x17\x03"), "other"},
    {"0x16 and something else", BYTES("\x16\x02"), "other"},
    {"RDP", BYTES("\x03\0\0\x13"), "rdp"},
    {"two bytes of it", BYTES("\x03\0"), "rdp"},
    {"one byte", BYTES("\x03"), "other"},
    {"3 and something else", BYTES("\x03\x01"), "other"},
    {"telnet", BYTES("\xff\xfb\x01"), "telnet"},
    {"one byte", BYTES("\xff"), "telnet"},
    {"0xfe", BYTES("\xfe\xfb"), "other"},
    {"SOCKS 4", BYTES("\x04\x01"), "socks"},
    {"SOCKS 5", BYTES("\x05\x01\0"), "socks"},
    {"6", BYTES("\x06\x01\0"), "other"},
    {"a digit", BYTES("1"), "other"},
    {"a hyphen", BYTES("-x"), "other"},
    {"a brace", BYTES("{\"a\":1}"), "other"},
    {"a byte above ASCII", BYTES("\x80\x01"), "other"},
    {"@ and [ are no letters", BYTES("[x"), "other"},
};

int main(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    static struct linebuffer line;
    line = (struct linebuffer){.len = 0};
    for (size_t n = 0; n < rows[i].len; n++) linebuffer_byte(&line, rows[i].bytes[n]);
    const char *got = firstline_kind(linebuffer_line(&line), line.nul);
    if (rows[i].want) is_text(span_str(got ? got : "none"), rows[i].want, "%s", rows[i].name);
    else ok(got == NULL, "%s", rows[i].name);
    ok(!got || strlen(got) <= FIRSTLINE_TEXT_MAX, "%s: bounded", rows[i].name);
  }
  return done();
}
