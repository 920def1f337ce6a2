#include "rule/rulefile.h"

const struct rulefile rulefiles[RULEFILES] = {
    {"weights", true, NULL, "weights", SHAPE_NAMES, row_weight, check_weights},
    {"thresholds", true, NULL, "thresholds", SHAPE_NAMES, row_threshold, check_thresholds},
    {"dynamic", false, "dynamic", NULL, SHAPE_NAMES, row_zone, NULL},
    {"blacklist", false, "blacklist", NULL, SHAPE_NAMES, row_blacklist, NULL},
    {"dnsbl", false, NULL, "dnsbl", SHAPE_NAMES, row_dnsbl, NULL},
    {"whitelist", false, "whitelist", "whitelist-names", SHAPE_SUFFIXES, row_whitelist, NULL},
    {"own", false, "own", "own-names", SHAPE_NAMES, row_own, NULL},
    {"domains", false, NULL, "domains", SHAPE_SUFFIXES, row_domain, NULL},
    {"spamtraps", false, NULL, "spamtraps", SHAPE_NAMES, row_mailbox, NULL},
    {"recipients", false, NULL, "recipients", SHAPE_NAMES, row_mailbox, NULL},
    {"helo", false, NULL, "helo", SHAPE_NAMES, row_helo, NULL},
    {"bigco", false, NULL, "bigco", SHAPE_SUFFIXES, row_bigco, NULL},
    {"tlds", false, NULL, "tlds", SHAPE_NAMES, row_label, NULL},
    {"highmx", false, "highmx", NULL, SHAPE_NAMES, row_address, NULL},
    {"neverlist", false, "neverlist", NULL, SHAPE_NAMES, row_address, NULL},
    {"dialects", false, NULL, "dialects", SHAPE_NAMES, row_dialect, NULL},
    {"pool-words", false, NULL, "pool-words", SHAPE_NAMES, row_pool_word, NULL},
    {"host-words", false, NULL, "host-words", SHAPE_NAMES, row_word, NULL},
};

const struct rulefile *rulefile_find(struct span name) {
  for (int i = 0; i < RULEFILES; i++)
    if (span_is(name, rulefiles[i].name)) return &rulefiles[i];
  return NULL;
}

void rule_rows_init(struct rule_rows *rows, const struct rulefile *file) {
  *rows = (struct rule_rows){
      .addresses = {.name = file->addresses, .file = file->name, .shape = SHAPE_ADDRESSES},
      .named = {.name = file->named, .file = file->name, .shape = file->shape},
  };
}

void rule_rows_free(struct rule_rows *rows) {
  rows_free(&rows->addresses);
  rows_free(&rows->named);
}
