/* Tags and dialect hashes, against the worked examples of sinbin-report(5); other implementations
   of BLAKE2b gave these bytes. */
#include "report/mac.h"
#include "line/dialecthash.h"
#include "tap.h"

#define LINE_1                                                                            \
  "SB1 trap1 1 1764000000 4711 1764000014 192.0.2.7 bot 28 fin high-mx,helo-bot,no-quit " \
  "3e77501df101d7f4"
#define LINE_2                                                                              \
  "SB1 trap1 1 1764000000 4712 1764000014 2001:db8::7 bot 28 fin high-mx,helo-bot,no-quit " \
  "3e77501df101d7f4"
#define BEAT                                                                                     \
  "HB1 trap1 1 1764000000 1764000060000 1764000060 version=0.1 up=60 lines=9 reports=8 acked=7 " \
  "pending=1 oldest=2 sent=5 resent=3 failed=0 unread=1 bogus=0"
#define TAG_1 "ca725914db030e251000c3d7baa1b994"

static const struct {
  const char *covered, *tag;
} examples[] = {
    {LINE_1, TAG_1},
    {LINE_1 "\n" LINE_2, "5f215248c85baf3fc686da1a18ef6c40"},
    {"OK1 trap1 1 1764000000 4711", "ed0e1e5b9966a07915dabe8238ef8650"},
    {"OK1 trap1 1 1764000000 4711 4712", "5903284e913118cffbed615220aad568"},
    {BEAT, "630e430d6801c6d7a979a34a1f346164"},
};

static struct mac_key example_key(void) {
  struct mac_key key;
  for (int i = 0; i < MAC_KEY_BYTES; i++) key.byte[i] = (uint8_t)i;
  return key;
}

static void test_examples(void) {
  struct mac_key key = example_key();
  char tag[TAG_HEX];
  for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
    mac_tag(&key, span_str(examples[i].covered), tag);
    is_text(span_of(tag, TAG_HEX), examples[i].tag, "the tag of example %zu", i + 1);
  }
  ok(mac_check(&key, span_str(LINE_1), span_str(TAG_1)), "is right");
}

static void test_refusals(void) {
  struct mac_key key = example_key();
  char line[] = LINE_1, tag[] = TAG_1;
  size_t passed = 0;
  for (size_t bit = 0; bit < 8 * strlen(line); bit++) {
    line[bit / 8] ^= (char)(1 << bit % 8);
    passed += mac_check(&key, span_str(line), span_str(TAG_1));
    line[bit / 8] ^= (char)(1 << bit % 8);
  }
  ok(passed == 0, "no flipped bit of the line passes");
  for (size_t i = 0; i < TAG_HEX; i++) {
    tag[i] ^= 1;
    passed += mac_check(&key, span_str(LINE_1), span_str(tag));
    tag[i] ^= 1;
  }
  ok(passed == 0, "no changed digit of the tag passes");
  for (size_t i = 0; i < 8 * MAC_KEY_BYTES; i++) {
    key.byte[i / 8] ^= (uint8_t)(1 << i % 8);
    passed += mac_check(&key, span_str(LINE_1), span_str(TAG_1));
    key.byte[i / 8] ^= (uint8_t)(1 << i % 8);
  }
  ok(passed == 0, "no other key passes");
  ok(!mac_check(&key, span_str(LINE_1), span_of(TAG_1, TAG_HEX - 1)), "a short tag does not pass");
  ok(!mac_check(&key, span_str(LINE_1), span_of(TAG_1, 0)), "an empty tag does not pass");
}

static const struct {
  const char *dialect, *want;
} hashes[] = {
    {"EHLO H|MAIL FROM:<A>|RCPT TO:<A>|DATA", "3e77501df101d7f4"},
    {"", "786a02f742015903"},    /* RFC 7693: BLAKE2b-512 of nothing */
    {"abc", "ba80a53f981c4d0d"}, /* RFC 7693, appendix A */
};

int main(void) {
  ok(mac_init(), "the library starts");
  test_examples();
  test_refusals();
  for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++) {
    char hash[DIALECT_HEX];
    dialecthash_format(span_str(hashes[i].dialect), hash);
    is_text(span_of(hash, DIALECT_HEX), hashes[i].want, "the hash of \"%s\"", hashes[i].dialect);
  }
  return done();
}
