#include "accept/tally.h"
#include "base/number.h"
#include "line/field.h"

static const char *const tally_names[TALLY_COUNT] = {
    [TALLY_ACCEPTED] = "accepted", [TALLY_STARTED] = "started",
    [TALLY_TOTAL] = "total",       [TALLY_IPV4] = "ipv4",
    [TALLY_NET64] = "net64",       [TALLY_RATE] = "rate",
    [TALLY_NETWORK] = "network",   [TALLY_NETWORK_MINUTE] = "netminute",
    [TALLY_MINUTE] = "minute",     [TALLY_QUEUE] = "queue",
    [TALLY_WAITING] = "waiting",   [TALLY_DENIED] = "denied",
    [TALLY_PROXY] = "proxy",       [TALLY_RULES] = "rules",
    [TALLY_FORK] = "fork",         [TALLY_GONE] = "gone",
    [TALLY_PAUSE] = "pause",       [TALLY_LOST] = "lost",
    [TALLY_UNLOGGED] = "unlogged", [TALLY_STALLED] = "stalled",
};

size_t tally_status(const struct tally_sheet *sheet, const struct crowd_state *crowd, char *buf) {
  struct lineout out;
  lineout_init(&out, buf, TALLY_TEXT_MAX);
  lineout_kind(&out, "status1");
  lineout_number(&out, "held", crowd->live);
  lineout_number(&out, "peak", crowd->peak);
  lineout_number(&out, "stress", crowd->stress);
  for (size_t i = 0; i < TALLY_COUNT; i++) lineout_number(&out, tally_names[i], sheet->count[i]);
  return out.len;
}

enum tally tally_of(enum crowd_answer answer) {
  switch (answer) {
  case CROWD_IPV4: return TALLY_IPV4;
  case CROWD_NET64: return TALLY_NET64;
  case CROWD_RATE: return TALLY_RATE;
  case CROWD_TOTAL: return TALLY_TOTAL;
  case CROWD_NETWORK: return TALLY_NETWORK;
  case CROWD_NETWORK_MINUTE: return TALLY_NETWORK_MINUTE;
  case CROWD_MINUTE: return TALLY_MINUTE;
  case CROWD_WELCOME: break;
  }
  return TALLY_STARTED;
}

struct span tally_refusal(enum tally reason) {
  static const struct span busy =
      SPAN_LITERAL("421 4.7.0 Too many connections, try again later\r\n");
  static const struct span yours =
      SPAN_LITERAL("421 4.7.0 Too many connections from your address, try again later\r\n");
  static const struct span network =
      SPAN_LITERAL("421 4.7.0 Too many connections from your network, try again later\r\n");
  static const struct span fault =
      SPAN_LITERAL("421 4.7.0 Service not available, try again later\r\n");
  static const struct span nothing = {"", 0};
  switch (reason) {
  case TALLY_TOTAL:
  case TALLY_RATE:
  case TALLY_MINUTE:
  case TALLY_WAITING: return busy;
  case TALLY_NETWORK:
  case TALLY_NETWORK_MINUTE: return network;
  case TALLY_IPV4:
  case TALLY_NET64: return yours;
  case TALLY_QUEUE:
  case TALLY_RULES:
  case TALLY_FORK: return fault;
  default: return nothing;
  }
}

static size_t format_status(char *out, int status) {
  const char *how = status < 0 ? "signal:" : "exit:";
  size_t len = strlen(how);
  memcpy(out, how, len);
  return len + number_format(out + len, (uint64_t)(status < 0 ? -status : status));
}

size_t lost_format(const struct lost *lost, char *buf) {
  char status[8 + NUMBER_MAX];
  struct lineout out;
  lineout_init(&out, buf, LOST_TEXT_MAX);
  lineout_kind(&out, "lost1");
  lineout_ms(&out, "at", (uint64_t)lost->at_ms);
  lineout_addr(&out, "peer", &lost->peer);
  lineout_number(&out, "pport", lost->pport);
  lineout_number(&out, "ms", (uint64_t)lost->lived_ms);
  lineout_text(&out, "status", span_of(status, format_status(status, lost->status)));
  return out.len;
}
