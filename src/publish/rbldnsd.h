/* rbldnsd.h: the layout of the datasets and their text.

   A dataset is a file that rbldnsd loads as one piece. Listings are spread over eleven places:
   eight shards of IPv4 by the first octet, one base for IPv6, and a hot place for each family,
   small, for what came since its base was written. A key stands in one place only. Each place has a
   dataset of each kind that its family needs:

     black  127.0.0.2 with a TXT                                     zones bl. and all.
     shade  127.0.0.3, 127.0.0.4; for IPv4 the 127.0.1.x too         zone all.
     quit   127.0.1.x for IPv6, whose ip6trie has one value a prefix  zone all.

   Both zones use the same black datasets, which rbldnsd then holds once. The hot datasets carry the
   test entries of RFC 5782 section 5. Each of these datasets has $SOA, $NS and $TTL; serial 0 makes
   rbldnsd use the files' time. Both zones have one dataset more, which only says when they expire
   (expiry.h); it is the last, since SOA and NS are those of the first. Text goes to a growing
   stralloc of the caller; false means out of memory. */
#ifndef SINBIN_PUBLISH_RBLDNSD_H
#define SINBIN_PUBLISH_RBLDNSD_H

#include "base/owfat.h"
#include "publish/listing.h"

enum { PARTITION_IPV6 = 8, PARTITION_HOT4, PARTITION_HOT6, PARTITIONS, BASES = PARTITION_HOT4 };
enum dataset_kind { DATASET_BLACK, DATASET_OTHER, DATASET_QUIT, DATASET_KINDS };

struct zone_head {
  struct span ns;  /* names, separated by one space */
  struct span soa; /* "ORIGIN PERSON" */
  uint64_t ttl;    /* seconds, of positive and negative answers */
  struct span url; /* of the look-up page, may be empty */
};

/* A name of letters, digits, hyphens and dots that rbldnsd takes, at most 253 bytes. */
bool zone_name_is_valid(struct span name);

/* The base that a publishable key belongs to, and the range of keys of a base. */
unsigned int partition_of(const struct addr *ip);
void partition_range(unsigned int base, struct addr *from, struct addr *to);
unsigned int partition_hot(const struct addr *ip);
bool partition_has(unsigned int partition, enum dataset_kind kind);

#define DATASET_NAME_MAX 16
/* "black4.0", "shade4.hot", "quit6"; NUL-terminated. */
void dataset_name(char out[DATASET_NAME_MAX], unsigned int partition, enum dataset_kind kind);
const char *dataset_type(unsigned int partition);
/* "ZONE:TYPE:FILE", one a line, for every dataset of bl. or of all. */
bool zone_arguments(stralloc *out, struct span zone, bool blacklist);

/* All text of a place; start with zeroed members. */
struct datasets_text {
  stralloc of[DATASET_KINDS];
};

bool datasets_text_begin(struct datasets_text *s, unsigned int partition,
                         const struct zone_head *head);
/* What the answers of the row want, into the datasets of the row's family. */
bool datasets_text_add(struct datasets_text *s, const struct listing_row *l, uint8_t answers,
                       struct span url);
void datasets_text_free(struct datasets_text *s);

/* Exactly n bytes of comment lines. */
void dataset_padding(char *out, size_t n);

#endif
