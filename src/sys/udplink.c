#include "sys/udplink.h"
#include "sys/udp.h"
#include <errno.h>
#include <netdb.h>
#include <unistd.h>

#define HOST_MAX 253

static bool is_host_byte(unsigned char c) {
  return ascii_is_letter(c) || ascii_is_digit(c) || c == '.' || c == '-' || c == '_';
}

bool udplink_host_is_valid(const char *host) {
  struct addr ignored;
  size_t len = strlen(host);
  if (addr_parse(span_str(host), &ignored)) return true;
  for (size_t i = 0; i < len; i++)
    if (!is_host_byte((unsigned char)host[i])) return false;
  return len > 0 && len <= HOST_MAX;
}

void udplink_init(struct udplink *l, const char *host, uint16_t port) {
  *l = (struct udplink){.host = host, .port = port, .fd = -1};
  if (addr_parse(span_str(host), &l->addresses[0])) l->count = 1;
}

/* If the lookup fails, the earlier addresses are kept. */
static void look_up(struct udplink *l) {
  const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM};
  struct addrinfo *found = NULL;
  size_t count = 0;
  int error = getaddrinfo(l->host, NULL, &hints, &found);
  for (struct addrinfo *a = error ? NULL : found; a && count < UDPLINK_ADDRESSES; a = a->ai_next) {
    uint16_t ignored;
    if (addr_from_sockaddr(a->ai_addr, &l->addresses[count], &ignored)) count++;
  }
  if (!error) freeaddrinfo(found);
  if (count) l->count = count;
  l->why = l->count ? NULL : error ? gai_strerror(error) : "the name has no address";
}

static bool open_link(struct udplink *l) {
  if (l->fd >= 0) return true;
  if (l->count == 0) look_up(l);
  if (l->count == 0) {
    errno = EHOSTUNREACH;
    return false;
  }
  l->fd = udp_connect(&l->addresses[l->at], l->port);
  return l->fd >= 0;
}

ssize_t udplink_send(struct udplink *l, struct span datagram) {
  if (!open_link(l)) return -1;
  ssize_t sent = send(l->fd, datagram.s, datagram.len, MSG_NOSIGNAL | MSG_DONTWAIT);
  /* ECONNREFUSED is about an earlier datagram; this one was not sent. */
  if (sent < 0 && errno == ECONNREFUSED)
    sent = send(l->fd, datagram.s, datagram.len, MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent;
}

ssize_t udplink_receive(struct udplink *l, char *buf, size_t cap) {
  if (l->fd >= 0) return recv(l->fd, buf, cap, MSG_DONTWAIT);
  errno = EAGAIN;
  return -1;
}

void udplink_next_address(struct udplink *l) {
  struct addr before = l->addresses[l->at], numeric;
  bool had = l->count > 0;
  if (addr_parse(span_str(l->host), &numeric)) return;
  if (++l->at >= l->count) {
    l->at = 0;
    look_up(l);
  }
  if (!had || addr_compare(&before, &l->addresses[l->at]) == 0 || l->fd < 0) return;
  close(l->fd);
  l->fd = -1;
}
