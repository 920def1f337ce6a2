/* store_internal.h: what store.c and revoke.c share: the store as the sum of its parts.

   The layers, each of which knows only those below it:

     store.c, revoke.c      gets and puts, transactions, revocation: store.h
     merge, purge           from memory into the tables; old rows
     journal, keys          what was put; the cache and the filter of keys
     tables.h, backend.h    rows, transactions, errors: what a backend provides (sqlite_*.c)
     keycache, bloom,       pure
     rowcodec

   The states of a key in the cache, and what changes them:

                get             put, replay   full sweep begins   its turn in the full sweep
     (absent)   -> clean        -> dirty
     clean      clean           -> dirty
     dirty      dirty           dirty         -> in sweep
     in sweep   in sweep        in sweep                          -> clean

     clean      the tables have all of it; only a clean key may be dropped from the cache
     dirty      a record of it is newer than its row; the key is in merge.dirty_keys
     in sweep   dirty, too, but in merge.full_sweep; what is put now is written with the rest

   A dirty key is also urgent, and in merge.urgent_keys, if its listing is new or has another colour
   or beginning. The listing sweep, or the full sweep if it is earlier, writes the listing; then the
   key is no longer urgent.

   The states of a row of the journal:

     batch      records in memory, in the transaction that runs; lost by a crash
     written    committed: a row up to journal.top; replayed if the store is opened again
     merged     up to journal.merged: all its records, or newer ones, are in the tables
     removed    below journal.first

   If a commit leaves few dirty keys and the journal is empty, the batch is never written: its keys
   are merged at once. */
#ifndef SINBIN_STORE_STORE_INTERNAL_H
#define SINBIN_STORE_STORE_INTERNAL_H

#include "store/journal.h"
#include "store/keys.h"
#include "store/merge.h"
#include "store/purge.h"

struct store {
  struct backend *database;
  struct keys keys;
  struct journal journal;
  struct merge merge;
  struct purge purge;
};

#endif
