/* dnsfields.h: the answers of an inquiry as the fields of a session line; sinbin-session(5) says what
   they mean.

   A field is absent where nothing was asked, and `?` where the answer is not known. A fact that
   costs a client points (fcrdns=no, heloa=other or none, sendermx=no, an empty ptr=) needs every
   answer that could speak against it.

   Where a name of the reverse zone leads back to the peer, ptr= has only such names: a client must
   not be known by a name that it wrote into its reverse zone beside one of its own. */
#ifndef SINBIN_RESOLVE_DNSFIELDS_H
#define SINBIN_RESOLVE_DNSFIELDS_H

#include "resolve/lookups.h"

#define DNSFIELDS_PTR_MAX   1024
#define DNSFIELDS_LISTS_MAX 600 /* of dnsbl=, and of dnswl= */
#define DNSFIELDS_TEXT_MAX  (DNSFIELDS_PTR_MAX + 2 * DNSFIELDS_LISTS_MAX + 100)

int dnsfields_fcrdns(const struct lookups *q);   /* enum answer */
int dnsfields_heloa(const struct lookups *q);    /* enum heloa */
int dnsfields_sendermx(const struct lookups *q); /* enum answer */

/* " ptr=NAMES fcrdns=... ...", each with its space before it, at most DNSFIELDS_TEXT_MAX bytes; returns
   the length. */
size_t dnsfields_format(const struct lookups *q, char *out);

/* The names of the fields that dnsfields_format writes, and a NULL. */
extern const char *const dnsfields_keys[];

#endif
