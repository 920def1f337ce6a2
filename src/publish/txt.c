#include "publish/txt.h"
#include "base/addr.h"
#include "base/number.h"
#include "base/utc.h"

#define ADDR4_LEN_MAX (sizeof "255.255.255.255" - 1)
#define ADDR6_LEN_MAX (sizeof "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" - 1)

bool txt_url_is_valid(struct span url) {
  size_t dollar = span_find(url, '$');
  if (!span_starts_nocase(url, "http://") && !span_starts_nocase(url, "https://")) return false;
  for (size_t i = 0; i < url.len; i++) {
    unsigned char c = (unsigned char)url.s[i];
    if (ascii_is_digit(c) || ascii_is_letter(c) || i == dollar) continue;
    if (c == '\0' || !strchr("-._~:/?&=%+,@!*()#;", c)) return false;
  }
  /* rbldnsd gives another meaning to `$$`, to `$=`, and to `$` and a digit */
  struct span after = span_from(url, dollar + 1);
  if (after.len && (after.s[0] == '=' || ascii_is_digit((unsigned char)after.s[0]))) return false;
  return url.len + (dollar < url.len ? ADDR_TEXT_MAX : 0) <= TXT_URL_MAX;
}

static bool is_sin_byte(unsigned char c) {
  return (c >= 'a' && c <= 'z') || ascii_is_digit(c) || c == '-';
}

#define SIN_MAX  64 /* bytes; every sin's name is much shorter */
#define ELLIPSIS 4  /* ",..." */

/* Copies one name without the bytes that no name has. */
static size_t clean_sin(char *out, struct span sin) {
  size_t n = 0;
  for (size_t i = 0; i < sin.len && n < SIN_MAX; i++)
    if (is_sin_byte((unsigned char)sin.s[i])) out[n++] = sin.s[i];
  return n;
}

void txt_add_sins(struct textbuf *t, struct span sins, size_t room) {
  struct span rest = sins;
  size_t used = 0;
  if (room > t->cap - t->len) room = t->cap - t->len;
  while (rest.len) {
    char name[SIN_MAX];
    size_t len = clean_sin(name, span_cut(&rest, ','));
    size_t comma = used ? 1 : 0;
    if (len == 0) continue;
    if (used + comma + len + (rest.len ? ELLIPSIS : 0) > room) {
      if (used + comma + 3 <= room) textbuf_put_str(t, comma ? ",..." : "...");
      t->full = true;
      return;
    }
    if (comma) textbuf_put_str(t, ",");
    textbuf_put(t, span_of(name, len));
    used += comma + len;
  }
}

void txt_add_time(struct textbuf *t, int64_t unixtime) {
  char out[] = "yyyy-mm-dd HH:M0 UTC";
  struct utc time;
  if (!utc_split(unixtime, &time)) return;
  number_format_padded(out, time.year, 4);
  number_format_padded(out + 5, time.month, 2);
  number_format_padded(out + 8, time.day, 2);
  number_format_padded(out + 11, time.hour, 2);
  number_format_padded(out + 14, time.minute / 10, 1);
  textbuf_put(t, span_of(out, TXT_TIME_LEN));
}

const char *txt_band(uint64_t detectors) {
  if (detectors <= 1) return "1";
  if (detectors <= 4) return "2-4";
  return detectors <= 9 ? "5-9" : "10+";
}

static const char *const colours[] = {
    [COLOUR_BLACK] = "spambot",
    [COLOUR_YELLOW] = "bots and mail servers behind one address, do not block",
    [COLOUR_BROWN] = "suspect, do not block",
};

/* The bytes that rbldnsd can add when it replaces `$` in the URL by an address. */
static size_t growth(const struct addr *ip, struct span url) {
  size_t address = addr_is_ipv4(ip) ? ADDR4_LEN_MAX : ADDR6_LEN_MAX;
  return span_find(url, '$') < url.len ? address - 1 : 0;
}

static void add_tail(struct textbuf *t, const struct listing_row *l, struct span url) {
  textbuf_put_str(t, "; last seen ");
  txt_add_time(t, l->last);
  textbuf_put_str(t, "; detectors ");
  textbuf_put_str(t, txt_band(l->detectors));
  if (url.len) {
    textbuf_put_str(t, "; ");
    textbuf_put(t, url);
  }
}

/* The tail is built first: the sins get the room that it leaves. */
size_t txt_format(const struct listing_row *l, struct span url, char out[TXT_MAX]) {
  struct textbuf t, tail;
  char tail_text[TXT_MAX];
  if (l->colour == COLOUR_NONE) return 0;
  tail = textbuf_of(tail_text, sizeof tail_text);
  add_tail(&tail, l, url);
  t = textbuf_of(out, TXT_MAX);
  textbuf_put_str(&t, colours[l->colour]);
  textbuf_put_str(&t, ": ");
  size_t head = t.len;
  txt_add_sins(&t, l->sins, TXT_MAX - head - tail.len - growth(&l->ip, url));
  if (t.len == head) t.len -= 2; /* no sins: no colon */
  textbuf_put(&t, span_of(tail_text, tail.len));
  return t.len;
}
