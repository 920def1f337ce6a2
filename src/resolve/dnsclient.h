/* dnsclient.h: asks name servers, many questions at a time, by c-ares.

   Questions are absolute and recursion is wanted; no search domain is ever appended. A truncated
   answer is asked for again by TCP. EDNS offers 1,232 bytes. Name servers are tried in their order:
   the next one where one does not answer or has no answer (SERVFAIL, REFUSED), and all of them
   again with growing patience where none answers, so that every question is answered or given up
   (DNS_UNKNOWN) within about `patience`. While no server can be reached at all (nothing listens
   there), questions are kept and tried again.

   Against forged answers: c-ares gives each question a random ID and takes an answer only from the
   address asked and for the question asked. It uses one socket a server, so questions are spread at
   random over DNSCLIENT_CHANNELS channels, each with sockets of its own whose ports the kernel chose; a
   channel that was used DNSCLIENT_REST_AFTER times gets new ones as soon as nothing is under way on it.

   At most DNSCLIENT_WINDOW questions that were sent within the last second are under way, so that no
   burst overruns a name server, and DNSCLIENT_OPEN_MAX in all, so that those without an answer do not
   keep others from being asked. Others wait in order, and are given up unsent if that takes longer
   than `patience`. Not thread-safe; the clock is monotonic milliseconds. The one part of resolve/
   that touches the system. */
#ifndef SINBIN_RESOLVE_DNSCLIENT_H
#define SINBIN_RESOLVE_DNSCLIENT_H

#include "resolve/dnsquery.h"
#include <ares.h>

#define DNSCLIENT_CHANNELS    32
#define DNSCLIENT_REST_AFTER  256
#define DNSCLIENT_WINDOW      2048
#define DNSCLIENT_OPEN_MAX    16384
#define DNSCLIENT_SLOTS       16 /* of DNSCLIENT_SLOT_MS: how long a question counts as new */
#define DNSCLIENT_SLOT_MS     64
#define DNSCLIENT_SERVERS_MAX 8

struct server {
  struct addr address;
  uint16_t port;
};

struct dnsclient_options {
  size_t servers; /* 0: those of /etc/resolv.conf, 127.0.0.1 where it names none */
  struct server server[DNSCLIENT_SERVERS_MAX];
  int64_t deadline_ms;
};

struct dnsclient;

/* The servers of channel number n are tried from the one numbered n modulo their count on. */
struct channel {
  ares_channel ares;
  struct dnsclient *client;
  unsigned int used, under_way;
  bool is_open;
};

struct dnsquery_queue {
  struct dnsquery *first, **end;
};

struct dnsclient {
  int epoll;
  struct channel channel[DNSCLIENT_CHANNELS];
  size_t under_way, servers;
  uint32_t sent[DNSCLIENT_SLOTS];     /* without an answer, by when they were sent */
  int64_t slot;                       /* the newest of these, DNSCLIENT_SLOT_MS each */
  struct dnsquery_queue fresh, later; /* to be sent, and to be tried again */
  int64_t now, deadline_ms, ticked;
  bool closing;
};

/* "ADDRESS ADDRESS:PORT [ADDRESS]:PORT ...", separated by blanks. False: malformed or too many. */
bool dnsclient_parse_servers(struct span text, struct dnsclient_options *o);

/* NULL, or what went wrong. */
const char *dnsclient_open(struct dnsclient *a, const struct dnsclient_options *o);
void dnsclient_close(struct dnsclient *a);

/* For struct ask; asker is a struct asker. */
void dnsclient_send(void *client, struct dnsquery *a);

/* Sends, receives and hands on answers without waiting. */
void dnsclient_poll(struct dnsclient *a, int64_t now);
/* When dnsclient_poll is due although a->epoll is not readable; INT64_MAX: never. */
int64_t dnsclient_next(const struct dnsclient *a);

#endif
