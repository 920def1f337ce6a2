#include "accept/options.h"
#include "base/number.h"

#define FILES_BESIDE \
  96 /* standard, epoll, signals, rules, notification, exec, and some to spare \
      */
#define PROCESSES_BESIDE 32

const struct options options_default = {
    .limits = {.per_ipv4 = 20,
               .per_net64 = 20,
               .per_network = 50,
               .per_network_minute = 30,
               .per_minute = 5400},
    .backlog = 4096,
    .grace = 20,
    .interval = 0,
    .waiting = 256,
    .proxy_ms = 5000,
    .notify_fd = -1,
};

static bool number(const char *text, uint64_t min, uint64_t max, uint64_t *out) {
  uint64_t value;
  if (!number_parse(span_str(text), max, &value) || value < min) return false;
  *out = value;
  return true;
}

static bool limit(const char *text, uint64_t min, uint32_t *out) {
  uint64_t value;
  if (!number(text, min, OPTIONS_TOTAL_MAX, &value)) return false;
  *out = (uint32_t)value;
  return true;
}

static bool add_bind(struct options *o, const char *text) {
  struct span port = span_str(text), address = span_cut(&port, '/');
  struct options_bind bind;
  uint64_t value;
  if (o->bind_count == OPTIONS_BINDS_MAX || !addr_parse(address, &bind.address) ||
      !number_canonical(port, UINT16_MAX, &value))
    return false;
  bind.ipv6 = !addr_is_ipv4(&bind.address);
  if (!bind.ipv6 && span_find(address, ':') < address.len) return false;
  bind.port = (uint16_t)value;
  o->binds[o->bind_count++] = bind;
  return true;
}

/* UID:GID; root is refused, since dropping to it is none. */
static bool set_user(struct options *o, const char *text) {
  struct span gid = span_str(text), uid = span_cut(&gid, ':');
  o->drop = number_parse(uid, UINT32_MAX - 1, &o->uid) && o->uid > 0 &&
            number_parse(gid, UINT32_MAX - 1, &o->gid) && o->gid > 0;
  return o->drop;
}

static bool set_notify(struct options *o, const char *text) {
  uint64_t value;
  if (!number(text, 3, 1023, &value)) return false;
  o->notify_fd = (int)value;
  return true;
}

bool options_set(struct options *o, int letter, const char *text, const char **want) {
  switch (letter) {
  case 'b': *want = "ADDRESS/PORT, at most 64 times"; return add_bind(o, text);
  case 'c': *want = "connections, 1 to 1000000"; return limit(text, 1, &o->limits.total);
  case '4': *want = "connections, 0 to 1000000"; return limit(text, 0, &o->limits.per_ipv4);
  case '6': *want = "connections, 0 to 1000000"; return limit(text, 0, &o->limits.per_net64);
  case 'r':
    *want = "connections a second, 0 to 1000000";
    return limit(text, 0, &o->limits.per_second);
  case 'n': *want = "connections, 0 to 1000000"; return limit(text, 0, &o->limits.per_network);
  case 'm':
    *want = "connections a minute, 0 to 1000000";
    return limit(text, 0, &o->limits.per_network_minute);
  case 'M':
    *want = "connections a minute, 0 to 1000000";
    return limit(text, 0, &o->limits.per_minute);
  case 'j': *want = "threads, 1 to 16"; return number(text, 1, OPTIONS_THREADS_MAX, &o->threads);
  case 'q': *want = "connections, 1 to 65535"; return number(text, 1, 65535, &o->backlog);
  case 'g': *want = "seconds, 0 to 3600"; return number(text, 0, 3600, &o->grace);
  case 'i': *want = "seconds, 0 to 86400"; return number(text, 0, 86400, &o->interval);
  case 't':
    *want = "seconds, 0.1 to 60";
    return number_parse_ms(span_str(text), 60000, &o->proxy_ms) && o->proxy_ms >= 100;
  case 'p': *want = "connections, 1 to 10000"; return number(text, 1, 10000, &o->waiting);
  case 'd': *want = "a descriptor, 3 to 1023"; return set_notify(o, text);
  case 'u': *want = "UID:GID, both above 0"; return set_user(o, text);
  case 'x':
    *want = "the name of a file";
    o->rules = text;
    return *text != '\0';
  case 'R':
    *want = "a directory";
    o->root = text;
    return *text != '\0';
  default: *want = "an option"; return false;
  }
}

uint64_t options_files(const struct options *o) {
  return o->limits.total + o->waiting + o->bind_count + FILES_BESIDE;
}

static uint64_t above(uint64_t all, uint64_t beside) {
  return all > beside ? all - beside : 1;
}

static bool lower(struct options *o, uint64_t to) {
  if (o->limits.total <= to) return false;
  o->limits.total = (uint32_t)to;
  return true;
}

int options_finish(struct options *o, const struct options_system *system) {
  bool given = o->limits.total > 0;
  int changed = 0;
  if (!o->threads)
    o->threads = system->processors < OPTIONS_THREADS ? system->processors : OPTIONS_THREADS;
  if (!given) {
    o->limits.total = OPTIONS_TOTAL;
    lower(o, system->pid_max / 4 ? system->pid_max / 4 : 1);
  }
  if (o->limits.total > system->pid_max / 2) changed |= OPTIONS_OVER_PIDS;
  if (lower(o, above(system->files, options_files(o) - o->limits.total)))
    changed |= OPTIONS_OVER_FILES;
  if (lower(o, above(system->processes, PROCESSES_BESIDE))) changed |= OPTIONS_OVER_PROCESSES;
  return changed;
}
