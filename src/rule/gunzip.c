#include "rule/gunzip.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#define ZLIB_CONST
#include <zlib.h>

#define GZIP_ONLY  (15 + 16) /* the greatest window, and no other format than gzip's */
#define FIRST_ROOM 65536

bool gunzip_is(struct span data) {
  return data.len >= 2 && (unsigned char)data.s[0] == 0x1f && (unsigned char)data.s[1] == 0x8b;
}

/* One byte more than the limit, so that a text that is too long is noticed. */
static bool make_room(struct gunzipped *out, size_t *room, size_t max) {
  if (out->len < *room) return true;
  if (*room > max) {
    out->reason = "too large when unpacked";
    return false;
  }
  size_t more = *room ? 2 * *room : FIRST_ROOM;
  if (more > max + 1) more = max + 1;
  char *text = realloc(out->text, more);
  if (!text) return false;
  out->text = text;
  *room = more;
  return true;
}

static unsigned int at_most(size_t len) {
  return len < INT_MAX ? (unsigned int)len : INT_MAX;
}

/* Returns 1 to continue, 0 when done, -1 with a reason. */
static int judge(z_stream *z, int result, size_t left, struct gunzipped *out) {
  if (result == Z_STREAM_END) return left == 0 ? 0 : inflateReset(z) == Z_OK ? 1 : -1;
  if (result == Z_OK) return 1;
  if (result == Z_BUF_ERROR && left) return 1; /* there was no room */
  out->reason = result == Z_BUF_ERROR ? "the gzip data is cut short" : "the gzip data is damaged";
  if (result == Z_MEM_ERROR) {
    out->reason = NULL;
    errno = ENOMEM;
  }
  return -1;
}

static bool inflate_all(z_stream *z, struct span data, size_t max, struct gunzipped *out) {
  size_t room = 0, used = 0;
  for (int go_on = 1; go_on;) {
    if (!make_room(out, &room, max)) return false;
    z->next_in = (const unsigned char *)data.s + used;
    z->avail_in = at_most(data.len - used);
    z->next_out = (unsigned char *)out->text + out->len;
    z->avail_out = at_most(room - out->len);
    unsigned int in = z->avail_in, free_bytes = z->avail_out;
    int result = inflate(z, Z_NO_FLUSH);
    used += in - z->avail_in;
    out->len += free_bytes - z->avail_out;
    go_on = judge(z, result, data.len - used, out);
    if (go_on < 0) return false;
  }
  if (out->len <= max) return true;
  out->reason = "too large when unpacked";
  return false;
}

bool gunzip(struct span data, size_t max, struct gunzipped *out) {
  z_stream z = {.next_in = NULL};
  *out = (struct gunzipped){NULL, 0, NULL};
  if (inflateInit2(&z, GZIP_ONLY) != Z_OK) {
    errno = ENOMEM;
    return false;
  }
  bool ok = inflate_all(&z, data, max, out);
  int saved = errno;
  inflateEnd(&z);
  if (ok) return true;
  free(out->text);
  out->text = NULL;
  errno = saved;
  return false;
}
