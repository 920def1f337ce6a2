/* lostline.h: the line for a handler that ended without writing its session line. A handler exits 0
   only after it has written it.

     lost1 at=1764000000.123 peer=192.0.2.7 pport=40112 ms=14023 status=signal:9
     lost1 at=1764000000.123 peer=192.0.2.7 pport=40112 ms=14023 status=exit:111

   `at` is when the connection was accepted, as in a session line. `ms` is how long the handler ran, in
   milliseconds. `status` is the signal that killed it or its exit status. */
#ifndef SINBIN_ACCEPT_LOSTLINE_H
#define SINBIN_ACCEPT_LOSTLINE_H

#include "base/addr.h"

#define LOSTLINE_MAX 240

struct lostline {
  struct addr peer;
  uint16_t pport;
  int64_t at_ms, lived_ms;
  int status; /* an exit status, or minus a signal */
};

/* Writes the line without LF to buf (LOSTLINE_MAX bytes) and returns its length. */
size_t lostline_format(const struct lostline *lost, char *buf);

#endif
