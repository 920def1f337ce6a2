#include "sys/ucspi.h"
#include "sys/env.h"

static bool read_ip(const char *name, struct addr *ip, bool *there, const char **bad) {
  const char *text = env_text(name, NULL);
  *there = text != NULL;
  *bad = name;
  return !text || addr_parse(span_str(text), ip);
}

static bool read_port(const char *name, uint16_t *port, const char **bad) {
  uint64_t number = 0;
  const char *text = env_text(name, NULL);
  *bad = name;
  if (text && !number_parse(span_str(text), 65535, &number)) return false;
  *port = (uint16_t)number;
  return true;
}

enum ucspi_result ucspi_read(struct ucspi *out, const char **bad) {
  bool has_peer;
  *out = (struct ucspi){.has_local = false};
  *bad = "PROTO";
  if (!span_starts_nocase(span_str(env_text("PROTO", "TCP")), "TCP")) return UCSPI_MALFORMED;
  if (!read_ip("TCPREMOTEIP", &out->peer.ip, &has_peer, bad)) return UCSPI_MALFORMED;
  if (!has_peer) return UCSPI_MISSING;
  bool well_formed = read_port("TCPREMOTEPORT", &out->peer.port, bad) &&
                     read_ip("TCPLOCALIP", &out->local.ip, &out->has_local, bad) &&
                     read_port("TCPLOCALPORT", &out->local.port, bad);
  return well_formed ? UCSPI_OK : UCSPI_MALFORMED;
}
