#include "rule/rulefile.h"

const struct rulefile rulefiles[RULEFILES] = {
    {"weights", true, NULL, "weights", SHAPE_NAMES, ruleline_weight, check_weights, NULL, NULL},
    {"thresholds", true, NULL, "thresholds", SHAPE_NAMES, ruleline_threshold, check_thresholds,
     NULL, NULL},
    {"dynamic", false, "dynamic", NULL, SHAPE_NAMES, ruleline_address, NULL, NULL, ""},
    {"blacklist", false, "blacklist", NULL, SHAPE_NAMES, ruleline_blacklist, NULL, NULL,
     LIST_WEIGHT},
    {"dnsbl", false, NULL, "dnsbl", SHAPE_NAMES, ruleline_dnsbl, NULL, NULL, NULL},
    {"whitelist", false, "whitelist", "whitelist-names", SHAPE_SUFFIXES, ruleline_whitelist, NULL,
     NULL, NULL},
    {"own", false, "own", "own-names", SHAPE_NAMES, ruleline_own, NULL, NULL, NULL},
    {"domains", false, NULL, "domains", SHAPE_SUFFIXES, ruleline_domain, NULL, NULL, NULL},
    {"spamtraps", false, NULL, "spamtraps", SHAPE_NAMES, ruleline_mailbox, NULL, NULL, NULL},
    {"recipients", false, NULL, "recipients", SHAPE_NAMES, ruleline_mailbox, NULL, NULL, NULL},
    {"helo", false, NULL, "helo", SHAPE_NAMES, ruleline_helo, NULL, "helo-patterns", NULL},
    {"bigco", false, NULL, "bigco", SHAPE_SUFFIXES, ruleline_bigco, NULL, NULL, NULL},
    {"tlds", false, NULL, "tlds", SHAPE_NAMES, ruleline_label, NULL, NULL, NULL},
    {"private-tlds", false, NULL, "private-tlds", SHAPE_NAMES, ruleline_private_label, NULL, NULL,
     NULL},
    {"highmx", false, "highmx", NULL, SHAPE_NAMES, ruleline_address, NULL, NULL, NULL},
    {"neverlist", false, "neverlist", NULL, SHAPE_NAMES, ruleline_address, NULL, NULL, ""},
    {"canaries", false, "canaries", NULL, SHAPE_NAMES, ruleline_address, NULL, NULL, NULL},
    {"dialects", false, NULL, "dialects", SHAPE_NAMES, ruleline_dialect, NULL, NULL, NULL},
    {"pool-words", false, NULL, "pool-words", SHAPE_NAMES, ruleline_pool_word, NULL, NULL, NULL},
    {"host-words", false, NULL, "host-words", SHAPE_NAMES, ruleline_host_word, NULL, NULL, NULL},
};

const struct rulefile *rulefile_find(struct span name) {
  for (int i = 0; i < RULEFILES; i++)
    if (span_is(name, rulefiles[i].name)) return &rulefiles[i];
  return NULL;
}

bool rulefile_is_published(const struct rulefile *file) {
  return file->read == read_list_line || file->read == ruleline_blacklist ||
         span_is(span_str(file->name), "dynamic");
}

/* Nobody is listed but as a whole /64, so that is what these keep from it. */
static bool has_whole_nets(const struct rulefile *file) {
  return span_is(span_str(file->name), "neverlist") || span_is(span_str(file->name), "canaries");
}

void rulefile_tables_init(struct rulefile_tables *rows, const struct rulefile *file) {
  *rows = (struct rulefile_tables){
      .addresses = {.name = file->addresses,
                    .file = file->name,
                    .shape = SHAPE_ADDRESSES,
                    .whole_nets = has_whole_nets(file),
                    .kept = file->read == read_list_line},
      .named = {.name = file->named, .file = file->name, .shape = file->shape},
      .patterns = {.name = file->patterns, .file = file->name, .shape = SHAPE_NAMES},
  };
}

void rulefile_tables_free(struct rulefile_tables *rows) {
  tabletext_free(&rows->addresses);
  tabletext_free(&rows->named);
  tabletext_free(&rows->patterns);
}

void rulefile_tables_list(const struct rulefile_tables *rows,
                          struct tabletext out[RULE_TABLES_MAX]) {
  out[0] = rows->addresses;
  out[1] = rows->named;
  out[2] = rows->patterns;
  out[0].kept = rows->addresses.kept && rows->named.count == 0;
  out[0].skipped = rows->named.count ? 0 : rows->skipped;
  out[1].skipped = rows->addresses.count ? 0 : rows->skipped;
}
