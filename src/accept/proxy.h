/* proxy.h: decodes the header that a proxy sends before the bytes of the connection it passes on ("The
   PROXY protocol", versions 1 and 2, haproxy.org).

   The caller must know that the peer is one of its proxies. Then what the header says is trusted, but
   not its form. The bytes are borrowed. The result does not depend on how the bytes were split: PROXY_MORE may become any
   other result, all other results are final, and bytes after the header are never looked at.

   Limits: a version 1 header has at most 107 bytes with its CRLF; a version 2 header at most
   PROXY_BYTES_MAX with all extensions (TLVs), which are skipped. Version 1 is parsed strictly: one
   space between words, canonical numbers, addresses of the named family. Version 2 must carry TCP over
   IPv4 or IPv6; UDP and UNIX sockets are malformed here. */
#ifndef SINBIN_ACCEPT_PROXY_H
#define SINBIN_ACCEPT_PROXY_H

#include "base/addr.h"

#define PROXY_BYTES_MAX 2048 /* the caller must be able to hold a header of this length */

enum proxy_result {
  PROXY_MORE,     /* the beginning of a header */
  PROXY_ADDRESS,  /* complete; all members of the header are set */
  PROXY_LOCAL,    /* complete, but without an address (LOCAL, UNKNOWN); only len is set */
  PROXY_MALFORMED /* neither a header nor the beginning of one */
};

struct proxy_header {
  size_t len; /* of the header, in bytes; the caller consumes them */
  struct addr peer, local;
  uint16_t pport, lport;
};

enum proxy_result proxy_decode(struct span bytes, struct proxy_header *out);

#endif
