/* The DNS client over real sockets, against name servers in this process on loopback.

   The first label of a name says what a name server does with the query, see respond(). c-ares
   takes its timeouts from the real clock, so tests of timeouts use short deadlines. */
#include "resolve/dnsclient.h"
#include "resolve_packet.h"
#include "sys/clock.h"
#include "tap.h"
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <sys/socket.h>
#include <unistd.h>

#define QUERIES_MAX 20000
#define SERVERS_MAX 2
#define PATIENCE_MS 20000 /* how long a test waits for what it expects */

/* ---- the name servers ---- */

struct nameserver {
  struct sockaddr_in address;
  int udp, tcp, connection;
  int other_port, other_address; /* sockets that wrong answers come from */
  int queries, tcp_queries, edns_queries;
  uint8_t flags[2]; /* of the last query */
  unsigned int edns_bytes;
  bool has_seen_port[65536];
  int ports;
};

static struct nameserver nameserver[SERVERS_MAX];
static uint32_t next_host = 1;

static void check(bool condition, const char *what) {
  if (condition) return;
  printf("Bail out! %s: %s\n", what, strerror(errno));
  exit(111);
}

static int open_socket(int type, struct sockaddr_in *a) {
  socklen_t len = sizeof *a;
  int on = 1, fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  check(fd >= 0, "socket");
  if (type == SOCK_STREAM) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  check(bind(fd, (struct sockaddr *)a, len) == 0, "bind");
  check(getsockname(fd, (struct sockaddr *)a, &len) == 0, "getsockname");
  return fd;
}

/* A loopback address that no other server of this test or of another process has. */
static struct sockaddr_in new_address(void) {
  uint32_t host = 0x7f000000 | ((uint32_t)getpid() & 0xffff) << 8 | (next_host++ & 0xff);
  return (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(host)}};
}

static void start_server(struct nameserver *s, struct sockaddr_in address) {
  struct sockaddr_in same_address = address, other = new_address();
  *s = (struct nameserver){.address = address, .connection = -1};
  s->udp = open_socket(SOCK_DGRAM, &s->address);
  s->tcp = open_socket(SOCK_STREAM, &s->address);
  check(listen(s->tcp, 5) == 0, "listen");
  same_address.sin_port = 0;
  s->other_port = open_socket(SOCK_DGRAM, &same_address);
  other.sin_port = s->address.sin_port;
  s->other_address = open_socket(SOCK_DGRAM, &other);
}

static void stop_server(struct nameserver *s) {
  const int fds[] = {s->udp, s->tcp, s->connection, s->other_port, s->other_address};
  for (int i = 0; i < 5; i++)
    if (fds[i] > 0) close(fds[i]);
  *s = (struct nameserver){.connection = -1};
}

/* Reads the question of a query; *end is the index after it. */
static struct question read_query(const uint8_t *packet, size_t len, size_t *end) {
  struct question q = {.type = 0};
  size_t at = 12;
  check(len > 16, "a query is too short");
  while (packet[at] && at + packet[at] + 5 < len) {
    if (q.len) q.name[q.len++] = '.';
    memcpy(q.name + q.len, packet + at + 1, packet[at]);
    q.len = (uint8_t)(q.len + packet[at]);
    at += 1 + (size_t)packet[at];
  }
  q.type = (uint16_t)(packet[at + 1] << 8 | packet[at + 2]);
  *end = at + 5;
  return q;
}

static void note_query(struct nameserver *s, const uint8_t *packet, size_t len, size_t end) {
  s->queries++;
  memcpy(s->flags, packet + 2, 2);
  s->edns_bytes = 0;
  if (len < end + 11) return;
  s->edns_queries++;
  s->edns_bytes = (unsigned int)(packet[end + 3] << 8 | packet[end + 4]);
}

/* The address in an answer. WRONG is in those that must not be accepted. */
#define RIGHT 0xc0000201
#define WRONG 0xc6336442

static void answer(struct packet_out *out, const struct question *q, const uint8_t *id,
                   uint32_t address) {
  packet_begin(out, q, 0);
  memcpy(out->data, id, 2);
  packet_a(out, q->name, 60, address);
}

static void failure(struct packet_out *out, const struct question *q, const uint8_t *id,
                    int rcode) {
  packet_begin(out, q, rcode);
  memcpy(out->data, id, 2);
}

struct received {
  struct nameserver *server;
  struct question question;
  uint8_t id[2];
  struct sockaddr_in from;
};

static void send_from(int fd, const struct received *r, const struct packet_out *out) {
  sendto(fd, out->data, out->len, 0, (const struct sockaddr *)&r->from, sizeof r->from);
}

static void send_wrong(const struct received *r, struct span what) {
  static struct packet_out out;
  struct question question = r->question;
  uint8_t id[2] = {r->id[0], r->id[1]};
  int fd = r->server->udp;
  if (span_is(what, "id")) id[1] ^= 1;
  if (span_is(what, "name")) question.name[question.len - 1] ^= 1;
  if (span_is(what, "type")) question.type = TYPE_MX;
  if (span_is(what, "port")) fd = r->server->other_port;
  if (span_is(what, "address")) fd = r->server->other_address;
  answer(&out, &question, id, WRONG);
  if (span_is(what, "length")) out.len = 11;
  send_from(fd, r, &out);
}

static bool is_code(struct span word, int *rcode) {
  static const struct {
    const char *word;
    int rcode;
  } rows[] = {{"nx", 3}, {"formerr", 1}, {"servfail", 2}, {"notimp", 4}, {"refused", 5}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    *rcode = rows[i].rcode;
    if (span_is(word, rows[i].word)) return true;
  }
  return false;
}

/* The first label of the name:
     drop                        no answer
     second                      an answer to the second query that this server gets
     nx, servfail, ...           this response code
     tc                          an answer without data that is truncated
     wrong-X                     an answer with a wrong X; it has another address
     wrong-X-right               after that the right answer
   Any other: the right answer. */
static void respond(const struct received *r) {
  static struct packet_out out;
  struct span rest = span_of(r->question.name, r->question.len), label = span_cut(&rest, '.');
  struct span word = span_cut(&label, '-'), what = span_cut(&label, '-');
  int rcode;
  if (span_is(word, "drop") || (span_is(word, "second") && r->server->queries == 1)) return;
  if (span_is(word, "wrong")) {
    send_wrong(r, what);
    if (!span_is(label, "right")) return;
  }
  if (is_code(word, &rcode)) failure(&out, &r->question, r->id, rcode);
  else answer(&out, &r->question, r->id, RIGHT);
  if (span_is(word, "tc")) {
    failure(&out, &r->question, r->id, 0);
    out.data[2] |= 2;
  }
  send_from(r->server->udp, r, &out);
}

static void serve_udp(struct nameserver *s) {
  uint8_t packet[4096];
  struct received r = {.server = s};
  socklen_t len = sizeof r.from;
  ssize_t got;
  while ((got = recvfrom(s->udp, packet, sizeof packet, 0, (struct sockaddr *)&r.from, &len)) > 0) {
    size_t end;
    uint16_t port = ntohs(r.from.sin_port);
    r.question = read_query(packet, (size_t)got, &end);
    memcpy(r.id, packet, 2);
    note_query(s, packet, (size_t)got, end);
    if (!s->has_seen_port[port]) s->ports++;
    s->has_seen_port[port] = true;
    respond(&r);
  }
}

static void serve_tcp(struct nameserver *s) {
  static struct packet_out out;
  uint8_t packet[4096], length[2];
  size_t end;
  if (s->connection < 0) s->connection = accept(s->tcp, NULL, NULL);
  if (s->connection < 0) return;
  ssize_t got = recv(s->connection, packet, sizeof packet, MSG_DONTWAIT);
  if (got <= 0) {
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
      close(s->connection);
      s->connection = -1;
    }
    return;
  }
  struct question q = read_query(packet + 2, (size_t)got - 2, &end);
  s->tcp_queries++;
  answer(&out, &q, packet + 2, RIGHT);
  length[0] = (uint8_t)(out.len >> 8);
  length[1] = (uint8_t)out.len;
  check(send(s->connection, length, 2, MSG_NOSIGNAL | MSG_MORE) == 2, "send");
  check(send(s->connection, out.data, out.len, MSG_NOSIGNAL) == (ssize_t)out.len, "send");
}

static void serve(void) {
  for (int i = 0; i < SERVERS_MAX; i++) {
    if (nameserver[i].udp <= 0) continue;
    serve_udp(&nameserver[i]);
    serve_tcp(&nameserver[i]);
  }
}

/* ---- the client ---- */

struct asked {
  struct question question;
  struct dnsquery query;
  struct dnsresult result;
  int answered;
  int64_t at;
};

static struct dnsclient client;
static struct asked asked[QUERIES_MAX];
static int asked_count, answered_count;

static void on_answer(struct dnsquery *query, const struct dnsresult *result, int64_t now) {
  struct asked *a = query->owner;
  memcpy(&a->result, result, offsetof(struct dnsresult, data) + result->len);
  a->answered++;
  a->at = now;
  answered_count++;
}

static void add_server(struct dnsclient_options *o, struct sockaddr_in a) {
  o->server[o->servers++] =
      (struct dnsserver){addr_from_ipv4(ntohl(a.sin_addr.s_addr)), ntohs(a.sin_port)};
}

/* Starts the client with the servers that run. */
static void start_client(int64_t deadline_ms) {
  struct dnsclient_options o = {.deadline_ms = deadline_ms};
  for (int i = 0; i < SERVERS_MAX; i++)
    if (nameserver[i].udp > 0) add_server(&o, nameserver[i].address);
  asked_count = answered_count = 0;
  check(!dnsclient_open(&client, &o), "dnsclient_open");
}

static void start_all(int servers, int64_t deadline_ms) {
  for (int i = 0; i < servers; i++) start_server(&nameserver[i], new_address());
  start_client(deadline_ms);
}

static void stop_all(void) {
  dnsclient_close(&client);
  for (int i = 0; i < SERVERS_MAX; i++) stop_server(&nameserver[i]);
}

static struct asked *ask_at(const char *name, int64_t now) {
  struct asked *a = &asked[asked_count++];
  *a = (struct asked){.answered = 0};
  check(question_host(&a->question, TYPE_A, span_str(name)), name);
  a->query =
      (struct dnsquery){.question = &a->question, .answered = on_answer, .owner = a, .since = now};
  dnsclient_send(&client, &a->query);
  return a;
}

static struct asked *ask(const char *name) {
  return ask_at(name, clock_monotonic_ms());
}

/* Runs client and servers until `count` queries are answered in all. */
static void run_until(int count) {
  int64_t end = clock_monotonic_ms() + PATIENCE_MS, now;
  while (answered_count < count && (now = clock_monotonic_ms()) < end) {
    struct pollfd fd[] = {{.fd = client.epoll, .events = POLLIN},
                          {.fd = nameserver[0].udp > 0 ? nameserver[0].udp : -1, .events = POLLIN},
                          {.fd = nameserver[1].udp > 0 ? nameserver[1].udp : -1, .events = POLLIN}};
    dnsclient_poll(&client, now);
    serve();
    if (dnsclient_next(&client) > now) poll(fd, 3, 5);
  }
}

static void run_for(int64_t ms) {
  for (int64_t end = clock_monotonic_ms() + ms; clock_monotonic_ms() < end;) {
    dnsclient_poll(&client, clock_monotonic_ms());
    serve();
    poll(NULL, 0, 5);
  }
}

static bool has_right_answer(const struct asked *a) {
  struct addr right = addr_from_ipv4(RIGHT), got = dnsresult_address(&a->result, 0);
  return a->answered == 1 && a->result.status == DNS_DATA && a->result.count == 1 &&
         a->result.ttl == 60 && addr_compare(&got, &right) == 0;
}

static bool is_unknown(const struct asked *a, uint32_t ttl) {
  return a->answered == 1 && a->result.status == DNS_UNKNOWN && a->result.ttl == ttl;
}

/* ---- configuration ---- */

static void parse_servers(void) {
  static const struct {
    const char *text, *want; /* want: "ADDRESS PORT" of the last server; NULL: malformed */
    size_t servers;
  } rows[] = {
      {"192.0.2.1", "192.0.2.1 53", 1},
      {"192.0.2.1:5353", "192.0.2.1 5353", 1},
      {"192.0.2.1:65535", "192.0.2.1 65535", 1},
      {"192.0.2.1:1", "192.0.2.1 1", 1},
      {"[192.0.2.1]:54", "192.0.2.1 54", 1},
      {"2001:db8::1", "2001:db8::1 53", 1},
      {"::1", "::1 53", 1},
      {"[2001:db8::1]", "2001:db8::1 53", 1},
      {"[2001:db8::1]:5353", "2001:db8::1 5353", 1},
      {" 192.0.2.1\t192.0.2.2  ::1 ", "::1 53", 3},
      {"1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4 1.1.1.5 1.1.1.6 1.1.1.7 1.1.1.8", "1.1.1.8 53", 8},
      {"1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4 1.1.1.5 1.1.1.6 1.1.1.7 1.1.1.8 1.1.1.9", NULL, 0},
      {"", NULL, 0},
      {"  ", NULL, 0},
      {"localhost", NULL, 0},
      {"192.0.2.1:", NULL, 0},
      {"192.0.2.1:0", NULL, 0},
      {"192.0.2.1:65536", NULL, 0},
      {"192.0.2.1:053", NULL, 0},
      {"[2001:db8::1", NULL, 0},
      {"[2001:db8::1]x", NULL, 0},
      {"[2001:db8::1]53", NULL, 0},
      {"[2001:db8::1]:", NULL, 0},
      {"[2001:db8::1]:65536", NULL, 0},
      {"[]:53", NULL, 0},
      {"2001:db8::1]:53", NULL, 0},
      {"192.0.2.1 192.0.2", NULL, 0},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct dnsclient_options o = {.servers = 5};
    bool good = dnsclient_parse_servers(span_str(rows[i].text), &o);
    ok(good == (rows[i].want != NULL), "servers \"%s\": %s", rows[i].text,
       rows[i].want ? "accepted" : "refused");
    if (!good || !rows[i].want) continue;
    char got[80];
    const struct dnsserver *s = &o.server[o.servers - 1];
    size_t len = addr_format(got, &s->address);
    snprintf(got + len, sizeof got - len, " %u", s->port);
    ok(o.servers == rows[i].servers, "%zu servers", rows[i].servers);
    is_text(span_str(got), rows[i].want, "the last server");
  }
}

/* What /etc/resolv.conf has is tested in tests/cmd/resolve.t. */
static void default_servers(void) {
  start_client(1000);
  ok(client.servers >= 1, "without configuration there is a server all the same");
  stop_all();
}

/* ---- one name server ---- */

static void answers(void) {
  start_all(1, 300);
  struct asked *a = ask("a.ok.test");
  ok(a->answered == 0, "dnsclient_send does not answer");
  run_until(1);
  ok(has_right_answer(a), "an answer");
  ok(nameserver[0].queries == 1, "one datagram");
  ok((nameserver[0].flags[0] & 0xf9) == 1 && nameserver[0].flags[1] == 0,
     "a query that wants recursion");
  ok(nameserver[0].edns_bytes == 1232, "EDNS offers 1,232 bytes");
  ok(dnsclient_next(&client) == INT64_MAX, "nothing is due after that");
  a = ask("nx.test.example");
  run_until(2);
  ok(a->answered == 1 && a->result.status == DNS_NXDOMAIN, "NXDOMAIN");
  a = ask("tc.test.example");
  run_until(3);
  ok(has_right_answer(a) && nameserver[0].tcp_queries == 1, "a truncated answer, then TCP");
  stop_all();
  static const char *const failures[] = {"servfail", "refused", "notimp", "formerr"};
  for (int i = 0; i < 4; i++) {
    char name[64];
    snprintf(name, sizeof name, "%s.test.example", failures[i]);
    start_all(1, 300);
    a = ask(name);
    run_until(1);
    ok(is_unknown(a, DNSCLIENT_FAILURE_TTL), "%s", failures[i]);
    stop_all();
  }
}

/* Forged or damaged answers are ignored: the right one is waited for. */
static void wrong_answers(void) {
  static const char *const wrong[] = {"id", "name", "type", "port", "address", "length"};
  for (int i = 0; i < 6; i++) {
    char name[64];
    start_all(1, 300);
    snprintf(name, sizeof name, "wrong-%s.test.example", wrong[i]);
    struct asked *alone = ask(name);
    snprintf(name, sizeof name, "wrong-%s-right.test.example", wrong[i]);
    struct asked *with_right = ask(name);
    run_until(2);
    ok(is_unknown(alone, DNSCLIENT_FAILURE_TTL), "an answer with a wrong %s is ignored", wrong[i]);
    ok(has_right_answer(with_right), "the right one after it is accepted");
    stop_all();
  }
}

static void timeouts(void) {
  start_all(1, 300);
  int64_t began = clock_monotonic_ms();
  struct asked *a = ask("drop.test.example");
  run_until(1);
  ok(is_unknown(a, DNSCLIENT_FAILURE_TTL), "no answer");
  ok(a->at - began >= 300, "the result comes after the deadline (%d ms)", (int)(a->at - began));
  ok(nameserver[0].queries == 3, "the query was sent three times");
  stop_all();
  start_all(1, 300);
  a = ask("second.test.example");
  run_until(1);
  ok(has_right_answer(a) && nameserver[0].queries == 2, "an answer to the second datagram");
  stop_all();
}

/* A server on ::1 that gives the right answer to one query. */
static void ipv6(void) {
  static struct packet_out out;
  struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT}, from;
  struct dnsclient_options o = {.servers = 1, .deadline_ms = 2000};
  socklen_t len = sizeof address, from_len = sizeof from;
  uint8_t query[512];
  size_t end;
  int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) != 0) {
    ok(true, "# SKIP no IPv6 here");
    if (fd >= 0) close(fd);
    return;
  }
  check(getsockname(fd, (struct sockaddr *)&address, &len) == 0, "getsockname");
  o.server[0].port = ntohs(address.sin6_port);
  check(addr_parse(span_str("::1"), &o.server[0].address), "::1");
  asked_count = answered_count = 0;
  check(!dnsclient_open(&client, &o), "dnsclient_open");
  struct asked *a = ask("a.ok.test");
  dnsclient_poll(&client, clock_monotonic_ms());
  ssize_t got =
      recvfrom(fd, query, sizeof query, MSG_DONTWAIT, (struct sockaddr *)&from, &from_len);
  check(got > 0, "no query");
  struct question q = read_query(query, (size_t)got, &end);
  answer(&out, &q, query, RIGHT);
  sendto(fd, out.data, out.len, 0, (struct sockaddr *)&from, from_len);
  run_until(1);
  ok(has_right_answer(a), "a server with an IPv6 address");
  close(fd);
  stop_all();
}

/* ---- a server that does not exist ---- */

static void unreachable(void) {
  struct sockaddr_in address;
  start_server(&nameserver[0], new_address());
  address = nameserver[0].address;
  start_client(1000);
  stop_server(&nameserver[0]);
  int64_t began = clock_monotonic_ms();
  struct asked *a = ask("a.ok.test");
  dnsclient_poll(&client, began);
  run_for(100);
  ok(a->answered == 0 && client.pending == 0, "nothing listens: the query is sent again later");
  ok(dnsclient_next(&client) == a->query.retry_at &&
         a->query.retry_at >= began + DNSCLIENT_RETRY_MS,
     "and is due then");
  run_until(1);
  ok(is_unknown(a, 0), "nothing listens until the deadline");
  ok(a->at - began >= 600 && a->at - began < 1000, "no retry is later than that (%d ms)",
     (int)(a->at - began));
  a = ask("a.ok.test");
  run_for(100);
  start_server(&nameserver[0], address);
  run_until(2);
  ok(has_right_answer(a), "a server that is started before the deadline");
  stop_all();
}

/* ---- several servers ---- */

static void two_servers(void) {
  struct sockaddr_in dead = new_address();
  struct dnsclient_options o = {.deadline_ms = 600};
  start_all(2, 600);
  struct asked *a = ask("a.ok.test");
  run_until(1);
  ok(has_right_answer(a) && nameserver[0].queries == 1 && nameserver[1].queries == 0,
     "the first server is asked first");
  a = ask("servfail.test.example");
  run_until(2);
  ok(is_unknown(a, DNSCLIENT_FAILURE_TTL) && a->query.servers_failed == 1 &&
         nameserver[1].queries > 0,
     "both servers fail");
  nameserver[0].queries = nameserver[1].queries = 0;
  a = ask("second.test.example");
  run_until(3);
  ok(a->answered == 1 && nameserver[0].queries >= 1 && nameserver[1].queries >= 1,
     "the first server does not answer: the second one is asked");
  stop_all();
  start_server(&nameserver[0], new_address());
  dead.sin_port = nameserver[0].address.sin_port;
  add_server(&o, dead);
  add_server(&o, nameserver[0].address);
  asked_count = answered_count = 0;
  check(!dnsclient_open(&client, &o), "dnsclient_open");
  a = ask("a.ok.test");
  run_until(1);
  ok(has_right_answer(a), "nothing listens at the first server");
  stop_all();
}

/* ---- many queries ---- */

static void many(void) {
  int right = 0;
  start_all(1, 20000);
  for (int i = 0; i < 5000; i++) {
    char name[64];
    snprintf(name, sizeof name, "n%d.ok.test", i);
    ask(name);
  }
  run_until(5000);
  for (int i = 0; i < 5000; i++) right += has_right_answer(&asked[i]);
  ok(right == 5000, "5,000 queries at once: %d right answers", right);
  ok(nameserver[0].ports >= DNSCLIENT_CHANNELS, "from %d ports", nameserver[0].ports);
  ok(client.pending == 0 && dnsclient_next(&client) == INT64_MAX, "nothing is left");
  stop_all();
}

/* Answers on several channels at once. */
static void at_once(void) {
  start_all(1, 5000);
  for (int i = 0; i < 40; i++) ask("a.ok.test");
  dnsclient_poll(&client, clock_monotonic_ms());
  serve();
  ok(nameserver[0].queries == 40 && answered_count == 0, "40 queries that are answered");
  dnsclient_poll(&client, clock_monotonic_ms());
  ok(answered_count == 40, "one call takes all answers");
  stop_all();
}

static bool all_channels_used(unsigned int times) {
  for (int i = 0; i < DNSCLIENT_CHANNELS; i++)
    if (client.channel[i].used != times) return false;
  return true;
}

static void poll_times(int count, int64_t now) {
  for (int i = 0; i < count; i++) dnsclient_poll(&client, now);
}

/* No server answers, and the time is the test's, so that no timeout of c-ares comes in between. */
static void bounds(void) {
  int64_t now = clock_monotonic_ms() / DNSCLIENT_PERIOD_MS * DNSCLIENT_PERIOD_MS;
  const int64_t start = now;
  start_all(1, 60000);
  for (int i = 0; i < QUERIES_MAX; i++) {
    char name[64];
    snprintf(name, sizeof name, "drop.n%d.test", i);
    ask_at(name, now);
  }
  ok(dnsclient_next(&client) == client.now, "a query in the queue is due now");
  dnsclient_poll(&client, now);
  ok(client.pending == 256, "one call sends 256 queries");
  poll_times(20, now);
  ok(client.pending == DNSCLIENT_RECENT_MAX, "2,048 queries in a moment, and no more");
  ok(dnsclient_next(&client) > now, "the next call is due for timeouts only");
  poll_times(20, now + DNSCLIENT_PERIODS * DNSCLIENT_PERIOD_MS - 1);
  ok(client.pending == DNSCLIENT_RECENT_MAX, "nor as long as these are recent");
  for (int i = 1; i <= 3; i++) poll_times(20, now + i * DNSCLIENT_PERIODS * DNSCLIENT_PERIOD_MS);
  ok(client.pending == 4 * DNSCLIENT_RECENT_MAX, "then as many again");
  ok(all_channels_used(DNSCLIENT_CHANNEL_QUERIES), "each channel is used 256 times");
  for (int i = 4; i <= 9; i++) poll_times(20, now + i * DNSCLIENT_PERIODS * DNSCLIENT_PERIOD_MS);
  ok(client.pending == DNSCLIENT_QUERIES_MAX, "16,384 queries without an answer, and no more");
  now = start + 60000;
  dnsclient_poll(&client, now - 1);
  ok(answered_count == 0, "the others wait");
  poll_times(1, now);
  ok(answered_count == 0, "while there is no room for them");
  struct asked *first = &asked[DNSCLIENT_QUERIES_MAX];
  ok(first->query.channel == NULL, "they have not been sent");
  ok(first->answered == 0, "and have no result");
  stop_all();
  ok(answered_count == 0, "dnsclient_close answers no query");
}

/* Each of three servers has 10 channels that ask it first. The queries are for the last server, and
   64 more than its channels may be used for. */
static void three_servers(void) {
  const int count = 10 * DNSCLIENT_CHANNEL_QUERIES + 64;
  struct dnsclient_options o = {.deadline_ms = 60000};
  int64_t now = clock_monotonic_ms();
  int right = 0, used = 0;
  start_server(&nameserver[0], new_address());
  for (int i = 0; i < 3; i++) add_server(&o, nameserver[0].address);
  asked_count = answered_count = 0;
  check(!dnsclient_open(&client, &o), "dnsclient_open");
  for (int i = 0; i < count; i++) ask_at("drop.example.org", now)->query.servers_failed = 2;
  for (int i = 0; i < 2; i++) poll_times(20, now + i * DNSCLIENT_PERIODS * DNSCLIENT_PERIOD_MS);
  for (int i = 0; i < DNSCLIENT_CHANNELS; i++) {
    bool is_own = i % 3 == 2 && i < 30;
    used += (int)client.channel[i].used;
    right +=
        is_own ? client.channel[i].used >= DNSCLIENT_CHANNEL_QUERIES : client.channel[i].used == 0;
  }
  ok(right == DNSCLIENT_CHANNELS, "three servers: the last one has 10 channels, all of them used");
  ok(used == count, "a channel is used more if all have been used enough");
  stop_all();
}

/* A query that is still in the queue at its deadline is not sent. */
static void unsent(void) {
  int64_t now = clock_monotonic_ms();
  start_all(1, 300);
  struct asked *late = ask_at("a.late.test", now - 300),
               *in_time = ask_at("a.early.test", now - 299);
  dnsclient_poll(&client, now);
  ok(is_unknown(late, 0) && late->query.channel == NULL, "a query past its deadline is not sent");
  ok(in_time->answered == 0 && in_time->query.channel != NULL, "one before its deadline is");
  run_until(2);
  ok(has_right_answer(in_time) && nameserver[0].queries == 1, "and is answered");
  stop_all();
}

/* A channel gets new sockets when it has no query in progress. */
static void new_ports(void) {
  int right = 0;
  start_all(1, 2000);
  for (int i = 0; i < 40; i++) {
    ask("a.ok.test");
    run_until(i + 1);
    right += has_right_answer(&asked[i]);
  }
  ok(right == 40, "40 queries, one after the other");
  ok(nameserver[0].ports > 30, "from %d ports", nameserver[0].ports);
  stop_all();
}

int main(void) {
  if (sodium_init() < 0 || !clock_works()) return 111;
  parse_servers();
  default_servers();
  answers();
  wrong_answers();
  timeouts();
  ipv6();
  unreachable();
  two_servers();
  many();
  at_once();
  bounds();
  three_servers();
  unsent();
  new_ports();
  return done();
}
