/* The room of a log: what a logger can write until it deletes what was not read. */
#include "follow/logroom.h"
#include "tap.h"
#include <stdlib.h>

/* Sizes of old files, then of `current`; the inode of file N is N + 1. */
struct log {
  struct logroom_file file[64];
  struct logroom_files files;
};

static void set(struct log *l, const uint64_t *sizes, size_t count, bool is_growing) {
  for (size_t i = 0; i < count; i++) l->file[i] = (struct logroom_file){i + 1, sizes[i]};
  l->files = (struct logroom_files){l->file, count, is_growing};
}

static void test_positions(void) {
  static const struct {
    const char *name;
    uint64_t limit_files, total, size[5], inode, offset, want;
    size_t count;
    bool no_current, is_gone;
  } rows[] = {
      {"an empty log", 3, 0, {0}, 0, 0, 40000, 0, true, true},
      {"a new file", 3, 0, {0}, 1, 0, 40000, 1, false, false},
      {"in a file that grows", 3, 0, {6000}, 1, 10, 34000, 1, false, false},
      {"at its end", 3, 0, {6000}, 1, 6000, 34000, 1, false, false},
      {"in one old file", 3, 0, {10000, 6000}, 1, 10, 24000, 2, false, false},
      {"at the end of it", 3, 0, {10000, 6000}, 1, 10000, 34000, 2, false, false},
      {"in the oldest of all", 3, 0, {10000, 10000, 10000, 6000}, 1, 10, 4000, 4, false, false},
      {"at its end, all", 3, 0, {10000, 10000, 10000, 6000}, 1, 10000, 14000, 4, false, false},
      {"in the middle, all", 3, 0, {10000, 10000, 10000, 6000}, 2, 0, 14000, 4, false, false},
      {"in the last, all", 3, 0, {10000, 10000, 10000, 6000}, 4, 600, 34000, 4, false, false},
      {"more than all", 3, 0, {9000, 9000, 9000, 9000, 6000}, 1, 0, 4000, 5, false, false},
      {"current is full", 1, 0, {10000, 10000}, 1, 0, 0, 2, false, false},
      {"current is overfull", 1, 0, {10000, 12000}, 2, 0, 10000, 2, false, false},
      {"no current", 3, 0, {10000, 10000}, 2, 10000, 40000, 2, true, false},
      {"another inode", 3, 0, {10000, 6000}, 9, 0, 24000, 2, false, true},
      {"behind the end", 3, 0, {10000, 10000, 10000, 6000}, 2, 10001, 4000, 4, false, true},
      {"a total", 30, 60000, {10000, 6000}, 2, 0, 4000 + 20000, 2, false, false},
      {"a total with an old file", 30, 60000, {10000, 6000}, 1, 0, 4000 + 10000, 2, false, false},
      {"a total that is used", 30, 10000, {10000, 6000}, 1, 0, 4000, 2, false, false},
      {"a total that is larger", 2, 1000000, {10000, 6000}, 1, 0, 4000 + 10000, 2, false, false},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct logroom_limits limits = {rows[i].limit_files, 10000 + LOGROOM_SHORT_MAX, rows[i].total};
    struct log l;
    bool found;
    set(&l, rows[i].size, rows[i].count, !rows[i].no_current);
    uint64_t got = logroom_left(&limits, &l.files, rows[i].inode, rows[i].offset, &found);
    ok(got == rows[i].want, "%s: %d", rows[i].name, (int)got);
    ok(found != rows[i].is_gone, "%s: found or not", rows[i].name);
  }
  struct logroom_limits limits = {3, 10000 + LOGROOM_SHORT_MAX, 0};
  ok(logroom_kept(&limits) == 30000, "what is kept: the old files");
  limits.total = 40000;
  ok(logroom_kept(&limits) == 10000, "and at most the total, less what a file may be too long");
}

/* A logger: writes lines until the file with that number is deleted, and returns their bytes. */
struct logger {
  struct logroom_limits limits;
  uint64_t number[64], size[64]; /* of old files */
  size_t old;
  uint64_t current, next;
};

static void delete_oldest(struct logger *g) {
  for (size_t i = 1; i < g->old; i++) {
    g->number[i - 1] = g->number[i];
    g->size[i - 1] = g->size[i];
  }
  g->old--;
}

static uint64_t total_of(const struct logger *g) {
  uint64_t total = 0;
  for (size_t i = 0; i < g->old; i++) total += g->size[i];
  return total;
}

static void rotate(struct logger *g) {
  g->number[g->old] = g->next++;
  g->size[g->old++] = g->current;
  g->current = 0;
  while (g->old > g->limits.files || (g->limits.total && total_of(g) > g->limits.total))
    delete_oldest(g);
}

static void write_line(struct logger *g, uint64_t bytes) {
  uint64_t early = (uint64_t)random() % (LOGROOM_SHORT_MAX + 1);
  if (g->current && g->current + early >= g->limits.size) rotate(g);
  g->current += bytes;
}

static bool has(const struct logger *g, uint64_t number) {
  for (size_t i = 0; i < g->old; i++)
    if (g->number[i] == number) return true;
  return number >= g->next;
}

/* Room in a log of random shape, and then what the logger writes until the reader loses a line. */
static bool is_lower_bound(struct logger *g, uint64_t *slack) {
  struct log l;
  bool found;
  for (size_t i = 0; i < g->old; i++) l.file[i] = (struct logroom_file){g->number[i], g->size[i]};
  l.file[g->old] = (struct logroom_file){g->next, g->current};
  l.files = (struct logroom_files){l.file, g->old + 1, true};
  size_t at = (size_t)random() % (g->old + 1);
  uint64_t reader = l.file[at].inode, written = 0;
  uint64_t offset = l.file[at].size / 2;
  uint64_t room = logroom_left(&g->limits, &l.files, reader, offset, &found);
  while (has(g, reader)) {
    uint64_t bytes = 100 + (uint64_t)random() % 2000;
    if (written + bytes > room && has(g, reader)) {
      *slack += written + bytes - room;
      return found;
    }
    write_line(g, bytes);
    written += bytes;
  }
  return false;
}

static void test_bound(void) {
  uint64_t slack = 0;
  bool good = true;
  srandom(7);
  for (int i = 0; i < 20000 && good; i++) {
    struct logger g = {.next = 1};
    g.limits.files = 1 + (uint64_t)random() % 12;
    g.limits.size = 4096 + (uint64_t)random() % 20000;
    g.limits.total = random() % 3 ? 0 : 4096 + (uint64_t)random() % 200000;
    uint64_t lines = (uint64_t)random() % 400;
    for (uint64_t n = 0; n < lines; n++) write_line(&g, 100 + (uint64_t)random() % 2000);
    good = is_lower_bound(&g, &slack);
  }
  ok(good, "no logger deletes an unread line before it has written what there was room for");
}

int main(void) {
  test_positions();
  test_bound();
  return done();
}
