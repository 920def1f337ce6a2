/* lookups.h: the DNS questions of one session line, and their answers.

   The questions are slots:

     slot             question                              becomes due
     PTR              PTR of the peer                       at once
     FORWARD + n      A or AAAA (as the peer) of name n     if PTR has names
     HELO + n         A or AAAA (as the peer) of HELO n     at once
     HELO_CHECK + n   the other of A and AAAA               if HELO + n is NXDOMAIN
     MX               MX of the sender's domain             at once
     SENDER_A         A of that domain                      if MX is NODATA or NXDOMAIN
     SENDER_AAAA      AAAA of that domain                   if MX and SENDER_A are NODATA
     LIST + n         the peer in list n                    at once, if the list passed its test

   The caller takes due slots with lookups_next, asks the question, and gives each result to
   lookups_put, in any order. A slot without a result when dnsfields_format is called counts as
   unknown. About a peer with a special-purpose address (question_addr_is_special) only the sender's
   slots are used, unless ask_special is set.

   NXDOMAIN is believed only if two record types have it, because it costs a client points and some
   name servers answer it for types that they do not know.

   A struct lookups borrows the line and the lists. lookups_free frees the names that it keeps. */
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

/* How the addresses of a name compare with the peer. MATCH_NEAR: one is in its /24 or /48. */
enum match { MATCH_UNKNOWN, MATCH_PEER, MATCH_NEAR, MATCH_OTHER, MATCH_NODATA, MATCH_NXDOMAIN };

struct lookups {
  struct addr peer;
  const struct dnslists *lists;
  uint8_t state[SLOTS];  /* enum slot_state */
  uint8_t status[SLOTS]; /* enum dnsstatus of an answered slot */
  uint8_t match[SLOTS];  /* enum match of an answered slot FORWARD, HELO, HELO_CHECK */
  struct span helo[LOOKUPS_HELOS_MAX]; /* names that can be asked; encoded, borrowed */
  uint8_t helos;
  bool helo_incomplete; /* there are more names, or the last one was cut */
  struct span sender;   /* the domain, encoded; empty if it cannot be asked */
  bool null_mx;
  char *names; /* of PTR, as dnsresult_names */
  uint16_t names_len;
  uint8_t names_count;
  bool names_incomplete;        /* there are more names */
  uint8_t listed[DNSLISTS_MAX]; /* enum listed */
  struct dnslist_codes codes[DNSLISTS_MAX];
};

void lookups_init(struct lookups *q, const struct sessionline *line, const struct dnslists *lists,
                  bool ask_special);
void lookups_free(struct lookups *q);

/* Returns the next due slot and sets its question; the slot is then asked. -1: no slot is due. */
int lookups_next(struct lookups *q, struct question *question);
void lookups_put(struct lookups *q, int slot, const struct dnsresult *result);
/* True if no slot is due or asked. */
bool lookups_is_done(const struct lookups *q);

enum match lookups_match_addresses(const struct dnsresult *result, const struct addr *peer);

#endif
