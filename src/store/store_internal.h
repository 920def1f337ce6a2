/* store_internal.h: what store.c and revoke.c share: the store as the sum of its parts.

   The layers, each of which knows only those below it:

     store.c, revoke.c      gets and puts, transactions, revocation: store.h
     merge, purge           from memory into the tables; old rows
     journal, keys          what was put; the cache and the filter of keys
     tables.h, database.h   rows, transactions, errors: what a backend provides (sqlite_*.c)
     keycache, bloom, rowcodec   pure

   The states of a key that is in the cache:

                   put                       listing sweep, if urgent
     clean --------------------> dirty -----------------------------------> dirty, not urgent
       ^                          | full sweep begins
       |   written to the tables  v
       +---------------------- in the full sweep

     clean      the tables have all of it; it may be dropped from the cache
     dirty      in merge.dirty_keys; a record of it is newer than its row; never dropped
     urgent     in merge.urgent_keys, too: its listing is new, or has another colour or beginning
     in sweep   in merge.full_sweep.keys, and still dirty: a record that is put now is written with it
     (A key whose listing was written by the listing sweep is dirty until the full sweep writes the rest.)

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
  struct database *database;
  struct keys keys;
  struct journal journal;
  struct merge merge;
  struct purge purge;
};

#endif
