#include "rule/rulefile.h"
#include "rule/readers.h"
#include "rule/rulecheck.h"

#define ADDRESSES(table) .addresses = table
#define NAMES(table)     .named = table, .shape = SHAPE_NAMES
#define SUFFIXES(table)  .named = table, .shape = SHAPE_SUFFIXES

/* clang-format off */
const struct rulefile rulefiles[RULEFILES] = {
  {.name = "weights",      .read = reader_weight,        NAMES("weights"), .required = true,
                                                         .check = rulecheck_weights},
  {.name = "thresholds",   .read = reader_threshold,     NAMES("thresholds"), .required = true,
                                                         .check = rulecheck_thresholds},
  {.name = "dynamic",      .read = reader_address,       ADDRESSES("dynamic"), .value = ""},
  {.name = "blacklist",    .read = reader_blacklist,     ADDRESSES("blacklist"),
                                                         .value = LIST_WEIGHT},
  {.name = "dnsbl",        .read = reader_dnsbl,         NAMES("dnsbl")},
  {.name = "whitelist",    .read = reader_whitelist,     ADDRESSES("whitelist"),
                                                         SUFFIXES("whitelist-names")},
  {.name = "own",          .read = reader_own,           ADDRESSES("own"), NAMES("own-names")},
  {.name = "domains",      .read = reader_domain,        SUFFIXES("domains")},
  {.name = "spamtraps",    .read = reader_mailbox,       NAMES("spamtraps")},
  {.name = "recipients",   .read = reader_mailbox,       NAMES("recipients")},
  {.name = "helo",         .read = reader_helo,          NAMES("helo"),
                                                         .patterns = "helo-patterns"},
  {.name = "bigco",        .read = reader_bigco,         SUFFIXES("bigco")},
  {.name = "tlds",         .read = reader_label,         NAMES("tlds")},
  {.name = "private-tlds", .read = reader_private_label, NAMES("private-tlds")},
  {.name = "highmx",       .read = reader_address,       ADDRESSES("highmx")},
  {.name = "neverlist",    .read = reader_address,       ADDRESSES("neverlist"), .value = ""},
  {.name = "canaries",     .read = reader_address,       ADDRESSES("canaries")},
  {.name = "dialects",     .read = reader_dialect,       NAMES("dialects")},
  {.name = "pool-words",   .read = reader_pool_word,     NAMES("pool-words")},
  {.name = "host-words",   .read = reader_host_word,     NAMES("host-words")},
};
/* clang-format on */

const struct rulefile *rulefile_find(struct span name) {
  for (int i = 0; i < RULEFILES; i++)
    if (span_is(name, rulefiles[i].name)) return &rulefiles[i];
  return NULL;
}

bool rulefile_is_list(const struct rulefile *file) {
  return file->read == reader_list;
}

bool rulefile_is_published(const struct rulefile *file) {
  return rulefile_is_list(file) || file->read == reader_blacklist ||
         span_is(span_str(file->name), "dynamic");
}

/* IPv6 clients are listed as a whole /64, so these files protect a whole /64. */
static bool has_whole_nets(const struct rulefile *file) {
  return span_is(span_str(file->name), "neverlist") || span_is(span_str(file->name), "canaries");
}

void rulefile_tables_init(struct rulefile_tables *tables, const struct rulefile *file) {
  *tables = (struct rulefile_tables){
      .addresses = {.name = file->addresses,
                    .file = file->name,
                    .shape = SHAPE_ADDRESSES,
                    .whole_nets = has_whole_nets(file),
                    .keep_empty = rulefile_is_list(file)},
      .named = {.name = file->named, .file = file->name, .shape = file->shape},
      .patterns = {.name = file->patterns, .file = file->name, .shape = SHAPE_NAMES},
  };
}

void rulefile_tables_free(struct rulefile_tables *tables) {
  tabletext_free(&tables->addresses);
  tabletext_free(&tables->named);
  tabletext_free(&tables->patterns);
}

void rulefile_tables_list(const struct rulefile_tables *tables,
                          struct tabletext out[RULE_TABLES_MAX]) {
  out[0] = tables->addresses;
  out[1] = tables->named;
  out[2] = tables->patterns;
  out[0].keep_empty = tables->addresses.keep_empty && tables->named.count == 0;
  out[0].skipped = tables->named.count ? 0 : tables->skipped;
  out[1].skipped = tables->addresses.count ? 0 : tables->skipped;
}
