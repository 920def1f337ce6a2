/* spf.h: SPF records (RFC 7208) as text: the addresses that pass, and the other records that are
   referred to.

   The text is the output of `dig +short TXT DOMAIN`: a record per line, as one or more quoted
   strings, which are joined; `\"` and `\DDD` are bytes. Strings without quotes are read, too.
   Exactly one line must be a record that begins with v=spf1. */
#ifndef SINBIN_RULE_SPF_H
#define SINBIN_RULE_SPF_H

#include "base/span.h"

#define SPF_RECORD_MAX 65535

/* Does any line look like an SPF record? */
bool spf_is(struct span text);
/* Writes the record, at most text.len bytes, to out, and its length to *len. If false, *reason is a
   text for the operator. */
bool spf_record(struct span text, char *out, size_t *len, const char **reason);

enum spf_kind {
  SPF_END,
  SPF_IP4, /* with an address or a prefix */
  SPF_IP6,
  SPF_INCLUDE, /* with a domain; also for redirect= */
  SPF_PTR,     /* with the domain that the reverse names are below; empty: that of the record */
  SPF_LOOKUP,  /* a, mx, exists, or a macro: only the DNS knows the addresses */
  SPF_NOTHING, /* all, what does not pass (-, ~, ?), and other modifiers */
  SPF_MALFORMED
};
/* Takes the next term off *rest; *value is what follows its name, or the term itself. */
enum spf_kind spf_next(struct span *rest, struct span *value);

#endif
