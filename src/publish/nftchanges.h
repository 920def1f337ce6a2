/* nftchanges.h: changes of the list as statements for nft(8), for machines that have loaded
   nft/full.nft.

   A text has the elements that have changed since the last text. It may be loaded whatever the sets
   hold: each of its elements is added, deleted, and added again with its timeout if it is listed. So
   it also renews a timeout, which an `add` alone does only with some kernels, and no `delete` fails,
   which would undo the whole text. A listing that ends is left to its timeout.

   `reload` is set if the whole list has to be loaded again:

     - there are more than NFT_CHANGES_MAX changes
     - the clock was set back by more than a minute: listings may be too far ahead now (answers.h)
     - a listing begins to count that was left out as too far ahead
     - the filter is full that knows which addresses may be in the sets

   How to use it:

     nftchanges_begin, then nftchanges_add for each black listing: the whole list
     then, for each set of changed rows: nftchanges_note for each row, nftchanges_format, and when that
       text is written, nftchanges_clear

   Times are unix seconds. False: no memory. */
#ifndef SINBIN_PUBLISH_NFTCHANGES_H
#define SINBIN_PUBLISH_NFTCHANGES_H

#include "base/owfat.h"
#include "store/bloom.h"
#include "store/reader.h"
#include <stdbool.h>

#define NFT_CHANGES_MAX 50000
#define NFT_TABLE       "inet sinbin"
#define NFT_SET4        NFT_TABLE " bots4"
#define NFT_SET6        NFT_TABLE " bots6"

struct nftchange {
  struct addr ip;
  int64_t left; /* seconds until the end; 0: it is not listed */
};

struct nftchanges {
  struct nftchange *change; /* NFT_CHANGES_MAX */
  size_t count;
  struct bloom known; /* the addresses that may be in the sets */
  size_t room;        /* how many more the filter takes */
  int64_t now;        /* the last time that was set */
  int64_t next_begin; /* when a listing begins to count that was left out */
  bool reload;
};

/* `reload` is true until nftchanges_begin. */
bool nftchanges_init(struct nftchanges *n);
void nftchanges_free(struct nftchanges *n);

/* keys: about how many will be added. */
bool nftchanges_begin(struct nftchanges *n, size_t keys, struct siphash_key hash, int64_t now);
void nftchanges_add(struct nftchanges *n, const struct addr *ip);

/* To be called before rows are noted, and from time to time without. */
void nftchanges_set_time(struct nftchanges *n, int64_t now);
void nftchanges_note(struct nftchanges *n, const struct listing_row *l);
bool nftchanges_format(const struct nftchanges *n, stralloc *out);
void nftchanges_clear(struct nftchanges *n);

#endif
