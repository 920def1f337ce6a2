/* handlerenv.h: the environment of a handler. Setting it for a connection takes no memory and no
   search.

   handlerenv_init copies the pointers of the listener's environment once. It leaves out the variables
   of the list below, and those for the listener alone: LISTEN_*, NOTIFY_SOCKET, NOTIFY_FD, WATCHDOG_*,
   LOGDIR, CHECKPOINTS and LOG_*. handlerenv_set writes the variables of a connection in front of them:

     PROTO           TCP, or TCP6 if the peer's address is IPv6 (as in ucspi-tcp-ipv6)
     TCPREMOTEIP TCPREMOTEPORT TCPLOCALIP TCPLOCALPORT     IPv4-mapped addresses as IPv4
     PEERS RECENT    connections held from there, and arrivals in 60 s, this one included (peertable.h)
     STRESS=1        only while the peertable is near its limit
     SINBIN_PEER=env only if a proxy's header named the peer: the socket's peer is the proxy

   Variables of a peer rule come first and replace variables of the same name in the listener's
   environment. They cannot replace those of the list, but a rule may set STRESS.
   The environment's strings and the rule must exist until the vector has been used. */
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
  const char **plain;  /* the optional slots, the fixed ones, the inherited environment, NULL */
  const char **merged; /* the variables of a rule, then the same */
  size_t inherited;    /* strings of the inherited environment */
  char slot[HANDLERENV_FIXED][HANDLERENV_SLOT_MAX];
};

/* False: no memory. */
bool handlerenv_init(struct handlerenv *e, const char *const *environment);
void handlerenv_free(struct handlerenv *e);

/* A NULL-terminated vector, valid until the next call. rule may be NULL. */
const char *const *handlerenv_set(struct handlerenv *e, const struct connection_info *info,
                                  const struct peerrule *rule);

/* True for a name that a rule cannot set. */
bool handlerenv_is_reserved(struct span name);

#endif
