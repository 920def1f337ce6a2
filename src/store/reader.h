/* reader.h: the collector's store, read only.

   The one part of this floor that does I/O, and only through SQLite, whose file it never writes.
   The collector keeps the store in WAL mode, so reading waits for nobody; the reader must be
   allowed to read STORE, STORE-wal and STORE-shm. Rows come as struct listing_row, whose texts are
   valid only during the visit. Every visit between reader_begin and reader_end sees the same
   snapshot. */
#ifndef SINBIN_STORE_READER_H
#define SINBIN_STORE_READER_H

#include "base/addr.h"
#include "base/span.h"
#include "policy/policy.h"
#include <stdint.h>

enum reader_result {
  READER_OK,
  READER_ABSENT,  /* no file yet, or one that the collector has not filled yet */
  READER_BUSY,    /* locked for longer than a second: try again */
  READER_FOREIGN, /* a database, but not of this kind or version */
  READER_DAMAGED, /* not readable as a database, or not of its own schema */
  READER_MEMORY,
  READER_STOPPED, /* a visitor returned false */
};

struct listing_row {
  struct addr ip;
  enum colour colour;
  int64_t until, last; /* unix seconds */
  struct span sins;    /* as in the store: not to be trusted */
  uint64_t detectors, quits, noquits;
  int64_t changed; /* the collector's running number */
};

struct reader;

/* *out is NULL unless READER_OK. */
enum reader_result reader_open(struct reader **out, const char *path);
void reader_close(struct reader *r);

/* SQLite's words for the last result; never NULL. */
const char *reader_reason(const struct reader *r);

/* A number that changes when another connection has committed. */
enum reader_result reader_version(struct reader *r, int64_t *version);

enum reader_result reader_begin(struct reader *r);
void reader_end(struct reader *r);

typedef bool reader_visit(void *context, const struct listing_row *l);
/* Rows with `changed` above the number, in that order. */
enum reader_result reader_changed(struct reader *r, int64_t above, reader_visit *visit,
                                  void *context);
/* Rows with keys from..to inclusive, ascending. */
enum reader_result reader_range(struct reader *r, const struct addr range[2], reader_visit *visit,
                                void *context);

#endif
