/* dnsquery.h: a question that is on its way, and who hears of the answer.

   Whoever asks owns it and keeps it, and the question, where they are until `answered` is called,
   which happens once, never within the call that asked, and with a finding of DNS_UNKNOWN where
   no answer came. From then on the asker knows nothing of it. */
#ifndef SINBIN_RESOLVE_DNSQUERY_H
#define SINBIN_RESOLVE_DNSQUERY_H

#include "resolve/dnsresult.h"

struct dnsquery {
  const struct question *question;
  void (*answered)(struct dnsquery *a, const struct dnsresult *f, int64_t now);
  void *owner;
  int64_t since; /* monotonic milliseconds */
  /* the asker's own */
  struct dnsquery *next;
  int64_t again, slot;
  unsigned int refused; /* servers that had no answer */
  void *channel;
};

/* How to ask: something of the asker's and a function that takes the question. */
struct dnssender {
  void *client;
  void (*ask)(void *client, struct dnsquery *a);
};

#endif
