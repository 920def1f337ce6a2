/* asker.h: asks name servers, many questions at a time, by c-ares.

   Questions are absolute and recursion is wanted; no search domain is ever appended. A truncated
   answer is asked for again by TCP. EDNS offers 1,232 bytes. Name servers are tried in their order:
   the next one where one does not answer or has no answer (SERVFAIL, REFUSED), and all of them
   again with growing patience where none answers, so that every question is answered or given up
   (FOUND_UNKNOWN) within about `patience`. While no server can be reached at all (nothing listens
   there), questions are kept and tried again.

   Against forged answers: c-ares gives each question a random ID and takes an answer only from the
   address asked and for the question asked. It uses one socket a server, so questions are spread at
   random over ASKER_CHANNELS channels, each with sockets of its own whose ports the kernel chose; a
   channel that was used ASKER_REST_AFTER times gets new ones as soon as nothing is under way on it.

   At most ASKER_WINDOW questions that were sent within the last second are under way, so that no
   burst overruns a name server, and ASKER_OPEN_MAX in all, so that those without an answer do not
   keep others from being asked. Others wait in order, and are given up unsent if that takes longer
   than `patience`. Not thread-safe; the clock is monotonic milliseconds. The one part of resolve/
   that touches the system. */
#ifndef SINBIN_RESOLVE_ASKER_H
#define SINBIN_RESOLVE_ASKER_H

#include "resolve/asked.h"
#include <ares.h>

#define ASKER_CHANNELS    32
#define ASKER_REST_AFTER  256
#define ASKER_WINDOW      2048
#define ASKER_OPEN_MAX    16384
#define ASKER_SLOTS       16 /* of ASKER_SLOT_MS: how long a question counts as new */
#define ASKER_SLOT_MS     64
#define ASKER_SERVERS_MAX 8

struct server {
  struct addr address;
  uint16_t port;
};

struct asker_options {
  size_t servers; /* 0: those of /etc/resolv.conf, 127.0.0.1 where it names none */
  struct server server[ASKER_SERVERS_MAX];
  int64_t patience;
};

struct asker;

/* The servers of channel number n are tried from the one numbered n modulo their count on. */
struct channel {
  ares_channel ares;
  struct asker *asker;
  unsigned int used, under_way;
  bool is_open;
};

struct asked_queue {
  struct asked *first, **end;
};

struct asker {
  int epoll;
  struct channel channel[ASKER_CHANNELS];
  size_t under_way, servers;
  uint32_t sent[ASKER_SLOTS];      /* without an answer, by when they were sent */
  int64_t slot;                    /* the newest of these, ASKER_SLOT_MS each */
  struct asked_queue fresh, later; /* to be sent, and to be tried again */
  int64_t now, patience, ticked;
  bool closing;
};

/* "ADDRESS ADDRESS:PORT [ADDRESS]:PORT ...", separated by blanks. False: malformed or too many. */
bool asker_parse_servers(struct span text, struct asker_options *o);

/* NULL, or what went wrong. */
const char *asker_open(struct asker *a, const struct asker_options *o);
void asker_close(struct asker *a);

/* For struct ask; asker is a struct asker. */
void asker_ask(void *asker, struct asked *a);

/* Sends, receives and hands on answers without waiting. */
void asker_run(struct asker *a, int64_t now);
/* When asker_run is due although a->epoll is not readable; INT64_MAX: never. */
int64_t asker_next(const struct asker *a);

#endif
