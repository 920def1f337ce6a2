#include "smtp/firstline.h"
#include "smtp/command.h"

static bool has_digit_after(struct span s, const char *prefix) {
  size_t n = strlen(prefix);
  return span_starts_nocase(s, prefix) && s.len > n && ascii_is_digit((unsigned char)s.s[n]);
}

static struct span last_word(struct span line) {
  size_t at;
  line = span_trim(line);
  at = line.len;
  while (at && line.s[at - 1] != ' ') at--;
  return span_from(line, at);
}

static bool is_http(struct span line) {
  static const char *const methods[] = {"GET ",     "POST ",    "PUT ",   "HEAD ", "DELETE ",
                                        "OPTIONS ", "CONNECT ", "PATCH ", "TRACE "};
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
    if (span_starts_nocase(line, methods[i])) return true;
  return has_digit_after(last_word(line), "HTTP/");
}

/* A record of the handshake, or a hello in the form of SSL 2 (RFC 5246, E.2). */
bool firstline_is_tls(struct span line) {
  if (line.len > 1 && line.s[0] == 0x16 && line.s[1] == 0x03) return true;
  return line.len > 3 && (unsigned char)line.s[0] >= 0x80 && line.s[2] == 1 &&
         (unsigned char)line.s[3] <= 3;
}

/* The first bytes of binary protocols. */
static const char *binary_kind(unsigned char first, unsigned char second) {
  if (first == 0x03 && second == 0x00) return "rdp"; /* TPKT, RFC 1006 */
  if (first == 0xff) return "telnet";                /* IAC, RFC 854 */
  if (first == 0x04 || first == 0x05) return "socks";
  return "other";
}

const char *firstline_kind(struct span line, bool nul) {
  line = command_without_mark(line);
  if (line.len == 0 || command_parse(line).command != COMMAND_UNKNOWN) return NULL;
  if (span_starts_nocase(line, "PRI * HTTP/2")) return "http2";
  if (is_http(line)) return "http";
  if (has_digit_after(line, "SSH-")) return "ssh";
  unsigned char first = (unsigned char)line.s[0];
  if (firstline_is_tls(line)) return "tls";
  if (!ascii_is_letter(first))
    return binary_kind(first, line.len > 1 ? (unsigned char)line.s[1] : 0xff);
  return nul ? "other" : NULL;
}
