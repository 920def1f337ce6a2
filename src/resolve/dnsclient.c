#include "resolve/dnsclient.h"
#include "base/number.h"
#include <arpa/inet.h>
#include <sodium.h>
#include <sys/epoll.h>
#include <unistd.h>

#define DNS_PORT       53
#define EDNS_BYTES     1232
#define TICK           50  /* milliseconds between two looks for timeouts */
#define AGAIN_AFTER    300 /* where no server could be reached */
#define FAILED_TTL     10  /* seconds a failure is remembered (RFC 2308, 7) */
#define TIMEOUT_MIN    50
#define TIMEOUT_WANTED 1000 /* of the first round, at most, as far as TRIES_MAX allows */
#define TRIES_MAX      7
#define EVENTS_A_TURN  64
#define SENT_A_TURN    256

/* ---- configuration ---- */

static bool parse_server(struct span word, struct server *out) {
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

static void fill_node(struct ares_addr_port_node *node, const struct server *s) {
  node->family = addr_is_ipv4(&s->address) ? AF_INET : AF_INET6;
  if (addr_is_ipv4(&s->address)) memcpy(&node->addr.addr4, s->address.byte + 12, 4);
  else memcpy(&node->addr.addr6, s->address.byte, 16);
  node->udp_port = node->tcp_port = s->port;
}

static bool set_servers(ares_channel channel, const struct dnsclient_options *o, size_t first) {
  struct ares_addr_port_node node[DNSCLIENT_SERVERS_MAX];
  memset(node, 0, sizeof node);
  for (size_t i = 0; i < o->servers; i++) {
    node[i].next = i + 1 < o->servers ? &node[i + 1] : NULL;
    fill_node(&node[i], &o->server[(first + i) % o->servers]);
  }
  return ares_set_servers_ports(channel, node) == ARES_SUCCESS;
}

static void add_server(struct dnsclient_options *o, const struct ares_addr_port_node *node) {
  struct server *s = &o->server[o->servers];
  if (o->servers == DNSCLIENT_SERVERS_MAX) return;
  if (node->family == AF_INET) s->address = addr_from_ipv4(ntohl(node->addr.addr4.s_addr));
  else memcpy(s->address.byte, &node->addr.addr6, 16);
  s->port = DNS_PORT;
  o->servers++;
}

/* c-ares reads /etc/resolv.conf, and takes 127.0.0.1 where it names nobody. */
static bool find_servers(struct dnsclient_options *o) {
  struct ares_addr_port_node *first = NULL;
  struct ares_options none = {.flags = 0};
  ares_channel channel;
  if (o->servers) return true;
  if (ares_init_options(&channel, &none, 0) != ARES_SUCCESS) return false;
  if (ares_get_servers_ports(channel, &first) == ARES_SUCCESS)
    for (const struct ares_addr_port_node *n = first; n; n = n->next) add_server(o, n);
  ares_free_data(first);
  ares_destroy(channel);
  return o->servers > 0;
}

/* ---- channels ---- */

static void on_socket(void *data, ares_socket_t fd, int readable, int writable) {
  struct channel *c = data;
  struct epoll_event event = {.data.u64 = (uint64_t)(c - c->client->channel) << 32 | (uint32_t)fd};
  if (readable) event.events |= EPOLLIN;
  if (writable) event.events |= EPOLLOUT;
  if (!event.events) epoll_ctl(c->client->epoll, EPOLL_CTL_DEL, fd, &event);
  else if (epoll_ctl(c->client->epoll, EPOLL_CTL_MOD, fd, &event) != 0)
    epoll_ctl(c->client->epoll, EPOLL_CTL_ADD, fd, &event);
}

/* Each round doubles the patience with every server, so all rounds take (2^tries - 1) times the
   first for each of them. An answer to an earlier round is taken all the same. */
static int first_timeout(const struct dnsclient_options *o, int tries) {
  int64_t parts = (int64_t)o->servers * ((1 << tries) - 1), timeout = o->deadline_ms / parts;
  return timeout < TIMEOUT_MIN ? TIMEOUT_MIN : (int)timeout;
}

static int count_tries(const struct dnsclient_options *o) {
  int tries = o->servers == 1 ? 3 : 2;
  while (tries < TRIES_MAX && first_timeout(o, tries) > TIMEOUT_WANTED) tries++;
  return tries;
}

static bool open_channel(struct dnsclient *a, struct channel *c,
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
  c->client = a;
  c->is_open =
      ares_init_options(&c->ares, &options,
                        ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ |
                            ARES_OPT_SOCK_STATE_CB | ARES_OPT_NOROTATE) == ARES_SUCCESS;
  return c->is_open && set_servers(c->ares, o, (size_t)(c - a->channel) % o->servers);
}

static void queue_init(struct dnsquery_queue *q) {
  q->first = NULL;
  q->end = &q->first;
}

const char *dnsclient_open(struct dnsclient *a, const struct dnsclient_options *o) {
  struct dnsclient_options found = *o;
  *a = (struct dnsclient){.epoll = epoll_create1(EPOLL_CLOEXEC), .deadline_ms = o->deadline_ms};
  queue_init(&a->fresh);
  queue_init(&a->later);
  if (a->epoll < 0) return "unable to make an epoll descriptor";
  if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS || !find_servers(&found))
    return "unable to start c-ares";
  a->servers = found.servers;
  for (size_t i = 0; i < DNSCLIENT_CHANNELS; i++)
    if (!open_channel(a, &a->channel[i], &found)) return "unable to start c-ares";
  return NULL;
}

void dnsclient_close(struct dnsclient *a) {
  a->closing = true;
  for (size_t i = 0; i < DNSCLIENT_CHANNELS; i++)
    if (a->channel[i].is_open) ares_destroy(a->channel[i].ares);
  ares_library_cleanup();
  if (a->epoll >= 0) close(a->epoll);
}

/* ---- questions ---- */

static void queue_put(struct dnsquery_queue *q, struct dnsquery *a) {
  a->next = NULL;
  *q->end = a;
  q->end = &a->next;
}

static struct dnsquery *queue_take(struct dnsquery_queue *q) {
  struct dnsquery *a = q->first;
  q->first = a->next;
  if (!q->first) q->end = &q->first;
  return a;
}

void dnsclient_send(void *client, struct dnsquery *a) {
  queue_put(&((struct dnsclient *)client)->fresh, a);
}

/* A channel that was used enough rests until its last question is answered: then c-ares closes its
   sockets, and the next question opens new ones. */
static struct channel *choose_channel(struct dnsclient *a, size_t server) {
  uint32_t of_server = DNSCLIENT_CHANNELS / (uint32_t)a->servers;
  uint32_t at = randombytes_uniform(of_server);
  for (uint32_t i = 0; i < of_server; i++) {
    struct channel *c = &a->channel[(at + i) % of_server * a->servers + server];
    if (c->under_way == 0) c->used = 0;
    if (c->used < DNSCLIENT_REST_AFTER) return c;
  }
  return &a->channel[at * a->servers + server];
}

static bool has_packet(int status) {
  return status == ARES_SUCCESS || status == ARES_ENODATA || status == ARES_ENOTFOUND;
}

/* Nothing listens there, or the system is short of something: likely to be over soon. */
static bool is_unreachable(int status) {
  return status == ARES_ECONNREFUSED || status == ARES_ENOMEM;
}

static bool has_no_answer(int status) {
  return status == ARES_ESERVFAIL || status == ARES_EREFUSED || status == ARES_ENOTIMP ||
         status == ARES_EFORMERR;
}

/* True where the question is to be asked again, of another server or after a while. */
static bool ask_again(struct dnsclient *a, struct dnsquery *asked, int status) {
  if (has_no_answer(status) && asked->refused + 1 < a->servers) {
    asked->refused++;
    queue_put(&a->fresh, asked);
    return true;
  }
  asked->again = a->now + AGAIN_AFTER;
  if (!is_unreachable(status) || asked->again >= asked->since + a->deadline_ms) return false;
  queue_put(&a->later, asked);
  return true;
}

static void advance_slots(struct dnsclient *a) {
  int64_t now = a->now / DNSCLIENT_SLOT_MS;
  if (now - a->slot > DNSCLIENT_SLOTS) a->slot = now - DNSCLIENT_SLOTS;
  while (a->slot < now) a->sent[++a->slot % DNSCLIENT_SLOTS] = 0;
}

static bool has_room(const struct dnsclient *a) {
  uint64_t recent = 0;
  for (int i = 0; i < DNSCLIENT_SLOTS; i++) recent += a->sent[i];
  return recent < DNSCLIENT_WINDOW && a->under_way < DNSCLIENT_OPEN_MAX;
}

static void on_done(void *arg, int status, int timeouts, unsigned char *packet, int len) {
  struct dnsquery *asked = arg;
  struct channel *c = asked->channel;
  struct dnsclient *a = c->client;
  struct dnsresult f = {.status = DNS_UNKNOWN};
  (void)timeouts;
  if (a->closing) return;
  c->under_way--;
  a->under_way--;
  if (a->slot - asked->slot < DNSCLIENT_SLOTS) a->sent[asked->slot % DNSCLIENT_SLOTS]--;
  if (ask_again(a, asked, status)) return;
  if (has_packet(status) && packet && len > 0)
    dnsresult_decode(packet, (size_t)len, asked->question, &f);
  if (f.status == DNS_UNKNOWN) f.ttl = is_unreachable(status) ? 0 : FAILED_TTL;
  asked->answered(asked, &f, a->now);
}

static void send_question(struct dnsclient *a, struct dnsquery *asked) {
  struct channel *c = choose_channel(a, asked->refused);
  asked->channel = c;
  c->used++;
  c->under_way++;
  a->under_way++;
  asked->slot = a->slot;
  a->sent[a->slot % DNSCLIENT_SLOTS]++;
  ares_query(c->ares, asked->question->name, 1, asked->question->type, on_done, asked);
}

/* ---- the turn ---- */

static void receive(struct dnsclient *a) {
  struct epoll_event event[EVENTS_A_TURN];
  int count = epoll_wait(a->epoll, event, EVENTS_A_TURN, 0);
  for (int i = 0; i < count; i++) {
    struct channel *c = &a->channel[event[i].data.u64 >> 32];
    ares_socket_t fd = (ares_socket_t)(uint32_t)event[i].data.u64;
    bool readable = event[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP);
    ares_process_fd(c->ares, readable ? fd : ARES_SOCKET_BAD,
                    event[i].events & EPOLLOUT ? fd : ARES_SOCKET_BAD);
  }
}

static void look_for_timeouts(struct dnsclient *a) {
  if (a->now < a->ticked + TICK) return;
  a->ticked = a->now;
  for (size_t i = 0; i < DNSCLIENT_CHANNELS; i++)
    if (a->channel[i].under_way)
      ares_process_fd(a->channel[i].ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

/* All wait equally long, so the first one is due first. */
static void try_again(struct dnsclient *a) {
  while (a->later.first && a->later.first->again <= a->now)
    queue_put(&a->fresh, queue_take(&a->later));
}

/* Behind many questions that nobody answers one may wait until nobody waits for it any more. */
static void send_or_give_up(struct dnsclient *a, struct dnsquery *asked) {
  static const struct dnsresult unknown = {.status = DNS_UNKNOWN};
  if (a->now < asked->since + a->deadline_ms) send_question(a, asked);
  else asked->answered(asked, &unknown, a->now);
}

void dnsclient_poll(struct dnsclient *a, int64_t now) {
  a->now = now;
  advance_slots(a);
  receive(a);
  try_again(a);
  look_for_timeouts(a);
  for (int i = 0; i < SENT_A_TURN && a->fresh.first && has_room(a); i++)
    send_or_give_up(a, queue_take(&a->fresh));
}

int64_t dnsclient_next(const struct dnsclient *a) {
  int64_t next = a->later.first ? a->later.first->again : INT64_MAX;
  if (a->fresh.first && has_room(a)) return a->now;
  return a->under_way && next > a->ticked + TICK ? a->ticked + TICK : next;
}
