#include "accept/counters.h"
#include "base/number.h"
#include "line/field.h"

static const char *const counter_names[COUNTERS] = {
    [COUNTER_ACCEPTED] = "accepted", [COUNTER_STARTED] = "started",
    [COUNTER_TOTAL] = "total",       [COUNTER_IPV4] = "ipv4",
    [COUNTER_NET64] = "net64",       [COUNTER_RATE] = "rate",
    [COUNTER_NETWORK] = "network",   [COUNTER_NETWORK_MINUTE] = "netminute",
    [COUNTER_MINUTE] = "minute",     [COUNTER_QUEUE] = "queue",
    [COUNTER_WAITING] = "waiting",   [COUNTER_DENIED] = "denied",
    [COUNTER_PROXY] = "proxy",       [COUNTER_RULES] = "rules",
    [COUNTER_FORK] = "fork",         [COUNTER_GONE] = "gone",
    [COUNTER_PAUSE] = "pause",       [COUNTER_LOST] = "lost",
    [COUNTER_UNLOGGED] = "unlogged", [COUNTER_STALLED] = "stalled",
};

size_t counters_format(const struct counters *sheet, const struct peertable_state *peertable,
                       char *buf) {
  struct fieldwriter out;
  fieldwriter_init(&out, buf, COUNTER_TEXT_MAX);
  fieldwriter_kind(&out, "status1");
  fieldwriter_number(&out, "held", peertable->live);
  fieldwriter_number(&out, "peak", peertable->peak);
  fieldwriter_number(&out, "stress", peertable->stress);
  for (size_t i = 0; i < COUNTERS; i++) fieldwriter_number(&out, counter_names[i], sheet->count[i]);
  return out.len;
}

enum counter counter_of(enum admission answer) {
  switch (answer) {
  case REFUSED_IPV4: return COUNTER_IPV4;
  case REFUSED_NET64: return COUNTER_NET64;
  case REFUSED_RATE: return COUNTER_RATE;
  case REFUSED_TOTAL: return COUNTER_TOTAL;
  case PEERTABLE_NETWORK: return COUNTER_NETWORK;
  case PEERTABLE_NETWORK_MINUTE: return COUNTER_NETWORK_MINUTE;
  case PEERTABLE_MINUTE: return COUNTER_MINUTE;
  case ADMITTED: break;
  }
  return COUNTER_STARTED;
}

struct span refusal_reply(enum counter reason) {
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
  case COUNTER_TOTAL:
  case COUNTER_RATE:
  case COUNTER_MINUTE:
  case COUNTER_WAITING: return busy;
  case COUNTER_NETWORK:
  case COUNTER_NETWORK_MINUTE: return network;
  case COUNTER_IPV4:
  case COUNTER_NET64: return yours;
  case COUNTER_QUEUE:
  case COUNTER_RULES:
  case COUNTER_FORK: return fault;
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
  struct fieldwriter out;
  fieldwriter_init(&out, buf, LOST_TEXT_MAX);
  fieldwriter_kind(&out, "lost1");
  fieldwriter_ms(&out, "at", (uint64_t)lost->at_ms);
  fieldwriter_addr(&out, "peer", &lost->peer);
  fieldwriter_number(&out, "pport", lost->pport);
  fieldwriter_number(&out, "ms", (uint64_t)lost->lived_ms);
  fieldwriter_text(&out, "status", span_of(status, format_status(status, lost->status)));
  return out.len;
}
