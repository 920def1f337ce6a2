/* reader.h: reads the listings from the collector's database, for publishers. A backend provides it
   (backend.h).

   It never writes the database. A reader does not wait for the collector, and the collector does
   not wait for a reader. With SQLite that is so because the collector keeps the database in WAL
   mode; the reader needs permission to read STORE, STORE-wal and STORE-shm.

   Call reader_begin, then visits, then reader_end: all visits between them see the same snapshot.
   What is in the journal is not in it. The text in a row is valid until the visitor returns. After
   READER_BUSY and READER_STOPPED the reader may be used again, from reader_version or reader_begin
   on. After any other failure only reader_end, reader_reason and reader_close may be called. */
#ifndef SINBIN_STORE_READER_H
#define SINBIN_STORE_READER_H

#include "base/addr.h"
#include "base/span.h"
#include "policy/policy.h"
#include <stdint.h>

enum reader_result {
  READER_OK,
  READER_ABSENT,  /* the file does not exist yet, or the collector has not filled it yet */
  READER_BUSY,    /* locked for more than a second: try again */
  READER_FOREIGN, /* a database, but not of this kind or version */
  READER_DAMAGED, /* not a database, or not with this schema */
  READER_MEMORY,
  READER_STOPPED, /* a visitor returned false */
};

struct listing_row {
  struct addr ip;
  enum colour colour;
  int64_t until, last; /* unix seconds */
  struct span sins;    /* as in the database: not trusted */
  uint64_t detectors, quits, noquits;
  int64_t changed; /* the number of the transaction that wrote the row */
};

struct reader;

/* *out is NULL unless READER_OK. */
enum reader_result reader_open(struct reader **out, const char *path);
void reader_close(struct reader *r);

/* The backend's text for the last result; never NULL. r: may be NULL. */
const char *reader_reason(const struct reader *r);

/* A number that has changed if the collector has committed since the last call. */
enum reader_result reader_version(struct reader *r, int64_t *version);

enum reader_result reader_begin(struct reader *r);
void reader_end(struct reader *r);

typedef bool reader_visit(void *context, const struct listing_row *l);
/* The rows with `changed` greater than `above`, in the order of `changed`. A transaction that was
   committed later has a greater number. So a row that is committed later has a greater number than
   every row that was seen before. */
enum reader_result reader_changed(struct reader *r, int64_t above, reader_visit *visit,
                                  void *context);
/* The rows with keys from range[0] to range[1] inclusive, ascending. */
enum reader_result reader_range(struct reader *r, const struct addr range[2], reader_visit *visit,
                                void *context);

#endif
