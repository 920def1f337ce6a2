/* handlerenv.h: the environment of a handler, put together per connection without allocating or
   searching.

   handlerenv_open copies the pointers of the listener's own environment once, without the names that
   are ours (below) and those that were meant for the listener alone: LISTEN_*, NOTIFY_SOCKET,
   NOTIFY_FD, WATCHDOG_*, LOGDIR, CHECKPOINTS and LOG_*. handlerenv_fill writes the facts of a
   connection into slots that stand before them:

     PROTO           TCP, or TCP6 where the peer's address is IPv6 (as ucspi-tcp-ipv6 does)
     TCPREMOTEIP TCPREMOTEPORT TCPLOCALIP TCPLOCALPORT     IPv4-mapped addresses as IPv4
     PEERS RECENT    connections held from there, and arrivals in 60 s, this one included (peertable.h)
     STRESS=1        only while the peertable is near its limit
     SINBIN_PEER=env only where a proxy's header named the peer: the socket's peer is the proxy

   Variables of a peer rule come first and displace those of the same name in the listener's own
   environment; they cannot displace the facts, except that a rule may give STRESS.
   The environment strings and the rule must live until the vector has been used. */
#ifndef SINBIN_ACCEPT_HANDLERENV_H
#define SINBIN_ACCEPT_HANDLERENV_H

#include "accept/peerrules.h"
#include "base/number.h"

struct connection_info {
  struct addr peer, local;
  uint16_t pport, lport;
  uint32_t peers, recent;
  bool stress, proxied;
};

enum { HANDLERENV_FIXED = 7, HANDLERENV_OPTIONAL = 2, HANDLERENV_SLOT_MAX = 64 };

struct handlerenv {
  const char **plain;  /* room for the optional slots, the fixed ones, the own environment, NULL */
  const char **merged; /* the same behind the variables of a rule */
  size_t own;          /* strings of the own environment */
  char slot[HANDLERENV_FIXED][HANDLERENV_SLOT_MAX];
};

/* False: no memory. */
bool handlerenv_open(struct handlerenv *v, const char *const *environment);
void handlerenv_close(struct handlerenv *v);

/* A NULL-terminated vector, valid until the next call. rule may be NULL. */
const char *const *handlerenv_fill(struct handlerenv *v, const struct connection_info *facts,
                                   const struct peerrule *rule);

/* True for a name that a rule cannot give. */
bool handlerenv_is_reserved(struct span name);

#endif
