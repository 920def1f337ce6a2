/* peerrules.h: what the operator says about peers: a CDB as tcprules(1) compiles it.

   A key is an address, a prefix of its text ending in `.` or `:`, an address range ADDRESS/BITS, or
   nothing. For a peer the first of these is followed: its whole address; the ranges around it, the
   longest first; shorter and shorter prefixes; the empty key. So it is tcpserver's order, and the
   ranges are new: tcpserver never looks them up. Addresses are written as RFC 5952 says,
   IPv4-mapped ones as IPv4. A key that can never match (a host name, an address in another
   spelling, a range with bits behind its end) is counted, and the first one kept, so that the
   operator can be told.

   A value is a run of items, each ended by NUL: `D` (deny) or `+NAME=VALUE`. The variable
   SINBIN_PROXY=1 marks a proxy and is no variable of the connection.

   The file is mapped: it must be replaced by rename, as tcprules does. peerrules_open looks through
   all of it. Everything found borrows from the map until peerrules_close. */
#ifndef SINBIN_ACCEPT_PEERRULES_H
#define SINBIN_ACCEPT_PEERRULES_H

#include "base/addr.h"
#include <cdb.h>

#define PEERRULE_VARIABLES 32
#define PEERRULE_KEY_MAX   128

struct peerrules {
  struct cdb cdb;
  uint8_t bits[129 + 33]; /* the lengths of ranges that occur: IPv6, then IPv4; longest first */
  size_t bits_ipv6, bits_ipv4;
  uint64_t keys, unmatched;
  char first_unmatched[PEERRULE_KEY_MAX + 1];
};

struct peerrule {
  bool deny, proxy;
  size_t count;
  const char *variable[PEERRULE_VARIABLES]; /* "NAME=VALUE", ended by NUL */
};

/* fd may be closed afterwards. False, and nothing is held, where the file is damaged or none of
   tcprules (errno is EPROTO then), or where it cannot be mapped. */
bool peerrules_open(struct peerrules *rules, int fd);
void peerrules_close(struct peerrules *rules);

/* 1 found, 0 no rule applies (*out is an empty rule), -1 the file is damaged. */
int peerrules_find(struct peerrules *rules, const struct addr *peer, struct peerrule *out);

#endif
