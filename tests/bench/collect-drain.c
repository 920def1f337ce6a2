/* The receive loop of sinbin-collect without a store, for comparison: datagrams are received, their
   tags checked, their lines decoded and answered; nothing is kept.

     collect-drain PORT DETECTORS    keys as collect-load has them; until SIGTERM */
#include "sys/udp.h"
#include "sys/udpbatch.h"
#include "report/answer.h"
#include "report/mac.h"
#include "base/number.h"
#include <poll.h>
#include <stdlib.h>

static struct mac_key keys[64];

static void answer(struct udp_outbox *out, const struct udp_peer *peer, struct span text) {
  struct span covered, tag, line;
  struct origin origin;
  struct datagram d = {.len = 0};
  struct report report;
  uint64_t detector;
  char own[TAG_HEX];
  if (datagram_parse(text, &covered, &tag, &origin) != DATAGRAM_REPORTS ||
      !number_parse(span_from(origin.detector, 1), 63, &detector) ||
      !mac_check(&keys[detector], covered, tag))
    return;
  while (datagram_line(&covered, &line))
    if (report_decode(line, &report)) answer_add(&d, &origin, report.seq);
  mac_tag(&keys[detector], datagram_covered(&d), own);
  datagram_close(&d, own);
  udp_answer(out, peer, span_of(d.buf, d.len));
}

int main(int argc, char **argv) {
  static struct udp_inbox in;
  static struct udp_outbox out;
  struct addr loopback = addr_from_ipv4(0x7f000001);
  if (argc != 3 || !mac_init()) return 100;
  int fd = udp_bind(&loopback, (uint16_t)atoi(argv[1])), room = 16 << 20;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  if (fd < 0 || !udp_batch_prepare(fd)) return 111;
  for (int d = 0; d < 64; d++)
    for (size_t i = 0; i < sizeof keys[d].byte; i++)
      keys[d].byte[i] = (uint8_t)(17 * d + 5 * (int)i + 3);
  for (;;) {
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    poll(&wait, 1, -1);
    if (udp_receive(&in, fd) < 0) return 111;
    for (int i = 0; i < in.count; i++) answer(&out, &in.peers[i], udp_received(&in, i));
    udp_send(&out, fd);
  }
}
