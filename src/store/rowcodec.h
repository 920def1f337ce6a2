/* rowcodec.h: evidence and listings encoded as short sequences of bytes, for the cache and the
   journal. Pure.

   Numbers are varints: 7 bits a byte, the lowest first, the top bit set in all bytes but the last.
   Signed numbers are zigzag-encoded. Small numbers are short: one detector's evidence takes about
   70 bytes. If the time of receipt is known, a zero byte and that time come before the text, which
   never has a zero byte. So evidence that an earlier collector left in the journal, without that
   time, can be decoded, too.

   An encoding does not hold its own length: the text at its end is the rest. Every value has
   exactly one encoding. The decoders return false for any other bytes. */
#ifndef SINBIN_STORE_ROWCODEC_H
#define SINBIN_STORE_ROWCODEC_H

#include "policy/policy.h"

#define ROWCODEC_EVIDENCE_MAX 704
#define ROWCODEC_LISTING_MAX  1120

/* Both write at most as many bytes as above, and return the length. */
size_t rowcodec_encode_evidence(const struct evidence *e, char *out);
size_t rowcodec_encode_listing(const struct listing *l, char *out); /* l->exists is true */

bool rowcodec_decode_evidence(struct span encoded, struct evidence *out);
bool rowcodec_decode_listing(struct span encoded, struct listing *out);

#endif
