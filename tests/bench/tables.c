/* tables text COUNT: that many address entries, the same every time, one a line.
   tables look DATABASE COUNT: how long a look-up among them takes in the table `dynamic`, in
   nanoseconds, beside two other ways: comparing with one entry after the other, and asking a CDB
   for each prefix length that occurs. */
#include "base/addr.h"
#include "rule/prefix.h"
#include "rule/table.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define BATCH   500 /* look-ups that are timed together */
#define BATCHES 1001

static uint64_t seed;

static uint64_t random_bits(void) {
  seed += UINT64_C(0x9e3779b97f4a7c15);
  uint64_t z = seed;
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static uint64_t below(uint64_t limit) {
  return random_bits() % limit;
}

/* How often each length occurs among 100,000 entries of the family, roughly as in lists that are
   published: mostly hosts and /24s, networks and sites. */
static const struct {
  unsigned int bits, share;
} lengths4[] = {{32, 48000}, {24, 25000}, {22, 6000}, {23, 4000}, {25, 2500}, {21, 2000},
                {20, 2000},  {26, 1800},  {29, 1700}, {27, 1500}, {28, 1500}, {19, 1200},
                {18, 700},   {30, 700},   {31, 600},  {17, 400},  {16, 350},  {15, 25},
                {14, 15},    {13, 6},     {12, 2},    {10, 1},    {8, 1}},
  lengths6[] = {{48, 42000}, {32, 21000}, {64, 17000}, {44, 5000}, {40, 5000},
                {36, 4000},  {56, 4000},  {33, 1000},  {35, 1000}};
#define KINDS4 (sizeof lengths4 / sizeof *lengths4)
#define KINDS6 (sizeof lengths6 / sizeof *lengths6)

struct entry {
  struct addr first, last;
  unsigned int bits; /* of 128 */
};

/* Some parts of the address space are far fuller than others. */
static struct addr random_ipv4(void) {
  uint32_t high = (uint32_t)(below(223) * below(1000) / 1000 + 1);
  return addr_from_ipv4(high << 24 | (uint32_t)below(1 << 24));
}

static struct addr random_ipv6(void) {
  struct addr a;
  for (int i = 0; i < 16; i++) a.byte[i] = (uint8_t)random_bits();
  a.byte[0] = (uint8_t)(below(4) ? 0x2a : 0x20 + below(12));
  return a;
}

static unsigned int random_length(bool ipv4) {
  uint64_t at = below(100000);
  size_t i = 0, kinds = ipv4 ? KINDS4 : KINDS6;
  for (; i + 1 < kinds; i++) {
    unsigned int share = ipv4 ? lengths4[i].share : lengths6[i].share;
    if (at < share) break;
    at -= share;
  }
  return ipv4 ? lengths4[i].bits + 96 : lengths6[i].bits;
}

static struct entry random_entry(void) {
  bool ipv4 = below(100) < 85;
  struct entry e = {.bits = random_length(ipv4)};
  struct addr a = ipv4 ? random_ipv4() : random_ipv6();
  e.first = addr_mask(&a, e.bits);
  e.last = prefix_last(&e.first, e.bits);
  return e;
}

static struct entry *make_entries(size_t count) {
  struct entry *entries = calloc(count, sizeof *entries);
  seed = 20251125;
  for (size_t i = 0; entries && i < count; i++) entries[i] = random_entry();
  return entries;
}

static int text(size_t count) {
  struct entry *entries = make_entries(count);
  for (size_t i = 0; i < count; i++) {
    char address[ADDR_TEXT_MAX];
    bool ipv4 = addr_is_ipv4(&entries[i].first);
    int len = (int)addr_format(address, &entries[i].first);
    printf("%.*s/%u\n", len, address, entries[i].bits - (ipv4 ? 96 : 0));
  }
  free(entries);
  return fflush(stdout) == 0 ? 0 : 111;
}

/* ---- the ways to look up ---- */

struct ways {
  struct table table;
  const struct entry *entries;
  size_t count;
  struct cdb lengths; /* key: bits, address */
  bool occurs[129];
};

typedef bool way(struct ways *w, const struct addr *a);

static bool by_table(struct ways *w, const struct addr *a) {
  struct span value;
  return table_find_addr(&w->table, "dynamic", a, &value) == 1;
}

static bool by_comparing(struct ways *w, const struct addr *a) {
  for (size_t i = 0; i < w->count; i++)
    if (addr_compare(&w->entries[i].first, a) <= 0 && addr_compare(a, &w->entries[i].last) <= 0)
      return true;
  return false;
}

static bool by_length(struct ways *w, const struct addr *a) {
  bool ipv4 = addr_is_ipv4(a);
  for (unsigned int bits = 128; bits + 1 > (ipv4 ? 97u : 1u); bits--) {
    unsigned char key[17] = {(unsigned char)bits};
    if (!w->occurs[bits]) continue;
    struct addr masked = addr_mask(a, bits);
    memcpy(key + 1, masked.byte, 16);
    if (cdb_find(&w->lengths, key, sizeof key) == 1) return true;
  }
  return false;
}

static void make_lengths(struct ways *w) {
  struct cdb_make make;
  int fd = memfd_create("lengths", MFD_CLOEXEC);
  if (fd < 0 || cdb_make_start(&make, fd) != 0) abort();
  for (size_t i = 0; i < w->count; i++) {
    unsigned char key[17] = {(unsigned char)w->entries[i].bits};
    memcpy(key + 1, w->entries[i].first.byte, 16);
    w->occurs[w->entries[i].bits] = true;
    if (cdb_make_add(&make, key, sizeof key, "", 0) != 0) abort();
  }
  if (cdb_make_finish(&make) != 0 || cdb_init(&w->lengths, fd) != 0) abort();
}

/* ---- what is looked up ---- */

enum kind { ANYWHERE_4, ANYWHERE_6, WITHIN, KINDS };
static const char *const kinds[KINDS] = {"IPv4, anywhere", "IPv6, anywhere in 2000::/3",
                                         "both, within entries"};

static struct addr address_of(const struct ways *w, enum kind kind) {
  struct addr a = random_ipv6();
  if (kind == ANYWHERE_4) return addr_from_ipv4((uint32_t)random_bits());
  if (kind == ANYWHERE_6) {
    a.byte[0] = (uint8_t)(0x20 | below(32));
    return a;
  }
  const struct entry *e = &w->entries[below(w->count)];
  struct addr within = e->first;
  for (unsigned int bit = e->bits; bit < 128; bit++)
    within.byte[bit / 8] |= (uint8_t)(random_bits() & (0x80u >> bit % 8));
  return within;
}

static int compare_times(const void *a, const void *b) {
  const double *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

/* The median of so many batches, of nanoseconds for a look-up. */
static double measure(struct ways *w, way *look, enum kind kind, size_t batch, size_t batches) {
  static double took[BATCHES];
  static struct addr wanted[BATCH * BATCHES]; /* made before, as that alone would empty the cache */
  static volatile size_t found;
  for (size_t i = 0; i < batch * batches; i++) wanted[i] = address_of(w, kind);
  for (size_t i = 0; i < batches; i++) {
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (size_t k = 0; k < batch; k++) found += look(w, &wanted[i * batch + k]);
    clock_gettime(CLOCK_MONOTONIC, &to);
    took[i] = ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) /
              (double)batch;
  }
  qsort(took, batches, sizeof *took, compare_times);
  return took[batches / 2];
}

static bool agree(struct ways *w) {
  for (int i = 0; i < 20000; i++) {
    struct addr a = address_of(w, (enum kind)(i % KINDS));
    if (by_table(w, &a) != by_length(w, &a)) return false;
    if (i < 30 && by_table(w, &a) != by_comparing(w, &a)) return false;
  }
  return true;
}

static int look(const char *database, size_t count) {
  static struct ways w;
  int fd = open(database, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || !table_open(&w.table, fd)) return 111;
  w.entries = make_entries(count);
  w.count = count;
  make_lengths(&w);
  if (!agree(&w)) {
    fprintf(stderr, "tables: the three ways do not find the same\n");
    return 1;
  }
  for (int kind = 0; kind < KINDS; kind++) {
    measure(&w, by_table, (enum kind)kind, BATCH, BATCHES / 4); /* to warm it */
    double table = measure(&w, by_table, (enum kind)kind, BATCH, BATCHES);
    double lengths = measure(&w, by_length, (enum kind)kind, BATCH, BATCHES / 10);
    double comparing = measure(&w, by_comparing, (enum kind)kind, 5, 5);
    printf("%-27s %5.0f ns   by prefix lengths %6.0f ns, ratio %5.1f   one by one %9.0f ns, "
           "ratio %6.0f\n",
           kinds[kind], table, lengths, lengths / table, comparing, comparing / table);
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "text") == 0) return text(strtoul(argv[2], NULL, 10));
  if (argc == 4 && strcmp(argv[1], "look") == 0) return look(argv[2], strtoul(argv[3], NULL, 10));
  return 100;
}
