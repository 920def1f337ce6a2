#include "score/generic.h"
#include "score/addrname.h"

/* Labels below a country's under which names are registered. */
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

/* Removes the last label and returns it. */
static struct span cut_last_label(struct span *name) {
  size_t dot = span_find_last(*name, '.');
  struct span label = dot < name->len ? span_from(*name, dot + 1) : *name;
  *name = dot < name->len ? span_head(*name, dot) : span_head(*name, 0);
  return label;
}

struct span generic_host_part(struct span name) {
  struct span tld = cut_last_label(&name);
  struct span second = cut_last_label(&name);
  if (tld.len == 2 && is_category(second)) cut_last_label(&name);
  return name;
}

/* False for many names; then nothing is looked up. */
static bool may_hold_address(struct span host) {
  size_t hex = 0;
  bool digit = false;
  for (size_t i = 0; i < host.len; i++) {
    if (addrname_hex_value(host.s[i]) >= 0) hex++;
    if (ascii_is_digit((unsigned char)host.s[i])) digit = true;
  }
  return digit || hex >= 8;
}

/* Every label that has a mail word contains the peer's whole address. A provider makes such labels
   for all addresses of a pool; a person who names a mail server does not. */
static bool is_mail_of_provider(const struct rules *rules, struct span host,
                                const struct addr *peer) {
  while (host.len) {
    struct span label = span_cut(&host, '.');
    if (namewords_find(&rules->words, label) & WORD_MAIL &&
        addrname_find(label, peer) != ADDRNAME_WHOLE)
      return false;
  }
  return true;
}

enum generic generic_classify(const struct rules *rules, struct span name,
                              const struct addr *peer) {
  struct span host = generic_host_part(name);
  if (!may_hold_address(host)) return GENERIC_NOT;
  unsigned int words = namewords_find(&rules->words, host);
  if (words & WORD_STATIC) return GENERIC_NOT;
  bool hosting = words & WORD_HOSTING;
  bool pool = words & WORD_POOL && !hosting, strong = words & WORD_STRONG && !hosting;
  if (words & WORD_MAIL && !(strong && is_mail_of_provider(rules, host, peer))) return GENERIC_NOT;
  switch (addrname_find(host, peer)) {
  case ADDRNAME_WHOLE: return pool ? GENERIC_POOL : GENERIC_ADDRESS;
  case ADDRNAME_PART: return pool ? GENERIC_POOL : GENERIC_NOT;
  case ADDRNAME_LAST_TWO: return strong ? GENERIC_POOL : pool ? GENERIC_ADDRESS : GENERIC_NOT;
  case ADDRNAME_OTHER: return pool ? GENERIC_ADDRESS : GENERIC_NOT;
  case ADDRNAME_NUMBER: return strong ? GENERIC_ADDRESS : GENERIC_NOT;
  case ADDRNAME_NOT: break;
  }
  return GENERIC_NOT;
}
