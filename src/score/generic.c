#include "score/generic.h"
#include "score/hostpart.h"
#include "score/spelling.h"

/* Many names end here, before anything is looked up. */
static bool may_hold_address(struct span host) {
  size_t hex = 0;
  bool digit = false;
  for (size_t i = 0; i < host.len; i++) {
    if (hex_value(host.s[i]) >= 0) hex++;
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
    if (words_in(&rules->words, label) & WORD_MAIL && spelled_in(label, peer) != SPELLED_WHOLE)
      return false;
  }
  return true;
}

enum generic generic_classify(const struct rules *rules, struct span name,
                              const struct addr *peer) {
  struct span host = host_part(name);
  if (!may_hold_address(host)) return GENERIC_NOT;
  unsigned int words = words_in(&rules->words, host);
  if (words & WORD_HOST) return GENERIC_NOT;
  bool rented = words & WORD_RENTED;
  bool pool = words & WORD_POOL && !rented, strong = words & WORD_STRONG && !rented;
  if (words & WORD_MAIL && !(strong && is_mail_of_provider(rules, host, peer))) return GENERIC_NOT;
  switch (spelled_in(host, peer)) {
  case SPELLED_WHOLE: return pool ? GENERIC_POOL : GENERIC_ADDRESS;
  case SPELLED_PART: return pool ? GENERIC_POOL : GENERIC_NOT;
  case SPELLED_TWO: return strong ? GENERIC_POOL : pool ? GENERIC_ADDRESS : GENERIC_NOT;
  case SPELLED_OTHER: return pool ? GENERIC_ADDRESS : GENERIC_NOT;
  case SPELLED_NUMBER: return strong ? GENERIC_ADDRESS : GENERIC_NOT;
  case SPELLED_NOT: break;
  }
  return GENERIC_NOT;
}
