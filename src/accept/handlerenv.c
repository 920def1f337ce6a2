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

static bool starts_with(struct span name, const char *prefix) {
  return span_equal(span_head(name, strlen(prefix)), span_str(prefix));
}

/* The settings of the session log are for the listener. */
static bool is_log_setting(struct span name) {
  return span_is(name, "LOGDIR") || span_is(name, "CHECKPOINTS") || span_is(name, "LOG_FILES") ||
         span_is(name, "LOG_SIZE") || span_is(name, "LOG_TOTAL") || span_is(name, "LOG_ROOM");
}

/* The other variables of tcpserver would describe the connection that started the listener itself. */
static bool is_inherited(const char *string) {
  struct span name = name_of(string);
  return !handlerenv_is_reserved(name) && !starts_with(name, "TCPREMOTE") &&
         !starts_with(name, "TCPLOCAL") && !starts_with(name, "TCP6") &&
         !starts_with(name, "LISTEN_") && !starts_with(name, "WATCHDOG_") &&
         !is_log_setting(name) && !span_is(name, "STRESS") && !span_is(name, "NOTIFY_SOCKET") &&
         !span_is(name, "NOTIFY_FD");
}

bool handlerenv_init(struct handlerenv *e, const char *const *environment) {
  size_t total = 0;
  *e = (struct handlerenv){.inherited = 0};
  while (environment[total]) total++;
  size_t room = HANDLERENV_OPTIONAL + HANDLERENV_FIXED + total + 1;
  e->plain = calloc(room, sizeof *e->plain);
  e->merged = calloc(room + PEERRULE_VARIABLES, sizeof *e->merged);
  if (!e->plain || !e->merged) {
    handlerenv_free(e);
    return false;
  }
  const char **at = e->plain + HANDLERENV_OPTIONAL;
  for (size_t i = 0; i < HANDLERENV_FIXED; i++) {
    size_t len = strlen(slot_names[i]);
    memcpy(e->slot[i], slot_names[i], len);
    e->slot[i][len] = '=';
    *at++ = e->slot[i];
  }
  for (size_t i = 0; i < total; i++)
    if (is_inherited(environment[i])) at[e->inherited++] = environment[i];
  return true;
}

void handlerenv_free(struct handlerenv *e) {
  free(e->plain);
  free(e->merged);
  e->plain = e->merged = NULL;
}

static char *value_of(struct handlerenv *e, int slot) {
  return e->slot[slot] + strlen(slot_names[slot]) + 1;
}

static void set_addr(struct handlerenv *e, int slot, const struct addr *a) {
  char *at = value_of(e, slot);
  at[addr_format(at, a)] = '\0';
}

static void set_number(struct handlerenv *e, int slot, uint64_t number) {
  char *at = value_of(e, slot);
  at[number_format(at, number)] = '\0';
}

static void set_connection(struct handlerenv *e, const struct connection_info *info) {
  const char *proto = addr_is_ipv4(&info->peer) ? "TCP" : "TCP6";
  memcpy(value_of(e, SLOT_PROTO), proto, strlen(proto) + 1);
  set_addr(e, SLOT_REMOTEIP, &info->peer);
  set_number(e, SLOT_REMOTEPORT, info->pport);
  set_addr(e, SLOT_LOCALIP, &info->local);
  set_number(e, SLOT_LOCALPORT, info->lport);
  set_number(e, SLOT_PEERS, info->peers);
  set_number(e, SLOT_RECENT, info->recent);
}

static bool rule_sets(const struct peerrule *rule, struct span name) {
  for (size_t i = 0; i < rule->count; i++)
    if (span_equal(name, name_of(rule->variable[i]))) return true;
  return false;
}

static const char *const *merge(struct handlerenv *e, const char *const *plain,
                                const struct peerrule *rule) {
  const char **at = e->merged;
  for (size_t i = 0; i < rule->count; i++)
    if (!handlerenv_is_reserved(name_of(rule->variable[i]))) *at++ = rule->variable[i];
  for (; *plain; plain++)
    if (handlerenv_is_reserved(name_of(*plain)) || !rule_sets(rule, name_of(*plain)))
      *at++ = *plain;
  *at = NULL;
  return e->merged;
}

const char *const *handlerenv_set(struct handlerenv *e, const struct connection_info *info,
                                  const struct peerrule *rule) {
  size_t start = HANDLERENV_OPTIONAL;
  set_connection(e, info);
  if (info->stress) e->plain[--start] = "STRESS=1";
  if (info->proxied) e->plain[--start] = "SINBIN_PEER=env";
  const char *const *plain = (const char *const *)e->plain + start;
  return rule && rule->count ? merge(e, plain, rule) : plain;
}
