/* dataset.h: the datasets of rbldnsd: their names and their text.

   A dataset is a file that rbldnsd loads as one piece. Each partition (partition.h) has one of each
   kind that its family needs:

     black   black4.0 ... black6.hot   127.0.0.2 with a TXT                     zones bl. and all.
     other   shade4.0 ... shade6.hot   127.0.0.3, 127.0.0.4; IPv4: 127.0.1.x    zone all.
     quit    quit6, quit6.hot          127.0.1.x of IPv6                        zone all.

   IPv6 needs a third kind because an ip6trie holds one value for each prefix. Both zones use the same black
   datasets, which rbldnsd then holds once. The hot datasets also hold the test entries of RFC 5782
   section 5. Both zones have one dataset more, `expiry` (expiry.h).

   Each dataset but `expiry` begins with $TTL, $SOA and $NS. The serial is 0, which makes rbldnsd use
   the time of the newest file. Pure but for memory: false means that there is none. */
#ifndef SINBIN_PUBLISH_DATASET_H
#define SINBIN_PUBLISH_DATASET_H

#include "base/owfat.h"
#include "publish/answers.h"
#include "publish/partition.h"

enum dataset_kind { DATASET_BLACK, DATASET_OTHER, DATASET_QUIT, DATASET_KINDS };

/* What the operator sets for both zones. */
struct zone_settings {
  struct span ns;  /* names, separated by one space */
  struct span soa; /* "ORIGIN PERSON" */
  uint64_t ttl;    /* seconds, of positive and negative answers */
  struct span url; /* of the look-up page; may be empty */
};

bool dataset_exists(unsigned int partition, enum dataset_kind kind);

#define DATASET_NAME_MAX 16
/* With a NUL. */
void dataset_name(char out[DATASET_NAME_MAX], unsigned int partition, enum dataset_kind kind);
/* "ip4set" or "ip6trie". */
const char *dataset_type(unsigned int partition);
/* The arguments of rbldnsd for a zone, bl. or all.: "ZONE:TYPE:FILE", one a line. */
bool dataset_arguments(stralloc *out, struct span zone, bool blacklist);

/* The texts of all datasets of one partition. Initialise it with {0}. */
struct dataset_texts {
  stralloc of[DATASET_KINDS];
};

bool dataset_texts_begin(struct dataset_texts *t, unsigned int partition,
                         const struct zone_settings *zone);
/* One listing: the entries for its answers, in the datasets that they belong to. */
bool dataset_texts_add(struct dataset_texts *t, const struct listing_row *l, uint8_t answers,
                       struct span url);
void dataset_texts_free(struct dataset_texts *t);

#endif
