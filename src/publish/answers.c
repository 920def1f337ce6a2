#include "publish/answers.h"

_Static_assert(COLOUR_BLACK <= 3 && COLOUR_BROWN <= 3 && COLOUR_YELLOW <= 3,
               "a colour fits into two bits");

/* RFC 5782 section 5: datasets have their own test entries, whatever the store holds. */
#define TEST_LISTED   UINT32_C(0x7f000002)
#define TEST_UNLISTED UINT32_C(0x7f000001)

static bool all_zero(const uint8_t *byte, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (byte[i]) return false;
  return true;
}

bool answers_are_published(const struct addr *ip) {
  if (!addr_is_ipv4(ip)) return !all_zero(ip->byte, 8) && all_zero(ip->byte + 8, 8);
  uint32_t v4 = addr_ipv4(ip), octet = v4 >> 24;
  return octet != 0 && octet < 224 && v4 != TEST_LISTED && v4 != TEST_UNLISTED;
}

int64_t answers_begin(int64_t until) {
  return until < INT64_MIN + LISTING_LONGEST ? INT64_MIN : until - LISTING_LONGEST;
}

static enum quit_history quit_history_of(const struct listing_row *l) {
  if (l->quits) return l->noquits ? QUIT_HISTORY_MIXED : QUIT_HISTORY_QUITS;
  return l->noquits ? QUIT_HISTORY_NEVER : QUIT_HISTORY_UNKNOWN;
}

uint8_t answers_of(const struct listing_row *l, int64_t now) {
  if (now < answers_begin(l->until) || now >= l->until) return 0;
  if (l->colour == COLOUR_NONE || !answers_are_published(&l->ip)) return 0;
  return (uint8_t)((unsigned int)l->colour | (unsigned int)quit_history_of(l) << 2);
}

enum colour answers_colour(uint8_t answers) {
  return (enum colour)(answers & 3);
}

enum quit_history answers_quit_history(uint8_t answers) {
  return (enum quit_history)(answers >> 2 & 3);
}
