/* The PROXY decoder: reads within its bytes (an exact copy on the heap, for the sanitizer), answers
   the same for every split, and what it calls an IPv4 or IPv6 header is written again and read
   back. */
#include "accept/proxy.h"
#include <stdio.h>
#include <stdlib.h>

static enum proxy_result decode_copy(const uint8_t *data, size_t len, struct proxy_header *out) {
  char *copy = malloc(len ? len : 1);
  if (!copy) abort();
  memcpy(copy, data, len);
  enum proxy_result result = proxy_decode(span_of(copy, len), out);
  free(copy);
  return result;
}

/* As version 1 writes it; the family is the header's, not the address's. */
static void check_again(const struct proxy_header *h) {
  char text[160], peer[ADDR_TEXT_MAX + 8], local[ADDR_TEXT_MAX + 8];
  bool v6 = !addr_is_ipv4(&h->peer) && !addr_is_ipv4(&h->local);
  if (!v6 && (!addr_is_ipv4(&h->peer) || !addr_is_ipv4(&h->local))) return;
  peer[addr_format(peer, &h->peer)] = '\0';
  local[addr_format(local, &h->local)] = '\0';
  int len = snprintf(text, sizeof text, "PROXY TCP%c %s %s %u %u\r\n", v6 ? '6' : '4', peer, local,
                     h->pport, h->lport);
  struct proxy_header back;
  if (proxy_decode(span_of(text, (size_t)len), &back) != PROXY_ADDRESS || back.len != (size_t)len ||
      addr_compare(&back.peer, &h->peer) != 0 || addr_compare(&back.local, &h->local) != 0 ||
      back.pport != h->pport || back.lport != h->lport)
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  enum proxy_result before = PROXY_MORE;
  struct proxy_header header = {.len = 0};
  size_t most = size < PROXY_BYTES_MAX + 64 ? size : PROXY_BYTES_MAX + 64;
  for (size_t len = 0; len <= most; len++) {
    enum proxy_result result = decode_copy(data, len, &header);
    if (before != PROXY_MORE && result != before) abort();
    if ((result == PROXY_ADDRESS || result == PROXY_LOCAL) &&
        (header.len > len || header.len > PROXY_BYTES_MAX))
      abort();
    if (result == PROXY_MORE && len >= PROXY_BYTES_MAX) abort();
    before = result;
  }
  if (before == PROXY_ADDRESS) check_again(&header);
  return 0;
}
