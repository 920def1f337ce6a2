/* addrname.h: how much of an address a host name contains.

   IPv4: the four octets in any order, with anything between them, zero padded or not; without
   separators in the usual order, reversed or rotated; in hexadecimal; as one decimal number.
   IPv6: the address in hexadecimal, whole or shortened, or as reversed nibbles. A number of three
   digits or more is an octet only if it is at most 255.

   host is the name without its registered domain (generic_host_part), in lower case. It may hold
   any bytes. The functions are pure, and their time is bounded by the length of the name. */
#ifndef SINBIN_SCORE_ADDRNAME_H
#define SINBIN_SCORE_ADDRNAME_H

#include "base/addr.h"

enum addrname {
  ADDRNAME_NOT,
  ADDRNAME_NUMBER,   /* at least three digits that are not an address; or the peer's last octet */
  ADDRNAME_OTHER,    /* a public IPv4 address that is not the peer's, or a hardware address */
  ADDRNAME_LAST_TWO, /* the peer's last two octets, as two numbers */
  ADDRNAME_PART,     /* any three octets, or the last two zero padded; half of its IPv6 address */
  ADDRNAME_WHOLE,    /* the peer's address, or its last three octets in a row */
};

enum addrname addrname_find(struct span host, const struct addr *peer);

/* The value of a hexadecimal digit in lower case; -1 for any other byte. */
static inline int addrname_hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
