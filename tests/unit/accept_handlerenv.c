/* The handler's environment, as one string a row. */
#include "accept/handlerenv.h"
#include "tap.h"

static const char *const own[] = {"PATH=/bin",     "TCPREMOTEIP=stale", "PROTO=stale",
                                  "LISTEN_FDS=1",  "NOTIFY_SOCKET=/x",  "STRESS=1",
                                  "X=mine",        "SINBIN_PEER=env",   "TCPREMOTEHOST=stale",
                                  "NOTIFY_FD=3",   "WATCHDOG_USEC=1",   "XY=mine",
                                  "TCP6LOCALIP=x", "PEERS=9",           NULL};

#define FACTS                                                                                    \
  "PROTO=TCP TCPREMOTEIP=192.0.2.7 TCPREMOTEPORT=40112 TCPLOCALIP=198.51.100.5 TCPLOCALPORT=25 " \
  "PEERS=2 RECENT=3"

static const struct {
  const char *name;
  bool stress, proxied;
  struct peerrule rule;
  const char *want;
} rows[] = {
    {"plain", false, false, {.count = 0}, FACTS " PATH=/bin X=mine XY=mine"},
    {"stress", true, false, {.count = 0}, "STRESS=1 " FACTS " PATH=/bin X=mine XY=mine"},
    {"by a proxy", false, true, {.count = 0}, "SINBIN_PEER=env " FACTS " PATH=/bin X=mine XY=mine"},
    {"both",
     true,
     true,
     {.count = 0},
     "SINBIN_PEER=env STRESS=1 " FACTS " PATH=/bin X=mine XY=mine"},
    {"a rule displaces",
     false,
     false,
     {.count = 2, .variable = {"X=rule", "NEW="}},
     "X=rule NEW= " FACTS " PATH=/bin XY=mine"},
    {"a rule displaces no fact",
     false,
     false,
     {.count = 3, .variable = {"TCPREMOTEIP=liar", "SINBIN_PEER=env", "PEERS=0"}},
     FACTS " PATH=/bin X=mine XY=mine"},
    {"a rule may stress",
     false,
     false,
     {.count = 1, .variable = {"STRESS=1"}},
     "STRESS=1 " FACTS " PATH=/bin X=mine XY=mine"},
    {"stress twice is stress once",
     true,
     false,
     {.count = 1, .variable = {"STRESS=1"}},
     "STRESS=1 " FACTS " PATH=/bin X=mine XY=mine"},
    {"nothing sticks", false, false, {.count = 0}, FACTS " PATH=/bin X=mine XY=mine"},
};

static void join(char *out, const char *const *vector) {
  size_t n = 0;
  for (; *vector; vector++) n += (size_t)sprintf(out + n, "%s%s", n ? " " : "", *vector);
  out[n] = '\0';
}

static struct connection_info facts_of(const char *peer) {
  struct connection_info f = {.pport = 40112, .lport = 25, .peers = 2, .recent = 3};
  addr_parse(span_str(peer), &f.peer);
  addr_parse(span_str("198.51.100.5"), &f.local);
  return f;
}

static void test_longest(struct handlerenv *v) {
  char got[1024];
  struct connection_info f = facts_of("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff");
  f.local = f.peer;
  f.pport = f.lport = UINT16_MAX;
  f.peers = f.recent = UINT32_MAX;
  join(got, handlerenv_set(v, &f, NULL));
  is_text(span_str(got),
          "PROTO=TCP6 TCPREMOTEIP=2001:db8:ffff:ffff:ffff:ffff:ffff:ffff TCPREMOTEPORT=65535 "
          "TCPLOCALIP=2001:db8:ffff:ffff:ffff:ffff:ffff:ffff TCPLOCALPORT=65535 PEERS=4294967295 "
          "RECENT=4294967295 PATH=/bin X=mine XY=mine",
          "IPv6, the longest values");
}

int main(void) {
  struct handlerenv v;
  ok(handlerenv_init(&v, own), "open");
  test_longest(&v);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char got[1024];
    struct connection_info f = facts_of("192.0.2.7");
    f.stress = rows[i].stress;
    f.proxied = rows[i].proxied;
    join(got, handlerenv_set(&v, &f, &rows[i].rule));
    is_text(span_str(got), rows[i].want, "%s", rows[i].name);
  }
  handlerenv_free(&v);
  return done();
}
