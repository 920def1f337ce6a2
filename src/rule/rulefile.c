#include "rule/rulefile.h"
#include "rule/readers.h"
#include "rule/rulecheck.h"

/* clang-format off */
const struct rulefile rulefiles[RULEFILES] = {
  {.name = "weights",      .read = reader_weight,        .required = true, .named = "weights",
                                                         .shape = SHAPE_NAMES,
                                                         .check = rulecheck_weights},
  {.name = "thresholds",   .read = reader_threshold,     .required = true, .named = "thresholds",
                                                         .shape = SHAPE_NAMES,
                                                         .check = rulecheck_thresholds},
  {.name = "dynamic",      .read = reader_address,       .addresses = "dynamic",
                                                         .shape = SHAPE_NAMES, .value = ""},
  {.name = "blacklist",    .read = reader_blacklist,     .addresses = "blacklist",
                                                         .shape = SHAPE_NAMES,
                                                         .value = LIST_WEIGHT},
  {.name = "dnsbl",        .read = reader_dnsbl,         .named = "dnsbl", .shape = SHAPE_NAMES},
  {.name = "whitelist",    .read = reader_whitelist,     .addresses = "whitelist",
                                                         .named = "whitelist-names",
                                                         .shape = SHAPE_SUFFIXES},
  {.name = "own",          .read = reader_own,           .addresses = "own", .named = "own-names",
                                                         .shape = SHAPE_NAMES},
  {.name = "domains",      .read = reader_domain,        .named = "domains",
                                                         .shape = SHAPE_SUFFIXES},
  {.name = "spamtraps",    .read = reader_mailbox,       .named = "spamtraps",
                                                         .shape = SHAPE_NAMES},
  {.name = "recipients",   .read = reader_mailbox,       .named = "recipients",
                                                         .shape = SHAPE_NAMES},
  {.name = "helo",         .read = reader_helo,          .named = "helo", .shape = SHAPE_NAMES,
                                                         .patterns = "helo-patterns"},
  {.name = "bigco",        .read = reader_bigco,         .named = "bigco", .shape = SHAPE_SUFFIXES},
  {.name = "tlds",         .read = reader_label,         .named = "tlds", .shape = SHAPE_NAMES},
  {.name = "private-tlds", .read = reader_private_label, .named = "private-tlds",
                                                         .shape = SHAPE_NAMES},
  {.name = "highmx",       .read = reader_address,       .addresses = "highmx",
                                                         .shape = SHAPE_NAMES},
  {.name = "neverlist",    .read = reader_address,       .addresses = "neverlist",
                                                         .shape = SHAPE_NAMES, .value = ""},
  {.name = "canaries",     .read = reader_address,       .addresses = "canaries",
                                                         .shape = SHAPE_NAMES},
  {.name = "dialects",     .read = reader_dialect,       .named = "dialects", .shape = SHAPE_NAMES},
  {.name = "pool-words",   .read = reader_pool_word,     .named = "pool-words",
                                                         .shape = SHAPE_NAMES},
  {.name = "host-words",   .read = reader_host_word,     .named = "host-words",
                                                         .shape = SHAPE_NAMES},
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

/* Nobody is listed but as a whole /64, so that is what these keep from it. */
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
