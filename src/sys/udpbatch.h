/* udpbatch.h: datagrams in and answers out, many with one system call.

   An inbox is filled anew by each call; what is in it is good until the next one. One that is
   longer than UDP_ROOM comes cut to that. An outbox gathers answers, each for whom a datagram
   of the inbox came from, and sends them together; it never waits. Answers leave from the address
   that was asked, also where the socket is bound to none in particular (udp_batch_prepare sees to
   it): a connected questioner takes no other. */
#ifndef SINBIN_SYS_UDPBATCH_H
#define SINBIN_SYS_UDPBATCH_H

#include "base/span.h"
#include <netinet/in.h>
#include <sys/socket.h>

#define UDP_INBOX  64
#define UDP_OUTBOX 512
#define UDP_ROOM   2048
#define UDP_ANSWER 1200

/* For whom, and from which of our addresses. */
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

/* False with errno where the socket cannot tell at which address it was asked. */
bool udp_batch_prepare(int fd);

/* Takes what is there without waiting. -1 with errno on an error; else how many. */
int udp_receive(struct udp_inbox *in, int fd);
struct span udp_received(const struct udp_inbox *in, int i);

/* text is at most UDP_ANSWER bytes; there is room as long as count < UDP_OUTBOX. */
void udp_answer(struct udp_outbox *out, const struct udp_peer *to, struct span text);
/* Sends and empties; returns how many the system did not take. */
int udp_send(struct udp_outbox *out, int fd);

#endif
