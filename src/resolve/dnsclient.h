/* dnsclient.h: sends DNS queries to recursive name servers with c-ares, many at a time. This is the
   only part of resolve/ that uses sockets.

   Names are absolute: no search domain is appended. EDNS offers 1,232 bytes. A truncated answer is
   asked for again by TCP. Name servers are tried in their order:
     - If a server does not answer in time, the next one is asked. After the last one all are asked
       again, with twice the timeout. All rounds together take about deadline_ms.
     - If a server has no answer (SERVFAIL, REFUSED, NOTIMP, FORMERR), the next one is asked at
       once.
     - If no server can be reached because nothing listens there, the query is sent again after
       DNSCLIENT_RETRY_MS, until deadline_ms is over.
   Every query ends with a result. Without an answer it is DNS_UNKNOWN, with a TTL of
   DNSCLIENT_FAILURE_TTL seconds (RFC 2308, 7), or 0 if no server was reached or asked.

   Against forged answers: c-ares gives each query a random ID, and accepts an answer only from the
   address that was asked and with the question that was asked. But it uses one socket for each
   server, so one source port. Therefore queries are spread at random over DNSCLIENT_CHANNELS
   channels, each with its own sockets. After DNSCLIENT_CHANNEL_QUERIES queries a channel rests
   until its last query is done. c-ares then closes its sockets, and the next query opens new ones.

   So that a burst does not overload a name server, at most DNSCLIENT_RECENT_MAX queries are in
   progress that were sent within the last second, and DNSCLIENT_QUERIES_MAX in all. More queries
   wait in their order. One that has waited for deadline_ms ends without having been sent.

   Not thread-safe. Times are monotonic milliseconds. */
#ifndef SINBIN_RESOLVE_DNSCLIENT_H
#define SINBIN_RESOLVE_DNSCLIENT_H

#include "resolve/dnsquery.h"
#include <ares.h>

#define DNSCLIENT_CHANNELS        32
#define DNSCLIENT_CHANNEL_QUERIES 256
#define DNSCLIENT_RECENT_MAX      2048
#define DNSCLIENT_QUERIES_MAX     16384
#define DNSCLIENT_PERIODS         16 /* of DNSCLIENT_PERIOD_MS: how long a query is recent */
#define DNSCLIENT_PERIOD_MS       64
#define DNSCLIENT_SERVERS_MAX     8
#define DNSCLIENT_RETRY_MS        300
#define DNSCLIENT_FAILURE_TTL     10

struct dnsserver {
  struct addr address;
  uint16_t port;
};

struct dnsclient_options {
  size_t servers; /* 0: those of /etc/resolv.conf, or 127.0.0.1 if it has none */
  struct dnsserver server[DNSCLIENT_SERVERS_MAX];
  int64_t deadline_ms;
};

struct dnsclient;

/* Channel n asks server number n modulo the number of servers first. */
struct channel {
  ares_channel ares;
  struct dnsclient *client;
  unsigned int used;    /* queries since it had none in progress */
  unsigned int pending; /* queries in progress */
  bool is_open;
};

struct dnsquery_queue {
  struct dnsquery *first, **end;
};

struct dnsclient {
  int epoll;
  struct channel channel[DNSCLIENT_CHANNELS];
  size_t pending; /* queries in progress */
  size_t servers;
  uint32_t recent[DNSCLIENT_PERIODS]; /* queries in progress, by the period they were sent in */
  int64_t period;                     /* the current one: now / DNSCLIENT_PERIOD_MS */
  struct dnsquery_queue to_send, to_retry;
  int64_t now, deadline_ms;
  int64_t last_check; /* for timeouts */
  bool closing;
};

/* Parses "ADDRESS ADDRESS:PORT [ADDRESS]:PORT ...", separated by blanks. False if it is malformed
   or empty, or has too many servers. */
bool dnsclient_parse_servers(struct span text, struct dnsclient_options *o);

/* Returns NULL, or the error as text for a message. Call dnsclient_close in both cases. */
const char *dnsclient_open(struct dnsclient *client, const struct dnsclient_options *o);
/* Queries in progress get no result. */
void dnsclient_close(struct dnsclient *client);

/* For struct dnssender; client is a struct dnsclient. The query is sent by dnsclient_poll. */
void dnsclient_send(void *client, struct dnsquery *query);

/* Sends and receives what can be without waiting, and calls dnsquery.answered. */
void dnsclient_poll(struct dnsclient *client, int64_t now);
/* When dnsclient_poll must be called even if client->epoll is not readable; INT64_MAX: never. */
int64_t dnsclient_next(const struct dnsclient *client);

#endif
