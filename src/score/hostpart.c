#include "score/hostpart.h"

/* Second-level labels below a country under which names are registered. */
static const char categories[][5] = {
    "ac",  "ad",  "asn", "asso", "biz",  "co",   "com", "ed", "edu", "firm", "gen",  "go",
    "gob", "gov", "gr",  "govt", "gouv", "gv",   "id",  "in", "ind", "inf",  "info", "k12",
    "lg",  "ltd", "me",  "mi",   "mil",  "muni", "my",  "ne", "net", "nhs",  "nom",  "or",
    "org", "pe",  "plc", "pp",   "re",   "res",  "sch", "tm", "web",
};

static bool is_category(struct span label) {
  char text[5] = "";
  if (label.len < 2 || label.len > 4) return false;
  memcpy(text, label.s, label.len);
  for (size_t i = 0; i < sizeof categories / sizeof *categories; i++)
    if (memcmp(text, categories[i], sizeof text) == 0) return true;
  return false;
}

/* Takes the last label off and returns it. */
static struct span last_label(struct span *name) {
  size_t dot = span_find_last(*name, '.');
  struct span label = dot < name->len ? span_from(*name, dot + 1) : *name;
  *name = dot < name->len ? span_head(*name, dot) : span_head(*name, 0);
  return label;
}

struct span hostpart_of(struct span name) {
  struct span tld = last_label(&name);
  struct span second = last_label(&name);
  if (tld.len == 2 && is_category(second)) last_label(&name);
  return name;
}
