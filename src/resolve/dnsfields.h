/* dnsfields.h: the answers of a struct lookups as fields of the session line. sinbin-session(5)
   specifies the fields.

   A field is absent if nothing was asked, and `?` if the answer is not known. A value that costs a
   client points (fcrdns=no, heloa=other or none, sendermx=no, an empty ptr=) is written only if all
   answers that could disprove it are known.

   If a PTR name resolves back to the peer, ptr= has only such names. Otherwise a client could pass
   for a third party by adding a name of that party to its own reverse zone. */
#ifndef SINBIN_RESOLVE_DNSFIELDS_H
#define SINBIN_RESOLVE_DNSFIELDS_H

#include "resolve/lookups.h"

#define DNSFIELDS_PTR_MAX   1024 /* bytes of the value of ptr= */
#define DNSFIELDS_LISTS_MAX 600  /* of dnsbl=, and of dnswl= */
#define DNSFIELDS_TEXT_MAX  (DNSFIELDS_PTR_MAX + 2 * DNSFIELDS_LISTS_MAX + 100)

int dnsfields_fcrdns(const struct lookups *q);   /* enum answer */
int dnsfields_heloa(const struct lookups *q);    /* enum heloa */
int dnsfields_sendermx(const struct lookups *q); /* enum answer */

/* Writes " ptr=... fcrdns=...", a space in front of each field, at most DNSFIELDS_TEXT_MAX bytes.
   Returns the length. */
size_t dnsfields_format(const struct lookups *q, char *out);

/* The keys of all fields that dnsfields_format writes; the last element is NULL. */
extern const char *const dnsfields_keys[];

#endif
