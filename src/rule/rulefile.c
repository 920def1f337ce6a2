#include "rule/rulefile.h"

const struct rulefile rulefiles[RULEFILES] = {
    {"weights", true, NULL, "weights", SHAPE_NAMES, row_weight, check_weights, NULL, NULL},
    {"thresholds", true, NULL, "thresholds", SHAPE_NAMES, row_threshold, check_thresholds, NULL,
     NULL},
    {"dynamic", false, "dynamic", NULL, SHAPE_NAMES, row_address, NULL, NULL, ""},
    {"blacklist", false, "blacklist", NULL, SHAPE_NAMES, row_blacklist, NULL, NULL, LIST_WEIGHT},
    {"dnsbl", false, NULL, "dnsbl", SHAPE_NAMES, row_dnsbl, NULL, NULL, NULL},
    {"whitelist", false, "whitelist", "whitelist-names", SHAPE_SUFFIXES, row_whitelist, NULL, NULL,
     NULL},
    {"own", false, "own", "own-names", SHAPE_NAMES, row_own, NULL, NULL, NULL},
    {"domains", false, NULL, "domains", SHAPE_SUFFIXES, row_domain, NULL, NULL, NULL},
    {"spamtraps", false, NULL, "spamtraps", SHAPE_NAMES, row_mailbox, NULL, NULL, NULL},
    {"recipients", false, NULL, "recipients", SHAPE_NAMES, row_mailbox, NULL, NULL, NULL},
    {"helo", false, NULL, "helo", SHAPE_NAMES, row_helo, NULL, "helo-patterns", NULL},
    {"bigco", false, NULL, "bigco", SHAPE_SUFFIXES, row_bigco, NULL, NULL, NULL},
    {"tlds", false, NULL, "tlds", SHAPE_NAMES, row_label, NULL, NULL, NULL},
    {"private-tlds", false, NULL, "private-tlds", SHAPE_NAMES, row_private_label, NULL, NULL, NULL},
    {"highmx", false, "highmx", NULL, SHAPE_NAMES, row_address, NULL, NULL, NULL},
    {"neverlist", false, "neverlist", NULL, SHAPE_NAMES, row_address, NULL, NULL, ""},
    {"canaries", false, "canaries", NULL, SHAPE_NAMES, row_address, NULL, NULL, NULL},
    {"dialects", false, NULL, "dialects", SHAPE_NAMES, row_dialect, NULL, NULL, NULL},
    {"pool-words", false, NULL, "pool-words", SHAPE_NAMES, row_pool_word, NULL, NULL, NULL},
    {"host-words", false, NULL, "host-words", SHAPE_NAMES, row_host_word, NULL, NULL, NULL},
};

const struct rulefile *rulefile_find(struct span name) {
  for (int i = 0; i < RULEFILES; i++)
    if (span_is(name, rulefiles[i].name)) return &rulefiles[i];
  return NULL;
}

/* Nobody is listed but as a whole /64, so that is what these keep from it. */
static bool has_whole_nets(const struct rulefile *file) {
  return span_is(span_str(file->name), "neverlist") || span_is(span_str(file->name), "canaries");
}

void rule_rows_init(struct rule_rows *rows, const struct rulefile *file) {
  *rows = (struct rule_rows){
      .addresses = {.name = file->addresses,
                    .file = file->name,
                    .shape = SHAPE_ADDRESSES,
                    .whole_nets = has_whole_nets(file),
                    .kept = file->read == row_listed},
      .named = {.name = file->named, .file = file->name, .shape = file->shape},
      .patterns = {.name = file->patterns, .file = file->name, .shape = SHAPE_NAMES},
  };
}

void rule_rows_free(struct rule_rows *rows) {
  rows_free(&rows->addresses);
  rows_free(&rows->named);
  rows_free(&rows->patterns);
}

void rule_rows_tables(const struct rule_rows *rows, struct rows out[RULE_TABLES_MAX]) {
  out[0] = rows->addresses;
  out[1] = rows->named;
  out[2] = rows->patterns;
  out[0].kept = rows->addresses.kept && rows->named.count == 0;
  out[0].passed = rows->named.count ? 0 : rows->passed;
  out[1].passed = rows->addresses.count ? 0 : rows->passed;
}
