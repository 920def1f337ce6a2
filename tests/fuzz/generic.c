/* Any name from any peer: the first byte says how long the address is (4 or 16 bytes), then comes
   the address, then the name, folded as the scorer folds it. Nothing is read outside the name (an
   exact copy on the heap, for the sanitizer); the same name gives the same answer; a word of a mail
   server before it clears it, and beside one of rented servers it is no pool's; what stands in the
   registered domain, or below it in another spelling of the separators, changes nothing. */
#include "../unit/score_rules.h"
#include "score/generic.h"
#include <stdint.h>

#define NAME_MAX_LEN 512
#define HOST_MAX     253 /* what is longer is no host name, and judged by its beginning */

static const struct rule_text files[] = {
    {"pool-words", "pool\ndynamic strong\ndsl strong\nabo\n3g strong\n"},
    {"host-words", "static\nmx mail\nout\nvps rented\n"},
    {NULL, NULL},
};

static enum generic classify(const struct rules *rules, const char *before, struct span name,
                             const struct addr *peer) {
  size_t len = strlen(before);
  char *copy = malloc(len + name.len + 1);
  if (!copy) abort();
  memcpy(copy, before, len);
  if (name.len) memcpy(copy + len, name.s, name.len);
  char *exact = realloc(copy, len + name.len ? len + name.len : 1);
  if (!exact) abort();
  enum generic kind = generic_classify(rules, span_of(exact, len + name.len), peer);
  if (kind != GENERIC_NOT && kind != GENERIC_ADDRESS && kind != GENERIC_POOL) abort();
  free(exact);
  return kind;
}

static void check(const struct rules *rules, struct span name, const struct addr *peer) {
  enum generic kind = classify(rules, "", name, peer);
  struct span host = generic_host_part(name);
  if (host.len > name.len || (host.len && host.s != name.s)) abort();
  if (classify(rules, "", name, peer) != kind) abort();
  if (host.len == 0 && kind != GENERIC_NOT) abort();
  if (host.len && classify(rules, "mx.", name, peer) != GENERIC_NOT) abort();
  if (host.len && classify(rules, "vps.", name, peer) == GENERIC_POOL) abort();
  if (name.len + 5 > HOST_MAX) return;
  if (kind == GENERIC_ADDRESS && classify(rules, "pool.", name, peer) == GENERIC_NOT) abort();
  if (kind == GENERIC_POOL && classify(rules, "pool.", name, peer) != GENERIC_POOL) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct rules rules;
  static bool loaded;
  static char folded[NAME_MAX_LEN];
  struct addr peer = {{[10] = 0xff, [11] = 0xff}};
  if (size == 0) return 0;
  size_t bytes = data[0] & 1 ? 16 : 4;
  if (size < 1 + bytes || size - 1 - bytes > sizeof folded) return 0;
  if (!loaded) rules_of(&rules, files);
  loaded = true;
  memcpy(peer.byte + 16 - bytes, data + 1, bytes);
  size_t len = size - 1 - bytes;
  for (size_t i = 0; i < len; i++) folded[i] = (char)ascii_lower(data[1 + bytes + i]);
  check(&rules, span_of(folded, len), &peer);
  return 0;
}
