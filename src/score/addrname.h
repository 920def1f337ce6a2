/* addrname.h: how much of an address a host name spells out.

   IPv4: the four octets in any order, separated by anything, zero padded or not; without separators
   as is, reversed or rotated; in hexadecimal; as one decimal number. IPv6: the address in
   hexadecimal, whole or shortened, forwards or by reversed nibbles. Numbers of three digits and
   more stand for octets only where they are at most 255.

   host is what stands before the registered domain, in lower case. Pure, and bounded by the name's
   length; a name of any bytes is good. */
#ifndef SINBIN_SCORE_ADDRNAME_H
#define SINBIN_SCORE_ADDRNAME_H

#include "base/addr.h"
#include "score/numbers.h"

enum addrname {
  ADDRNAME_NOT,
  ADDRNAME_NUMBER,   /* three digits or more, which are no address known here, or its last octet */
  ADDRNAME_OTHER,    /* a public IPv4 address that is not the peer's, or a hardware address */
  ADDRNAME_LAST_TWO, /* the peer's last two octets, as two numbers */
  ADDRNAME_PART,     /* any three octets, or the last two zero padded; half of its IPv6 address */
  ADDRNAME_WHOLE,    /* the peer's address, or its last three octets in a row */
};

enum addrname addrname_find(struct span host, const struct addr *peer);

/* Its parts. numbers are those of host. */
enum addrname addrname_find_ipv4(struct span host, const struct numbers *numbers,
                                 const struct addr *peer);
enum addrname addrname_find_ipv6(struct span host, const struct addr *peer);

/* -1: no hexadecimal digit, in lower case. */
static inline int addrname_hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
