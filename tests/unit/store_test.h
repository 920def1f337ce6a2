/* What the tests of the store share: a database in a directory of its own, a second opening of it,
   and rows to put. */
#ifndef TESTS_UNIT_STORE_TEST_H
#define TESTS_UNIT_STORE_TEST_H

#include "store/sqlite.h"
#include "store/store.h"
#include "line/sessionline.h"
#include "sqlnumber.h"
#include "tap.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NOW INT64_C(1764000000)

static const struct store_options options = {
    .cache = 1000, .at_once = 64, .sweep_ms = 5000, .slice = 10};
static char dir[] = "/tmp/sinbin-store-XXXXXX";
static char path[64];

static inline struct addr key_of(const char *text) {
  struct addr a;
  if (!addr_parse(span_str(text), &a)) abort();
  return addr_evidence_key(&a);
}

static inline struct store *open_store(enum store_open want, const char *name) {
  struct store *s;
  enum store_open got = store_open(path, &options, &s);
  ok(got == want, "%s", name);
  if (got != want) printf("# %d: %s\n", got, s ? store_error(s) : "no memory");
  return s;
}

static inline int64_t ask(const char *sql) {
  return sql_number(path, NULL, sql);
}

static inline struct evidence some_evidence(void) {
  struct evidence e = {.first = 0};
  struct report r = {.verdict = VERDICT_BOT,
                     .unixtime = NOW,
                     .score = 28,
                     .end = END_FIN,
                     .sins = span_str("no-quit,auth")};
  evidence_add(&e, &r, NOW);
  r.verdict = VERDICT_CLEAN;
  r.end = END_QUIT;
  r.unixtime -= 7200;
  evidence_add(&e, &r, NOW);
  return e;
}

static inline struct listing some_listing(int64_t until) {
  struct listing l = {.exists = true,
                      .colour = COLOUR_YELLOW,
                      .since = NOW - 9,
                      .until = until,
                      .times = 3,
                      .last = NOW,
                      .detectors = 2,
                      .quits = 4,
                      .noquits = 5,
                      .sins_len = 12};
  memcpy(l.sins, "no-quit,auth", 12);
  return l;
}

static inline int store_tests_done(void) {
  char command[64];
  snprintf(command, sizeof command, "rm -rf %s", dir);
  return system(command) == 0 ? done() : 111;
}

#endif
