#include "rule/coverage.h"
#include "rule/ruleline.h"
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>

#define GLOBAL_FIRST (UINT64_C(0x2000) << 48)
#define GLOBAL_LAST  (UINT64_C(0x3fffffffffffffff))

struct limits {
  uint64_t entry4, table4; /* addresses */
  uint64_t entry6, table6; /* /64s */
  const char *entry, *share;
};

static const struct limits of_lists = {
    .entry4 = UINT64_C(1) << 24,
    .table4 = UINT64_C(1) << 29,
    .entry6 = UINT64_C(1) << (64 - 19),
    .table6 = UINT64_C(1) << (61 - 3),
    .entry = "wider than a /8, or for IPv6 than a /19",
    .share = "an eighth",
};
static const struct limits of_dynamic = {
    .entry4 = UINT64_C(1) << 29,
    .table4 = UINT64_C(1) << 31,
    .entry6 = UINT64_C(1) << 61,
    .table6 = UINT64_C(1) << 60,
    .entry = "wider than a /3",
    .share = "half",
};

static const struct limits *limits_of(const struct rulefile *file) {
  if (rulefile_is_list(file) || file->read == reader_blacklist) return &of_lists;
  return span_is(span_str(file->name), "dynamic") ? &of_dynamic : NULL;
}

/* ---- counting ---- */

static uint64_t net_of(const struct addr *a) {
  uint64_t net;
  memcpy(&net, a->byte, sizeof net);
  return be64toh(net);
}

static uint64_t add_up(uint64_t a, uint64_t b) {
  return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* first..last, both included; 2^64 of them are UINT64_MAX. */
static uint64_t count_nets(uint64_t first, uint64_t last) {
  return first > last ? 0 : add_up(last - first, 1);
}

static void add_nets(struct coverage *covers, uint64_t first, uint64_t last) {
  uint64_t from = first > GLOBAL_FIRST ? first : GLOBAL_FIRST;
  uint64_t to = last < GLOBAL_LAST ? last : GLOBAL_LAST;
  covers->nets = add_up(covers->nets, count_nets(first, last));
  covers->global = add_up(covers->global, count_nets(from, to));
}

static bool is_ipv4(const struct addr *first, const struct addr *last) {
  return addr_is_ipv4(first) && addr_is_ipv4(last);
}

void coverage_add(struct coverage_sum *sum, const struct addr *first, const struct addr *last) {
  uint64_t from = net_of(first), to = net_of(last);
  bool ipv4 = is_ipv4(first, last);
  bool shared = sum->begun && !ipv4 && net_of(&sum->last) == from;
  sum->begun = !ipv4;
  sum->last = *last;
  if (ipv4) sum->covers.ipv4 += (uint64_t)addr_ipv4(last) - addr_ipv4(first) + 1;
  else if (!shared) add_nets(&sum->covers, from, to);
  else if (from < to) add_nets(&sum->covers, from + 1, to);
}

static size_t count_ipv4(const struct prefix *prefixes, size_t count) {
  size_t n = 0;
  while (n < count && prefix_family(&prefixes[n]) == ADDRESSES_IPV4) n++;
  return n;
}

static bool add_family(struct coverage_sum *sum, const struct prefix *prefixes, size_t count) {
  struct interval *list;
  size_t n;
  if (!prefix_resolve(prefixes, count, &list, &n)) return false;
  for (size_t i = 0; i < n; i++) coverage_add(sum, &list[i].first, &list[i].last);
  free(list);
  return true;
}

bool coverage_of(const struct tabletext *table, struct coverage *out) {
  struct coverage_sum sum = {.begun = false};
  size_t ipv4 = count_ipv4(table->prefixes, table->count);
  bool ok = add_family(&sum, table->prefixes, ipv4) &&
            add_family(&sum, table->prefixes + ipv4, table->count - ipv4);
  *out = sum.covers;
  return ok;
}

/* ---- limits ---- */

static struct coverage width_of(const struct prefix *p) {
  struct coverage_sum sum = {.begun = false};
  if (!p->excluded) coverage_add(&sum, &p->first, &p->last);
  return sum.covers;
}

static void refuse_entry(const struct rulefile_tables *tables, const struct prefix *p,
                         const char *entry, struct rule_errors *errors) {
  char text[PREFIX_TEXT_MAX], name[LISTCONF_NAME_MAX + 1], reason[200];
  struct span word = span_of(text, prefix_format(text, p));
  listconf_name(name, tables->addresses.file);
  snprintf(reason, sizeof reason, "%s; to allow it write `wide` and the entry into %s", entry,
           name);
  rule_error(errors, tables->addresses.file, p->line, reason, word);
}

static void refuse_table(const struct rulefile_tables *tables, const char *share, uint32_t last,
                         struct rule_errors *errors) {
  char name[LISTCONF_NAME_MAX + 1], reason[200];
  listconf_name(name, tables->addresses.file);
  snprintf(reason, sizeof reason,
           "the list covers more than %s of the address space; to allow it write `wide all` into",
           share);
  rule_error(errors, tables->addresses.file, last, reason, span_str(name));
}

static bool is_over(const struct coverage *covers, const struct limits *limits) {
  return covers->ipv4 > limits->table4 || covers->global > limits->table6;
}

/* The sum of all widths is cheap, and rarely over the limit. Overlaps and exclusions matter only if
   it is. */
static bool check_table(const struct limits *limits, const struct rulefile_tables *tables,
                        const struct coverage *widths, uint32_t last, struct rule_errors *errors) {
  struct coverage covers;
  if (!is_over(widths, limits)) return true;
  if (!coverage_of(&tables->addresses, &covers)) return false;
  if (is_over(&covers, limits)) refuse_table(tables, limits->share, last, errors);
  return true;
}

bool coverage_check(const struct rulefile *file, const struct rulefile_tables *tables,
                    uint32_t last, struct rule_errors *errors) {
  const struct limits *limits = limits_of(file);
  const struct tabletext *table = &tables->addresses;
  struct coverage widths = {0, 0, 0};
  size_t rule_errors = errors->count;
  if (!limits || listconf_allows_all(tables->conf)) return true;
  for (size_t i = 0; i < table->count; i++) {
    const struct prefix *p = &table->prefixes[i];
    struct coverage width = width_of(p);
    widths.ipv4 = add_up(widths.ipv4, width.ipv4);
    widths.global = add_up(widths.global, width.global);
    if (width.ipv4 <= limits->entry4 && width.nets <= limits->entry6) continue;
    if (!listconf_allows(tables->conf, p)) refuse_entry(tables, p, limits->entry, errors);
  }
  /* After a wide entry the table need not be reported, too. */
  return errors->count > rule_errors || check_table(limits, tables, &widths, last, errors);
}

/* ---- addresses that no list should name ---- */

/* The IANA special-purpose address registries (RFC 6890), and multicast. Ascending, disjoint. */
static const char *const special[] = {
    "0.0.0.0/8",      "10.0.0.0/8",     "100.64.0.0/10",     "127.0.0.0/8",     "169.254.0.0/16",
    "172.16.0.0/12",  "192.0.0.0/24",   "192.0.2.0/24",      "192.31.196.0/24", "192.52.193.0/24",
    "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",   "198.18.0.0/15",   "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",       "::/128",          "::1/128",
    "64:ff9b::/96",   "64:ff9b:1::/48", "100::/64",          "100:0:0:1::/64",  "2001::/23",
    "2001:db8::/32",  "2002::/16",      "2620:4f:8000::/48", "3fff::/20",       "5f00::/16",
    "fc00::/7",       "fe80::/10",      "fec0::/10",         "ff00::/8"};
#define SPECIALS (sizeof special / sizeof special[0])

static void read_special(struct prefix out[SPECIALS]) {
  const char *reason;
  for (size_t i = 0; i < SPECIALS; i++) {
    out[i] = (struct prefix){.line = (uint32_t)i};
    prefix_parse(span_str(special[i]), &out[i], &reason);
  }
}

bool coverage_is_special(const struct prefix *p) {
  struct prefix ranges[SPECIALS];
  read_special(ranges);
  for (size_t i = 0; i < SPECIALS; i++)
    if (addr_compare(&ranges[i].first, &p->first) <= 0 &&
        addr_compare(&p->last, &ranges[i].last) <= 0)
      return true;
  return false;
}

/* Disjoint ranges in ascending order, by family. */
struct sorted {
  struct interval *list[2];
  size_t count[2];
};

static bool sort_ranges(const struct prefix *prefixes, size_t count, struct sorted *out) {
  size_t ipv4 = count_ipv4(prefixes, count);
  *out = (struct sorted){{NULL, NULL}, {0, 0}};
  return prefix_resolve(prefixes, ipv4, &out->list[0], &out->count[0]) &&
         prefix_resolve(prefixes + ipv4, count - ipv4, &out->list[1], &out->count[1]);
}

static void free_sorted(struct sorted *sorted) {
  free(sorted->list[0]);
  free(sorted->list[1]);
}

static bool meets(const struct prefix *p, const struct sorted *in) {
  int family = prefix_family(p) == ADDRESSES_IPV6;
  const struct interval *list = in->list[family];
  size_t low = 0, high = in->count[family];
  while (low < high) { /* find the first one that does not end before the entry */
    size_t middle = low + (high - low) / 2;
    if (addr_compare(&list[middle].last, &p->first) < 0) low = middle + 1;
    else high = middle;
  }
  return low < in->count[family] && addr_compare(&list[low].first, &p->last) <= 0;
}

/* How many entries hold such addresses, and the first line of one. */
struct found {
  size_t special, never;
  const struct prefix *first;
};

static void check_entry(struct found *found, const struct prefix *p, const struct sorted *purpose,
                        const struct sorted *never) {
  bool is_special = meets(p, purpose), is_never = !is_special && meets(p, never);
  if (!is_special && !is_never) return;
  found->special += is_special;
  found->never += is_never;
  if (!found->first || p->line < found->first->line) found->first = p;
}

static void warn_found(const struct found *found, const struct tabletext *list,
                       struct rule_errors *errors) {
  char reason[200], text[PREFIX_TEXT_MAX];
  if (!found->first) return;
  snprintf(
      reason, sizeof reason,
      "entries that hold special-purpose addresses: %zu, addresses in neverlist: %zu; the first",
      found->special, found->never);
  rule_warning(errors, list->file, found->first->line, reason,
               span_of(text, prefix_format(text, found->first)));
}

bool coverage_warn(const struct tabletext *list, const struct tabletext *never,
                   struct rule_errors *errors) {
  struct prefix ranges[SPECIALS];
  struct sorted purpose, named = {{NULL, NULL}, {0, 0}};
  struct found found = {0, 0, NULL};
  read_special(ranges);
  bool ok =
      sort_ranges(ranges, SPECIALS, &purpose) && sort_ranges(never->prefixes, never->count, &named);
  for (size_t i = 0; ok && i < list->count; i++)
    if (!list->prefixes[i].excluded) check_entry(&found, &list->prefixes[i], &purpose, &named);
  if (ok) warn_found(&found, list, errors);
  free_sorted(&purpose);
  free_sorted(&named);
  return ok;
}
