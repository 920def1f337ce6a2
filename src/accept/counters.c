#include "accept/counters.h"
#include "line/field.h"

/* clang-format off */
static const char *const counter_names[COUNTERS] = {
    [COUNTER_ACCEPTED]       = "accepted",
    [COUNTER_STARTED]        = "started",
    [COUNTER_TOTAL]          = "total",
    [COUNTER_IPV4]           = "ipv4",
    [COUNTER_NET64]          = "net64",
    [COUNTER_RATE]           = "rate",
    [COUNTER_NETWORK]        = "network",
    [COUNTER_NETWORK_MINUTE] = "netminute",
    [COUNTER_MINUTE]         = "minute",
    [COUNTER_QUEUE]          = "queue",
    [COUNTER_WAITING]        = "waiting",
    [COUNTER_DENIED]         = "denied",
    [COUNTER_PROXY]          = "proxy",
    [COUNTER_RULES]          = "rules",
    [COUNTER_FORK]           = "fork",
    [COUNTER_GONE]           = "gone",
    [COUNTER_PAUSE]          = "pause",
    [COUNTER_STALLED]        = "stalled",
    [COUNTER_LOST]           = "lost",
    [COUNTER_UNLOGGED]       = "unlogged",
};
/* clang-format on */

size_t counters_format(const struct counters *counters, const struct peertable_state *peertable,
                       char *buf) {
  struct fieldwriter out;
  fieldwriter_init(&out, buf, COUNTERS_TEXT_MAX);
  fieldwriter_kind(&out, "status1");
  fieldwriter_number(&out, "held", peertable->live);
  fieldwriter_number(&out, "peak", peertable->peak);
  fieldwriter_number(&out, "stress", peertable->stress);
  for (size_t i = 0; i < COUNTERS; i++)
    fieldwriter_number(&out, counter_names[i], counters->count[i]);
  return out.len;
}

enum counter counters_of_admission(enum admission admission) {
  switch (admission) {
  case REFUSED_IPV4: return COUNTER_IPV4;
  case REFUSED_NET64: return COUNTER_NET64;
  case REFUSED_RATE: return COUNTER_RATE;
  case REFUSED_TOTAL: return COUNTER_TOTAL;
  case REFUSED_NETWORK: return COUNTER_NETWORK;
  case REFUSED_NETWORK_MINUTE: return COUNTER_NETWORK_MINUTE;
  case REFUSED_MINUTE: return COUNTER_MINUTE;
  case ADMITTED: break;
  }
  return COUNTER_STARTED;
}

struct span counters_reply(enum counter reason) {
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
