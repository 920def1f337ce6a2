/* udpbatch.h: receives and answers many datagrams with one system call.

   udp_receive fills the inbox, whose datagrams are valid until the next call. A datagram longer than
   UDP_ROOM is cut to that. An outbox collects answers to senders of the inbox and sends them
   together. No function waits. An answer is sent from the address that the datagram was sent to,
   since a connected peer accepts no other; if the socket is bound to the unspecified address,
   udp_batch_prepare makes the kernel report that address. */
#ifndef SINBIN_SYS_UDPBATCH_H
#define SINBIN_SYS_UDPBATCH_H

#include "base/span.h"
#include <netinet/in.h>
#include <sys/socket.h>

#define UDP_INBOX  64
#define UDP_OUTBOX 512
#define UDP_ROOM   2048
#define UDP_ANSWER 1200

/* The address of the peer, and the local address that it used. */
struct udp_peer {
  union {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
  } name;
  socklen_t name_len;
  size_t control_len;
  union {
    struct cmsghdr aligned;
    char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
  } control;
};

struct udp_inbox {
  int count;
  struct mmsghdr messages[UDP_INBOX];
  struct iovec vectors[UDP_INBOX];
  struct udp_peer peers[UDP_INBOX];
  char buffers[UDP_INBOX][UDP_ROOM];
};

struct udp_outbox {
  int count;
  struct mmsghdr messages[UDP_OUTBOX];
  struct iovec vectors[UDP_OUTBOX];
  struct udp_peer peers[UDP_OUTBOX];
  char buffers[UDP_OUTBOX][UDP_ANSWER];
};

/* False, with errno set, if the socket cannot report the local address of a datagram. */
bool udp_batch_prepare(int fd);

/* Receives without waiting. Returns the number of datagrams, or -1 with errno set. */
int udp_receive(struct udp_inbox *in, int fd);
struct span udp_received(const struct udp_inbox *in, int i);

/* text is at most UDP_ANSWER bytes; the outbox has room while count < UDP_OUTBOX. */
void udp_answer(struct udp_outbox *out, const struct udp_peer *to, struct span text);
/* Sends all answers and empties the outbox; returns the number that failed. */
int udp_send(struct udp_outbox *out, int fd);

#endif
