#include "accept/handlerenv.h"
#include <stdlib.h>

enum {
  SLOT_PROTO,
  SLOT_REMOTEIP,
  SLOT_REMOTEPORT,
  SLOT_LOCALIP,
  SLOT_LOCALPORT,
  SLOT_PEERS,
  SLOT_RECENT
};

static const char *const slot_names[HANDLERENV_FIXED] = {
    "PROTO", "TCPREMOTEIP", "TCPREMOTEPORT", "TCPLOCALIP", "TCPLOCALPORT", "PEERS", "RECENT"};

bool handlerenv_is_reserved(struct span name) {
  for (size_t i = 0; i < HANDLERENV_FIXED; i++)
    if (span_is(name, slot_names[i])) return true;
  return span_is(name, "SINBIN_PEER");
}

static struct span name_of(const char *string) {
  struct span s = span_str(string);
  return span_head(s, span_find(s, '='));
}

static bool starts(struct span name, const char *prefix) {
  return span_equal(span_head(name, strlen(prefix)), span_str(prefix));
}

/* What the listener is told about the session log. */
static bool is_of_log(struct span name) {
  return span_is(name, "LOGDIR") || span_is(name, "CHECKPOINTS") || span_is(name, "LOG_FILES") ||
         span_is(name, "LOG_SIZE") || span_is(name, "LOG_TOTAL") || span_is(name, "LOG_ROOM");
}

/* tcpserver's other variables would speak of the connection that the listener itself was started
 * by. */
static bool is_handed_on(const char *string) {
  struct span name = name_of(string);
  return !handlerenv_is_reserved(name) && !starts(name, "TCPREMOTE") && !starts(name, "TCPLOCAL") &&
         !starts(name, "TCP6") && !starts(name, "LISTEN_") && !starts(name, "WATCHDOG_") &&
         !is_of_log(name) && !span_is(name, "STRESS") && !span_is(name, "NOTIFY_SOCKET") &&
         !span_is(name, "NOTIFY_FD");
}

bool handlerenv_open(struct handlerenv *v, const char *const *environment) {
  size_t total = 0;
  *v = (struct handlerenv){.own = 0};
  while (environment[total]) total++;
  size_t room = HANDLERENV_OPTIONAL + HANDLERENV_FIXED + total + 1;
  v->plain = calloc(room, sizeof *v->plain);
  v->merged = calloc(room + PEERRULE_VARIABLES, sizeof *v->merged);
  if (!v->plain || !v->merged) {
    handlerenv_close(v);
    return false;
  }
  const char **at = v->plain + HANDLERENV_OPTIONAL;
  for (size_t i = 0; i < HANDLERENV_FIXED; i++) {
    size_t len = strlen(slot_names[i]);
    memcpy(v->slot[i], slot_names[i], len);
    v->slot[i][len] = '=';
    *at++ = v->slot[i];
  }
  for (size_t i = 0; i < total; i++)
    if (is_handed_on(environment[i])) at[v->own++] = environment[i];
  return true;
}

void handlerenv_close(struct handlerenv *v) {
  free(v->plain);
  free(v->merged);
  v->plain = v->merged = NULL;
}

static char *value_of(struct handlerenv *v, int slot) {
  return v->slot[slot] + strlen(slot_names[slot]) + 1;
}

static void put_addr(struct handlerenv *v, int slot, const struct addr *a) {
  char *at = value_of(v, slot);
  at[addr_format(at, a)] = '\0';
}

static void put_number(struct handlerenv *v, int slot, uint64_t number) {
  char *at = value_of(v, slot);
  at[number_format(at, number)] = '\0';
}

static void put_facts(struct handlerenv *v, const struct connection_info *facts) {
  const char *proto = addr_is_ipv4(&facts->peer) ? "TCP" : "TCP6";
  memcpy(value_of(v, SLOT_PROTO), proto, strlen(proto) + 1);
  put_addr(v, SLOT_REMOTEIP, &facts->peer);
  put_number(v, SLOT_REMOTEPORT, facts->pport);
  put_addr(v, SLOT_LOCALIP, &facts->local);
  put_number(v, SLOT_LOCALPORT, facts->lport);
  put_number(v, SLOT_PEERS, facts->peers);
  put_number(v, SLOT_RECENT, facts->recent);
}

static bool gives(const struct peerrule *rule, struct span name) {
  for (size_t i = 0; i < rule->count; i++)
    if (span_equal(name, name_of(rule->variable[i]))) return true;
  return false;
}

static const char *const *merge(struct handlerenv *v, const char *const *plain,
                                const struct peerrule *rule) {
  const char **at = v->merged;
  for (size_t i = 0; i < rule->count; i++)
    if (!handlerenv_is_reserved(name_of(rule->variable[i]))) *at++ = rule->variable[i];
  for (; *plain; plain++)
    if (handlerenv_is_reserved(name_of(*plain)) || !gives(rule, name_of(*plain))) *at++ = *plain;
  *at = NULL;
  return v->merged;
}

const char *const *handlerenv_fill(struct handlerenv *v, const struct connection_info *facts,
                                   const struct peerrule *rule) {
  size_t start = HANDLERENV_OPTIONAL;
  put_facts(v, facts);
  if (facts->stress) v->plain[--start] = "STRESS=1";
  if (facts->proxied) v->plain[--start] = "SINBIN_PEER=env";
  const char *const *plain = (const char *const *)v->plain + start;
  return rule && rule->count ? merge(v, plain, rule) : plain;
}
