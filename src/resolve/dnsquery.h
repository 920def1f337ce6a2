/* dnsquery.h: one query in progress, and where to send queries.

   The caller owns the query and its question. Both must stay in place until `answered` is called.
   It is called once, and never from within dnssender.send; the status of *result is DNS_UNKNOWN if
   no answer came. After that call the sender does not use the query any more. */
#ifndef SINBIN_RESOLVE_DNSQUERY_H
#define SINBIN_RESOLVE_DNSQUERY_H

#include "resolve/dnsresult.h"

struct dnsquery {
  /* set by the caller */
  const struct question *question;
  void (*answered)(struct dnsquery *query, const struct dnsresult *result, int64_t now);
  void *owner;
  int64_t since; /* monotonic milliseconds */
  /* used by the sender; zero at first */
  struct dnsquery *next;
  int64_t retry_at, period;
  unsigned int servers_failed;
  void *channel;
};

/* What sends queries: dnsclient.h, or a test. */
struct dnssender {
  void (*send)(void *client, struct dnsquery *query);
  void *client;
};

#endif
