/* rowcodec.h: evidence and listings as short runs of bytes, for the memory of the store and its
   journal. Pure.

   Numbers are varints (7 bits a byte, the lowest first, the top bit set on all but the last; signed
   ones zigzag), so that what is usual is short: about 70 bytes for one detector's evidence.
   Evidence whose receipt is known has a zero byte and that time before the text, which holds no
   such byte, so that what an earlier collector has left in the journal is read as well.

   An image is only whole with its length, which is kept elsewhere: the text at its end takes the
   rest. A value has one image; a decoder takes nothing else, and is false on damage. */
#ifndef SINBIN_STORE_ROWCODEC_H
#define SINBIN_STORE_ROWCODEC_H

#include "policy/policy.h"

#define ROWCODEC_EVIDENCE_MAX 704
#define ROWCODEC_LISTING_MAX  1120

/* Both write at most the bytes above and return the length. */
size_t rowcodec_encode_evidence(const struct evidence *e, char *out);
size_t rowcodec_encode_listing(const struct listing *l, char *out); /* one that exists */

bool rowcodec_decode_evidence(struct span image, struct evidence *out);
bool rowcodec_decode_listing(struct span image, struct listing *out);

#endif
