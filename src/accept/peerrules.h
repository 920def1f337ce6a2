/* peerrules.h: the operator's rules for peers: a CDB as compiled by tcprules(1).

   A key is an address, a prefix of its text that ends in `.` or `:`, a range ADDRESS/BITS, or empty.
   For a peer the first match of this list is used:

     1. the whole address
     2. the ranges around it, the longest first
     3. the prefixes of its text, the longest first
     4. the empty key

   This is tcpserver's order, with ranges added. Addresses are written as in RFC 5952, IPv4-mapped ones
   as IPv4. A key that can never match (a host name, an address in another spelling, a range with host
   bits set) is counted, and the first one is kept for a warning.

   A value is a sequence of items, each ended by NUL: `D` (deny) or `+NAME=VALUE`. The variable
   SINBIN_PROXY=1 marks a proxy; it is not passed to handlers.

   The file is mapped: it must be replaced by rename, as tcprules does. peerrules_open reads and checks
   all of it. Everything found borrows from the map until peerrules_close. */
#ifndef SINBIN_ACCEPT_PEERRULES_H
#define SINBIN_ACCEPT_PEERRULES_H

#include "base/addr.h"
#include <cdb.h>

#define PEERRULE_VARIABLES 32
#define PEERRULE_KEY_MAX   128

struct peerrules {
  struct cdb cdb;
  uint8_t bits[129 + 33]; /* the lengths of ranges in the file: IPv6, then IPv4; longest first */
  size_t bits_ipv6, bits_ipv4;
  uint64_t keys, unmatched;
  char first_unmatched[PEERRULE_KEY_MAX + 1];
};

struct peerrule {
  bool deny, proxy;
  size_t count;
  const char *variable[PEERRULE_VARIABLES]; /* "NAME=VALUE", ended by NUL */
};

/* The caller may close fd afterwards. False, with nothing to close, if the file is damaged or not a
   file of tcprules (errno is EPROTO then), or if it cannot be mapped. */
bool peerrules_open(struct peerrules *rules, int fd);
void peerrules_close(struct peerrules *rules);

/* Returns 1 if a rule was found, 0 if no rule applies (*out is empty), -1 if the file is damaged. */
int peerrules_find(struct peerrules *rules, const struct addr *peer, struct peerrule *out);

#endif
