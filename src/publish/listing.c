#include "publish/listing.h"
#include "publish/txt.h"

_Static_assert(COLOUR_BLACK <= 3 && COLOUR_BROWN <= 3 && COLOUR_YELLOW <= 3,
               "a colour fits into two bits");

/* RFC 5782 section 5: the test entries are the dataset's own, whatever the store says. */
#define TEST_LISTED   UINT32_C(0x7f000002)
#define TEST_UNLISTED UINT32_C(0x7f000001)

static bool all_zero(const uint8_t *byte, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (byte[i]) return false;
  return true;
}

bool listed_is_publishable(const struct addr *ip) {
  if (!addr_is_ipv4(ip)) return !all_zero(ip->byte, 8) && all_zero(ip->byte + 8, 8);
  uint32_t v4 = addr_ipv4(ip), octet = v4 >> 24;
  return octet != 0 && octet < 224 && v4 != TEST_LISTED && v4 != TEST_UNLISTED;
}

static enum quit_history habit_of(const struct listing_row *l) {
  if (l->quits) return l->noquits ? QUIT_HISTORY_MIXED : QUIT_HISTORY_QUITS;
  return l->noquits ? QUIT_HISTORY_NEVER : QUIT_HISTORY_UNKNOWN;
}

int64_t listed_begin(int64_t until) {
  return until < INT64_MIN + LISTING_LONGEST ? INT64_MIN : until - LISTING_LONGEST;
}

uint8_t listed_answers(const struct listing_row *l, int64_t now) {
  if (now < listed_begin(l->until) || now >= l->until) return 0;
  if (l->colour == COLOUR_NONE || !listed_is_publishable(&l->ip)) return 0;
  return (uint8_t)((unsigned int)l->colour | (unsigned int)habit_of(l) << 2);
}

enum colour answers_colour(uint8_t answers) {
  return (enum colour)(answers & 3);
}

enum quit_history answers_quit_history(uint8_t answers) {
  return (enum quit_history)(answers >> 2 & 3);
}

bool lookup_url_is_valid(struct span url) {
  size_t dollar = span_find(url, '$');
  if (!span_starts_nocase(url, "http://") && !span_starts_nocase(url, "https://")) return false;
  for (size_t i = 0; i < url.len; i++) {
    unsigned char c = (unsigned char)url.s[i];
    if (ascii_is_digit(c) || ascii_is_letter(c) || i == dollar) continue;
    if (c == '\0' || !strchr("-._~:/?&=%+,@!*()#;", c)) return false;
  }
  /* rbldnsd reads `$$`, `$=` and a digit behind `$` as something else */
  struct span behind = span_from(url, dollar + 1);
  if (behind.len && (behind.s[0] == '=' || ascii_is_digit((unsigned char)behind.s[0])))
    return false;
  return url.len + (dollar < url.len ? ADDR_TEXT_MAX : 0) <= LOOKUP_URL_MAX;
}

static const char *const openings[] = {
    [COLOUR_BLACK] = "spambot",
    [COLOUR_YELLOW] = "bots and mail servers behind one address, do not block",
    [COLOUR_BROWN] = "suspect, do not block",
};

/* The most that `$` in the URL can grow when rbldnsd puts an address there. */
static size_t growth(const struct addr *ip, struct span url) {
  size_t address = addr_is_ipv4(ip) ? sizeof "255.255.255.255" - 1 : 39;
  return span_find(url, '$') < url.len ? address - 1 : 0;
}

size_t listed_text(const struct listing_row *l, struct span url, char out[TXT_MAX]) {
  struct txt t, tail;
  char behind[TXT_MAX];
  if (l->colour == COLOUR_NONE) return 0;
  txt_init(&tail, behind, sizeof behind);
  txt_add_str(&tail, "; last seen ");
  txt_time(&tail, l->last);
  txt_add_str(&tail, "; detectors ");
  txt_add_str(&tail, txt_band(l->detectors));
  if (url.len) {
    txt_add_str(&tail, "; ");
    txt_add(&tail, url);
  }
  txt_init(&t, out, TXT_MAX);
  txt_add_str(&t, openings[l->colour]);
  txt_add_str(&t, ": ");
  size_t head = t.len;
  txt_sins(&t, l->sins, TXT_MAX - head - tail.len - growth(&l->ip, url));
  if (t.len == head) t.len -= 2; /* no sin: no colon */
  txt_add(&t, span_of(behind, tail.len));
  return t.len;
}
