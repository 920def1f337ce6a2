#include "resolve/dnsclient.h"
#include "base/number.h"
#include <arpa/inet.h>
#include <sodium.h>
#include <sys/epoll.h>
#include <unistd.h>

#define DNS_PORT         53
#define EDNS_BYTES       1232
#define CHECK_EVERY_MS   50 /* for timeouts */
#define TIMEOUT_MIN_MS   50
#define TIMEOUT_FIRST_MS 1000 /* at most, in the first round, if TRIES_MAX rounds suffice */
#define TRIES_MAX        7
#define EVENTS_PER_POLL  64
#define QUERIES_PER_POLL 256

/* ---- configuration ---- */

/* ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT. Without brackets a text with one colon has a port; with
   more it is an IPv6 address. */
static bool parse_server(struct span word, struct dnsserver *out) {
  struct span address = word;
  uint64_t port = DNS_PORT;
  if (word.s[0] == '[') {
    struct span rest = span_from(word, 1);
    if (span_find(rest, ']') == rest.len) return false;
    address = span_cut(&rest, ']');
    if (rest.len && rest.s[0] != ':') return false;
    if (rest.len && !number_canonical(span_from(rest, 1), UINT16_MAX, &port)) return false;
  } else if (span_find(word, ':') == span_find_last(word, ':') && span_find(word, ':') < word.len) {
    struct span rest = word;
    address = span_cut(&rest, ':');
    if (!number_canonical(rest, UINT16_MAX, &port)) return false;
  }
  out->port = (uint16_t)port;
  return port > 0 && addr_parse(address, &out->address);
}

bool dnsclient_parse_servers(struct span text, struct dnsclient_options *o) {
  struct span word;
  o->servers = 0;
  while ((word = span_word(&text)).len) {
    if (o->servers == DNSCLIENT_SERVERS_MAX || !parse_server(word, &o->server[o->servers]))
      return false;
    o->servers++;
  }
  return o->servers > 0;
}

static void set_node(struct ares_addr_port_node *node, const struct dnsserver *s) {
  node->family = addr_is_ipv4(&s->address) ? AF_INET : AF_INET6;
  if (addr_is_ipv4(&s->address)) memcpy(&node->addr.addr4, s->address.byte + 12, 4);
  else memcpy(&node->addr.addr6, s->address.byte, 16);
  node->udp_port = node->tcp_port = s->port;
}

/* first: the number of the server that is asked first. */
static bool set_servers(ares_channel ares, const struct dnsclient_options *o, size_t first) {
  struct ares_addr_port_node node[DNSCLIENT_SERVERS_MAX];
  memset(node, 0, sizeof node);
  for (size_t i = 0; i < o->servers; i++) {
    node[i].next = i + 1 < o->servers ? &node[i + 1] : NULL;
    set_node(&node[i], &o->server[(first + i) % o->servers]);
  }
  return ares_set_servers_ports(ares, node) == ARES_SUCCESS;
}

static void add_server(struct dnsclient_options *o, const struct ares_addr_port_node *node) {
  struct dnsserver *s = &o->server[o->servers];
  if (o->servers == DNSCLIENT_SERVERS_MAX) return;
  if (node->family == AF_INET) s->address = addr_from_ipv4(ntohl(node->addr.addr4.s_addr));
  else memcpy(s->address.byte, &node->addr.addr6, 16);
  s->port = DNS_PORT;
  o->servers++;
}

/* c-ares reads /etc/resolv.conf, and uses 127.0.0.1 if that has no name server. */
static bool find_servers(struct dnsclient_options *o) {
  struct ares_addr_port_node *first = NULL;
  struct ares_options none = {.flags = 0};
  ares_channel ares;
  if (o->servers) return true;
  if (ares_init_options(&ares, &none, 0) != ARES_SUCCESS) return false;
  if (ares_get_servers_ports(ares, &first) == ARES_SUCCESS)
    for (const struct ares_addr_port_node *n = first; n; n = n->next) add_server(o, n);
  ares_free_data(first);
  ares_destroy(ares);
  return o->servers > 0;
}

/* ---- channels ---- */

static void on_socket(void *data, ares_socket_t fd, int readable, int writable) {
  struct channel *c = data;
  int epoll = c->client->epoll;
  struct epoll_event event = {.data.u64 = (uint64_t)(c - c->client->channel) << 32 | (uint32_t)fd};
  if (readable) event.events |= EPOLLIN;
  if (writable) event.events |= EPOLLOUT;
  if (!event.events) epoll_ctl(epoll, EPOLL_CTL_DEL, fd, &event);
  else if (epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event) != 0)
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

/* Each round doubles the timeout, so all rounds together take 2^tries - 1 times the first timeout
   for each server. An answer to an earlier round is still accepted. */
static int first_timeout(const struct dnsclient_options *o, int tries) {
  int64_t parts = (int64_t)o->servers * ((1 << tries) - 1), timeout = o->deadline_ms / parts;
  return timeout < TIMEOUT_MIN_MS ? TIMEOUT_MIN_MS : (int)timeout;
}

static int count_tries(const struct dnsclient_options *o) {
  int tries = o->servers == 1 ? 3 : 2;
  while (tries < TRIES_MAX && first_timeout(o, tries) > TIMEOUT_FIRST_MS) tries++;
  return tries;
}

static bool open_channel(struct dnsclient *client, struct channel *c,
                         const struct dnsclient_options *o) {
  int tries = count_tries(o);
  struct ares_options options = {
      .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_NOCHECKRESP | ARES_FLAG_EDNS,
      .timeout = first_timeout(o, tries),
      .tries = tries,
      .ednspsz = EDNS_BYTES,
      .sock_state_cb = on_socket,
      .sock_state_cb_data = c,
  };
  int set = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ |
            ARES_OPT_SOCK_STATE_CB | ARES_OPT_NOROTATE;
  c->client = client;
  c->is_open = ares_init_options(&c->ares, &options, set) == ARES_SUCCESS;
  return c->is_open && set_servers(c->ares, o, (size_t)(c - client->channel) % o->servers);
}

static void queue_init(struct dnsquery_queue *q) {
  q->first = NULL;
  q->end = &q->first;
}

const char *dnsclient_open(struct dnsclient *client, const struct dnsclient_options *o) {
  struct dnsclient_options found = *o;
  *client =
      (struct dnsclient){.epoll = epoll_create1(EPOLL_CLOEXEC), .deadline_ms = o->deadline_ms};
  queue_init(&client->to_send);
  queue_init(&client->to_retry);
  if (client->epoll < 0) return "unable to create an epoll descriptor";
  if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS || !find_servers(&found))
    return "unable to start c-ares";
  client->servers = found.servers;
  for (size_t i = 0; i < DNSCLIENT_CHANNELS; i++)
    if (!open_channel(client, &client->channel[i], &found)) return "unable to start c-ares";
  return NULL;
}

void dnsclient_close(struct dnsclient *client) {
  client->closing = true;
  for (size_t i = 0; i < DNSCLIENT_CHANNELS; i++)
    if (client->channel[i].is_open) ares_destroy(client->channel[i].ares);
  ares_library_cleanup();
  if (client->epoll >= 0) close(client->epoll);
}

/* ---- queues ---- */

static void queue_put(struct dnsquery_queue *q, struct dnsquery *query) {
  query->next = NULL;
  *q->end = query;
  q->end = &query->next;
}

static struct dnsquery *queue_get(struct dnsquery_queue *q) {
  struct dnsquery *query = q->first;
  q->first = query->next;
  if (!q->first) q->end = &q->first;
  return query;
}

void dnsclient_send(void *client, struct dnsquery *query) {
  queue_put(&((struct dnsclient *)client)->to_send, query);
}

/* ---- limits ---- */

static void advance_period(struct dnsclient *client) {
  int64_t now = client->now / DNSCLIENT_PERIOD_MS;
  if (now - client->period > DNSCLIENT_PERIODS) client->period = now - DNSCLIENT_PERIODS;
  while (client->period < now) client->recent[++client->period % DNSCLIENT_PERIODS] = 0;
}

static bool has_room(const struct dnsclient *client) {
  uint64_t recent = 0;
  for (int i = 0; i < DNSCLIENT_PERIODS; i++) recent += client->recent[i];
  return recent < DNSCLIENT_RECENT_MAX && client->pending < DNSCLIENT_QUERIES_MAX;
}

static void count_sent(struct dnsclient *client, struct dnsquery *query, struct channel *c) {
  query->channel = c;
  query->period = client->period;
  c->used++;
  c->pending++;
  client->pending++;
  client->recent[client->period % DNSCLIENT_PERIODS]++;
}

static void count_done(struct dnsclient *client, const struct dnsquery *query, struct channel *c) {
  c->pending--;
  client->pending--;
  if (client->period - query->period < DNSCLIENT_PERIODS)
    client->recent[query->period % DNSCLIENT_PERIODS]--;
}

/* ---- queries ---- */

/* A random one of the channels that ask this server first. If all of them should rest, one of them
   is used all the same. */
static struct channel *choose_channel(struct dnsclient *client, size_t server) {
  uint32_t count = DNSCLIENT_CHANNELS / (uint32_t)client->servers;
  uint32_t start = randombytes_uniform(count);
  for (uint32_t i = 0; i < count; i++) {
    struct channel *c = &client->channel[(start + i) % count * client->servers + server];
    if (c->pending == 0) c->used = 0;
    if (c->used < DNSCLIENT_CHANNEL_QUERIES) return c;
  }
  return &client->channel[start * client->servers + server];
}

static bool has_packet(int status) {
  return status == ARES_SUCCESS || status == ARES_ENODATA || status == ARES_ENOTFOUND;
}

/* Nothing listens at the last server that was tried, or the system lacks memory. */
static bool is_unreachable(int status) {
  return status == ARES_ECONNREFUSED || status == ARES_ENOMEM;
}

static bool is_server_failure(int status) {
  return status == ARES_ESERVFAIL || status == ARES_EREFUSED || status == ARES_ENOTIMP ||
         status == ARES_EFORMERR;
}

/* Queues the query again if another server may have an answer, or one may be reachable later. */
static bool try_again(struct dnsclient *client, struct dnsquery *query, int status) {
  if (is_server_failure(status) && query->servers_failed + 1 < client->servers) {
    query->servers_failed++;
    queue_put(&client->to_send, query);
    return true;
  }
  query->retry_at = client->now + DNSCLIENT_RETRY_MS;
  if (!is_unreachable(status) || query->retry_at >= query->since + client->deadline_ms)
    return false;
  queue_put(&client->to_retry, query);
  return true;
}

static void on_done(void *arg, int status, int timeouts, unsigned char *packet, int len) {
  struct dnsquery *query = arg;
  struct channel *c = query->channel;
  struct dnsclient *client = c->client;
  struct dnsresult result = {.status = DNS_UNKNOWN};
  (void)timeouts;
  if (client->closing) return;
  count_done(client, query, c);
  if (try_again(client, query, status)) return;
  if (has_packet(status) && packet && len > 0)
    dnsresult_decode(packet, (size_t)len, query->question, &result);
  if (result.status == DNS_UNKNOWN) result.ttl = is_unreachable(status) ? 0 : DNSCLIENT_FAILURE_TTL;
  query->answered(query, &result, client->now);
}

static void send_query(struct dnsclient *client, struct dnsquery *query) {
  struct channel *c = choose_channel(client, query->servers_failed);
  count_sent(client, query, c);
  ares_query(c->ares, query->question->name, 1, query->question->type, on_done, query);
}

/* A query can wait in the queue until its deadline if many others get no answer. */
static void send_or_give_up(struct dnsclient *client, struct dnsquery *query) {
  static const struct dnsresult unknown = {.status = DNS_UNKNOWN};
  if (client->now < query->since + client->deadline_ms) send_query(client, query);
  else query->answered(query, &unknown, client->now);
}

/* ---- polling ---- */

static void receive(struct dnsclient *client) {
  struct epoll_event event[EVENTS_PER_POLL];
  int count = epoll_wait(client->epoll, event, EVENTS_PER_POLL, 0);
  for (int i = 0; i < count; i++) {
    struct channel *c = &client->channel[event[i].data.u64 >> 32];
    ares_socket_t fd = (ares_socket_t)(uint32_t)event[i].data.u64;
    bool readable = event[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP);
    ares_process_fd(c->ares, readable ? fd : ARES_SOCKET_BAD,
                    event[i].events & EPOLLOUT ? fd : ARES_SOCKET_BAD);
  }
}

static void check_timeouts(struct dnsclient *client) {
  if (client->now < client->last_check + CHECK_EVERY_MS) return;
  client->last_check = client->now;
  for (size_t i = 0; i < DNSCLIENT_CHANNELS; i++)
    if (client->channel[i].pending)
      ares_process_fd(client->channel[i].ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

/* All wait for the same time, so the first one in the queue is due first. */
static void queue_due_retries(struct dnsclient *client) {
  while (client->to_retry.first && client->to_retry.first->retry_at <= client->now)
    queue_put(&client->to_send, queue_get(&client->to_retry));
}

void dnsclient_poll(struct dnsclient *client, int64_t now) {
  client->now = now;
  advance_period(client);
  receive(client);
  queue_due_retries(client);
  check_timeouts(client);
  for (int i = 0; i < QUERIES_PER_POLL && client->to_send.first && has_room(client); i++)
    send_or_give_up(client, queue_get(&client->to_send));
}

int64_t dnsclient_next(const struct dnsclient *client) {
  int64_t next = client->to_retry.first ? client->to_retry.first->retry_at : INT64_MAX;
  int64_t check = client->last_check + CHECK_EVERY_MS;
  if (client->to_send.first && has_room(client)) return client->now;
  return client->pending && check < next ? check : next;
}
