/* proxy.h: the header that a proxy writes before the bytes of the connection it hands on ("The
   PROXY protocol", versions 1 and 2, haproxy.org), decoded from what has arrived so far.

   Untrusted only in form: the caller must know that the peer is a proxy of its own before it asks.
   The bytes are borrowed. The answer never depends on how they were split: PROXY_MORE may become
   anything, every other answer is final, and bytes behind the header are never looked at.

   Limits: version 1 takes 107 bytes with its CRLF, version 2 PROXY_BYTES_MAX with all extensions
   (TLVs), which are skipped. Version 1 is parsed strictly: one space between words, canonical
   numbers and addresses of the named family. Version 2 must carry TCP over IPv4 or IPv6; UDP and
   UNIX sockets are malformed here. */
#ifndef SINBIN_ACCEPT_PROXY_H
#define SINBIN_ACCEPT_PROXY_H

#include "base/addr.h"

#define PROXY_BYTES_MAX 2048 /* what a caller must be able to hold of a header */

enum proxy_result {
  PROXY_MORE,    /* a beginning of a header */
  PROXY_ADDRESS, /* whole; all members are set */
  PROXY_LOCAL, /* whole, but it names nobody (LOCAL, UNKNOWN): the peer is who it is; len is set */
  PROXY_MALFORMED /* no header, nor a beginning of one */
};

struct proxy_header {
  size_t len; /* of the header, in bytes: what is to be consumed */
  struct addr peer, local;
  uint16_t pport, lport;
};

enum proxy_result proxy_decode(struct span bytes, struct proxy_header *out);

#endif
