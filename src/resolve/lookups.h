/* lookups.h: what one session line asks of the DNS, and what comes of the answers.

   An inquiry is a set of slots, one for each question that can become due:

     slot             question                          becomes due
     PTR              the peer's name                   at once
     FORWARD + n      A or AAAA, as the peer, of name n where PTR gave names
     HELO + n         A or AAAA, as the peer, of HELO n at once
     HELO_CHECK + n   the other of the two              where HELO + n said NXDOMAIN
     MX               MX of the sender's domain         at once
     SENDER_A         A of it                           where MX said NODATA or NXDOMAIN
     SENDER_AAAA      AAAA of it                        where MX and A said NODATA
     LIST + n         the peer in list n                at once, where the list's test was passed

   The caller takes due slots with lookups_next, asks, and hands each finding to lookups_put, in
   any order. Whatever is not answered when dnsfields_format is called is unknown. Peers without a place
   on the Internet (question_addr_is_special) get no question about themselves or their HELO, unless told so.

   NXDOMAIN is believed only where two types of record agree on it, since it costs a client points
   and some servers say it of a type they do not know.

   The inquiry borrows the line and the lists; lookups_free frees the names it keeps. */
#ifndef SINBIN_RESOLVE_LOOKUPS_H
#define SINBIN_RESOLVE_LOOKUPS_H

#include "line/sessionline.h"
#include "resolve/dnslists.h"

#define LOOKUPS_HELOS_MAX 4

enum {
  SLOT_PTR,
  SLOT_MX,
  SLOT_SENDER_A,
  SLOT_SENDER_AAAA,
  SLOT_FORWARD,
  SLOT_HELO = SLOT_FORWARD + DNSRESULT_NAMES_MAX,
  SLOT_HELO_CHECK = SLOT_HELO + LOOKUPS_HELOS_MAX,
  SLOT_LIST = SLOT_HELO_CHECK + LOOKUPS_HELOS_MAX,
  SLOTS = SLOT_LIST + DNSLISTS_MAX
};

enum slot_state { SLOT_UNUSED, SLOT_DUE, SLOT_ASKED, SLOT_ANSWERED };

/* What an answered slot of FORWARD or HELO came to. */
enum match { MATCH_UNKNOWN, MATCH_PEER, MATCH_NEAR, MATCH_OTHER, MATCH_NODATA, MATCH_NXDOMAIN };

struct lookups {
  struct addr peer;
  const struct dnslists *lists;
  bool asks_peer;                      /* questions about the peer are asked */
  uint8_t helos;                       /* names that could be asked */
  bool helo_incomplete;                /* there are further names, or one that was cut */
  struct span helo[LOOKUPS_HELOS_MAX]; /* encoded, borrowed */
  struct span sender;                  /* the domain, encoded; empty: none that can be asked */
  uint8_t state[SLOTS];
  uint8_t status[SLOTS]; /* enum dnsstatus of an answered slot */
  uint8_t match[SLOTS];  /* enum match */
  char *names;           /* of PTR, as dnsresult_names */
  uint16_t names_len;
  uint8_t names_count;
  bool names_incomplete; /* there were more names than are kept */
  bool null_mx;
  uint8_t listed[DNSLISTS_MAX]; /* enum listed */
  struct dnslist_codes codes[DNSLISTS_MAX];
};

void lookups_init(struct lookups *q, const struct sessionline *line, const struct dnslists *lists,
                  bool ask_special);
void lookups_free(struct lookups *q);

/* The next slot that is due, with its question; it is now asked. -1: none. */
int lookups_next(struct lookups *q, struct question *question);
void lookups_put(struct lookups *q, int slot, const struct dnsresult *f);
/* Nothing is due or awaited any more. */
bool lookups_is_done(const struct lookups *q);

/* How the addresses found compare with the peer: the same, in its /24 or /48, another. */
enum match lookups_match_addresses(const struct dnsresult *f, const struct addr *peer);

#endif
