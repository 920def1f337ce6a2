#include "sys/udpbatch.h"
#include <errno.h>

/* ---- the local address ---- */

static bool is_bound_to_none(const struct udp_peer *own) {
  static const struct in6_addr none = IN6ADDR_ANY_INIT;
  if (own->name.any.sa_family == AF_INET6)
    return memcmp(&own->name.in6.sin6_addr, &none, sizeof none) == 0;
  return own->name.any.sa_family == AF_INET && own->name.in.sin_addr.s_addr == INADDR_ANY;
}

bool udp_batch_prepare(int fd) {
  struct udp_peer own = {.name_len = sizeof own.name};
  int on = 1;
  if (getsockname(fd, &own.name.any, &own.name_len) != 0) return false;
  if (!is_bound_to_none(&own)) return true;
  return own.name.any.sa_family == AF_INET6
             ? setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on) == 0
             : setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) == 0;
}

/* The control data of a datagram is also the control data of its answer, except for the interface:
   the routing table chooses it, unless the address is link-local. */
static void turn_round(struct udp_peer *peer) {
  struct cmsghdr *c = &peer->control.aligned;
  if (peer->control_len < CMSG_LEN(sizeof(struct in_pktinfo))) {
    peer->control_len = 0;
    return;
  }
  if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
    struct in_pktinfo info;
    memcpy(&info, CMSG_DATA(c), sizeof info);
    info.ipi_ifindex = 0;
    memcpy(CMSG_DATA(c), &info, sizeof info);
  } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
    struct in6_pktinfo info;
    memcpy(&info, CMSG_DATA(c), sizeof info);
    if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) info.ipi6_ifindex = 0;
    memcpy(CMSG_DATA(c), &info, sizeof info);
  } else peer->control_len = 0;
}

/* ---- receiving ---- */

static void expect(struct udp_inbox *in, int i) {
  in->vectors[i] = (struct iovec){in->buffers[i], UDP_ROOM};
  in->messages[i].msg_hdr = (struct msghdr){
      .msg_name = &in->peers[i].name,
      .msg_namelen = sizeof in->peers[i].name,
      .msg_iov = &in->vectors[i],
      .msg_iovlen = 1,
      .msg_control = in->peers[i].control.bytes,
      .msg_controllen = sizeof in->peers[i].control,
  };
}

static bool is_refused(int error) {
  return error == ENOSYS || error == EPERM || error == EACCES || error == EINVAL;
}

/* By recvmmsg(2), or by recvmsg(2) if that is refused or missing. */
static int receive_many(struct udp_inbox *in, int fd) {
  int got = recvmmsg(fd, in->messages, UDP_INBOX, MSG_DONTWAIT, NULL);
  if (got >= 0 || !is_refused(errno)) return got;
  for (got = 0; got < UDP_INBOX; got++) {
    ssize_t len = recvmsg(fd, &in->messages[got].msg_hdr, MSG_DONTWAIT);
    if (len < 0) break;
    in->messages[got].msg_len = (unsigned int)len;
  }
  return got ? got : -1;
}

int udp_receive(struct udp_inbox *in, int fd) {
  for (int i = 0; i < UDP_INBOX; i++) expect(in, i);
  int got = receive_many(in, fd);
  in->count = got < 0 ? 0 : got;
  for (int i = 0; i < in->count; i++) {
    in->peers[i].name_len = in->messages[i].msg_hdr.msg_namelen;
    in->peers[i].control_len = in->messages[i].msg_hdr.msg_controllen;
    turn_round(&in->peers[i]);
  }
  return got < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : got;
}

struct span udp_received(const struct udp_inbox *in, int i) {
  return span_of(in->buffers[i], in->messages[i].msg_len);
}

/* ---- sending ---- */

void udp_answer(struct udp_outbox *out, const struct udp_peer *to, struct span text) {
  int i = out->count++;
  struct udp_peer *peer = &out->peers[i];
  *peer = *to;
  memcpy(out->buffers[i], text.s, text.len);
  out->vectors[i] = (struct iovec){out->buffers[i], text.len};
  out->messages[i].msg_hdr = (struct msghdr){
      .msg_name = &peer->name,
      .msg_namelen = peer->name_len,
      .msg_iov = &out->vectors[i],
      .msg_iovlen = 1,
      .msg_control = peer->control_len ? peer->control.bytes : NULL,
      .msg_controllen = peer->control_len,
  };
}

/* By sendmmsg(2), or one datagram by sendmsg(2) if that is refused or missing. */
static int send_many(struct mmsghdr *messages, unsigned int count, int fd) {
  int sent = sendmmsg(fd, messages, count, MSG_DONTWAIT);
  if (sent >= 0 || !is_refused(errno)) return sent;
  return sendmsg(fd, &messages->msg_hdr, MSG_DONTWAIT) < 0 ? -1 : 1;
}

/* An answer that fails is skipped: the peer will send its datagram again. */
int udp_send(struct udp_outbox *out, int fd) {
  int done = 0, failed = 0;
  while (done < out->count) {
    int sent = send_many(out->messages + done, (unsigned int)(out->count - done), fd);
    if (sent < 0 && errno == EINTR) continue;
    failed += sent <= 0;
    done += sent > 0 ? sent : 1;
  }
  out->count = 0;
  return failed;
}
