/* nftfiles.h: the numbered files of changes for nftables, in OUTDIR/nft.

   NUMBER.nft, with ten digits, is one text of nftchanges.h. Numbers grow by one, also over restarts,
   but a number is left out when the whole list has to be loaded again: nft/full.nft then has this
   number, in its line "# changes NUMBER". The newest NFT_FILES_KEPT files are kept.

   How to load them: if the file after the last one that was loaded is there, load it. Otherwise, if
   full.nft has a greater number than the last one, load that.

   The functions return false on an error of the system, in errno; `path` names the file. */
#ifndef SINBIN_PUBLISH_NFTFILES_H
#define SINBIN_PUBLISH_NFTFILES_H

#include "base/span.h"
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#define NFT_DIRECTORY  "nft"
#define NFT_FILES_KEPT 600

struct nftfiles {
  const char *dir;
  uint64_t number; /* the last one that was used */
  char path[PATH_MAX];
};

/* Makes the directory if it is missing, and finds the last number of an earlier run. */
bool nftfiles_open(struct nftfiles *f, const char *dir);
/* Leaves out a number, for the whole list. */
void nftfiles_skip(struct nftfiles *f);
/* Writes the next file, and removes the one that is too old. */
bool nftfiles_write(struct nftfiles *f, struct span text);

#endif
