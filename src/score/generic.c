#include "score/generic.h"
#include "score/hostpart.h"
#include "score/addrname.h"

/* Many names end here, before anything is looked up. */
static bool may_hold_address(struct span host) {
  size_t hex = 0;
  bool digit = false;
  for (size_t i = 0; i < host.len; i++) {
    if (addrname_hex_value(host.s[i]) >= 0) hex++;
    if (ascii_is_digit((unsigned char)host.s[i])) digit = true;
  }
  return digit || hex >= 8;
}

/* Every label with a word of mail servers is one that spells the peer's whole address. A provider
   makes such labels, for all addresses of a pool; a person who names a mail server does not. */
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
  struct span host = hostpart_of(name);
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
