/* Sends signed reports to a collector and counts what is acknowledged.

     collect-load detectors DIR COUNT            makes the directory of detectors d0..
     collect-load send PORT COUNT [KEY=VALUE]... prints "reports R acknowledged A seconds S resent
   N"

   Keys: reports (1000000), addresses (1000000), from (0): the n-th report is about the address
   from + n mod addresses, scattered; rate (0): datagrams a second, 0 as fast as can be; lines (9) a
   datagram; first (1): the number of the first report; epoch (1);
    window (128): datagrams under way; blind (0): datagrams a millisecond, without waiting for
   answers; bad (0): so many datagrams with a wrong tag before each good one; time (now): when the
   sessions ended. The same arguments give the same datagrams. Loopback only. */
#include "report/answer.h"
#include "report/mac.h"
#include "base/number.h"
#include "sys/udp.h"
#include "line/sessionline.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <sys/socket.h>

#define DETECTORS 64
#define WINDOW    4096 /* datagrams under way, at most */

struct options {
  long reports, addresses, from, rate, lines, first, epoch, window, blind, bad, time;
};

static struct {
  const char *name;
  size_t at;
} const keys[] = {
    {"reports", offsetof(struct options, reports)},
    {"addresses", offsetof(struct options, addresses)},
    {"from", offsetof(struct options, from)},
    {"rate", offsetof(struct options, rate)},
    {"lines", offsetof(struct options, lines)},
    {"first", offsetof(struct options, first)},
    {"epoch", offsetof(struct options, epoch)},
    {"window", offsetof(struct options, window)},
    {"blind", offsetof(struct options, blind)},
    {"bad", offsetof(struct options, bad)},
    {"time", offsetof(struct options, time)},
};

static struct mac_key key_of(int detector) {
  struct mac_key key;
  for (size_t i = 0; i < sizeof key.byte; i++)
    key.byte[i] = (uint8_t)(17 * detector + 5 * (int)i + 3);
  return key;
}

static void make_file(const char *path, const char *text, mode_t mode) {
  unlink(path);
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, mode);
  if (fd < 0 || write(fd, text, strlen(text)) < 0 || close(fd) != 0) exit(111);
}

static int make_detectors(const char *dir, int count) {
  char path[4096], hex[2 * MAC_KEY_BYTES + 2];
  mkdir(dir, 0755);
  for (int d = 0; d < count; d++) {
    struct mac_key key = key_of(d);
    for (int i = 0; i < MAC_KEY_BYTES; i++) number_format_hex(hex + 2 * i, key.byte[i], 2);
    hex[2 * MAC_KEY_BYTES] = '\n';
    hex[2 * MAC_KEY_BYTES + 1] = '\0';
    snprintf(path, sizeof path, "%s/d%d", dir, d);
    mkdir(path, 0755);
    snprintf(path, sizeof path, "%s/d%d/key.1", dir, d);
    make_file(path, hex, 0400);
  }
  return 0;
}

/* ---- one datagram ---- */

struct slot {
  struct datagram datagram;
  bool acknowledged;
};

struct load {
  struct options options;
  int count, fd; /* detectors, socket */
  char names[DETECTORS][16];
  uint64_t total, sent, oldest, acknowledged, resent; /* datagrams */
  struct slot slots[WINDOW];
};

/* The datagrams go round the detectors; each detector's numbers follow each other. */
static uint64_t first_seq(const struct load *l, uint64_t datagram) {
  return (uint64_t)l->options.first + datagram / (uint64_t)l->count * (uint64_t)l->options.lines;
}

static struct origin origin_of(const struct load *l, uint64_t datagram) {
  return (struct origin){span_str(l->names[datagram % (uint64_t)l->count]), 1,
                         (uint64_t)l->options.epoch};
}

/* An odd factor scatters the numbers over 30 bits, each once; none is of special purpose. */
static struct addr address_of(uint64_t n) {
  return addr_from_ipv4(((uint32_t)n * UINT32_C(2654435761) & 0x3fffffff) + 0x10000000);
}

static struct span line_of(const struct load *l, uint64_t datagram, long line, char *buf) {
  static const char *const sins[] = {"high-mx,helo-bot,no-quit",
                                     "high-mx,early-talk,helo-label,no-quit",
                                     "high-mx,dynamic,no-quit", "high-mx,helo-ip,no-rdns,no-quit"};
  const struct options *o = &l->options;
  uint64_t n = datagram * (uint64_t)o->lines + (uint64_t)line;
  struct report r = {.origin = origin_of(l, datagram),
                     .seq = first_seq(l, datagram) + (uint64_t)line,
                     .unixtime = (uint64_t)(o->time - 10),
                     .ip = address_of((uint64_t)o->from + n % (uint64_t)o->addresses),
                     .verdict = VERDICT_BOT,
                     .score = 8 + (int64_t)(n % 20),
                     .end = END_FIN,
                     .sins = span_str(sins[n % 4]),
                     .dialect = span_str("3e77501df101d7f4")};
  return span_of(buf, report_encode(&r, buf, REPORT_LINE_MAX));
}

static void build(struct load *l, uint64_t number) {
  struct slot *s = &l->slots[number % WINDOW];
  struct mac_key key = key_of((int)(number % (uint64_t)l->count));
  char line[REPORT_LINE_MAX], tag[TAG_HEX];
  s->acknowledged = false;
  s->datagram.len = 0;
  for (long i = 0; i < l->options.lines; i++)
    if (!datagram_add(&s->datagram, line_of(l, number, i, line))) exit(100);
  mac_tag(&key, datagram_covered(&s->datagram), tag);
  datagram_close(&s->datagram, tag);
}

static void put_out(struct load *l, uint64_t number) {
  struct datagram *d = &l->slots[number % WINDOW].datagram;
  struct datagram bad = *d;
  bad.buf[bad.len - 2] = bad.buf[bad.len - 2] == '0' ? '1' : '0';
  for (long i = 0; i < l->options.bad; i++) send(l->fd, bad.buf, bad.len, 0);
  if (send(l->fd, d->buf, d->len, 0) < 0 && errno != EAGAIN && errno != ECONNREFUSED) exit(111);
}

/* ---- answers ---- */

static void take_answer(struct load *l, struct span text) {
  struct span covered, tag, seqs;
  struct origin origin;
  uint64_t seq, detector;
  if (datagram_parse(text, &covered, &tag, &origin) != DATAGRAM_ANSWER || origin.detector.len < 2 ||
      !number_parse(span_from(origin.detector, 1), DETECTORS - 1, &detector))
    exit(101);
  struct mac_key key = key_of((int)detector);
  if (!mac_check(&key, covered, tag) || !answer_decode(covered, &origin, &seqs) ||
      !answer_next(&seqs, &seq))
    exit(101);
  uint64_t nth = (seq - (uint64_t)l->options.first) / (uint64_t)l->options.lines;
  uint64_t number = nth * (uint64_t)l->count + detector;
  if (number >= l->sent || number < l->oldest || l->slots[number % WINDOW].acknowledged) return;
  l->slots[number % WINDOW].acknowledged = true;
  l->acknowledged++;
  while (l->oldest < l->sent && l->slots[l->oldest % WINDOW].acknowledged) l->oldest++;
}

static bool hear(struct load *l, int wait_ms) {
  static char buffers[64][DATAGRAM_MAX + 1];
  struct mmsghdr messages[64];
  struct iovec vectors[64];
  struct pollfd in = {.fd = l->fd, .events = POLLIN};
  if (poll(&in, 1, wait_ms) <= 0) return false;
  for (int i = 0; i < 64; i++) {
    vectors[i] = (struct iovec){buffers[i], sizeof buffers[i]};
    messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
  }
  int got = recvmmsg(l->fd, messages, 64, MSG_DONTWAIT, NULL);
  for (int i = 0; i < got; i++) take_answer(l, span_of(buffers[i], messages[i].msg_len));
  return got > 0;
}

/* ---- the run ---- */

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* True where the next datagram may go out. */
static bool is_due(const struct load *l, double began) {
  uint64_t window = (uint64_t)l->options.window;
  double rate = (double)l->options.rate;
  if (rate > 0 && (double)l->sent > (seconds() - began) * rate) return false;
  return l->sent < l->total && l->sent - l->acknowledged < window && l->sent - l->oldest < WINDOW;
}

static void send_waiting(struct load *l) {
  double began = seconds();
  while (l->acknowledged < l->total) {
    while (is_due(l, began)) {
      build(l, l->sent);
      put_out(l, l->sent++);
    }
    if (hear(l, l->options.rate ? 1 : 500) || (l->options.rate && l->sent < l->total)) continue;
    for (uint64_t n = l->oldest; n < l->sent && n < l->oldest + 64; n++)
      if (!l->slots[n % WINDOW].acknowledged) {
        put_out(l, n);
        l->resent++;
      }
  }
}

static void send_blind(struct load *l) {
  struct timespec pause = {.tv_nsec = 1000000};
  for (; l->sent < l->total; l->sent++) {
    build(l, l->sent);
    put_out(l, l->sent);
    if (l->sent % (uint64_t)l->options.blind == 0) nanosleep(&pause, NULL);
  }
}

static void run(struct load *l) {
  double began = seconds();
  l->total = (uint64_t)((l->options.reports + l->options.lines - 1) / l->options.lines);
  if (l->options.blind) send_blind(l);
  else send_waiting(l);
  printf("reports %llu acknowledged %llu seconds %.3f resent %llu\n",
         (unsigned long long)l->total * (unsigned long long)l->options.lines,
         (unsigned long long)l->acknowledged * (unsigned long long)l->options.lines,
         seconds() - began, (unsigned long long)l->resent);
}

static bool set_option(struct options *o, const char *text) {
  size_t len = strcspn(text, "=");
  for (size_t i = 0; text[len] && i < sizeof keys / sizeof *keys; i++)
    if (strlen(keys[i].name) == len && memcmp(keys[i].name, text, len) == 0) {
      *(long *)((char *)o + keys[i].at) = atol(text + len + 1);
      return true;
    }
  return false;
}

int main(int argc, char **argv) {
  static struct load l = {
      .options = {.reports = 1000000, .addresses = 1000000, .lines = 9, .first = 1, .window = 128}};
  int room = 4 << 20; /* answers come in bursts */
  struct addr loopback = addr_from_ipv4(0x7f000001);
  if (!mac_init() || argc < 4) return 100;
  if (strcmp(argv[1], "detectors") == 0) return make_detectors(argv[2], atoi(argv[3]));
  l.options.epoch = 1;
  l.options.time = time(NULL);
  l.count = atoi(argv[3]);
  for (int i = 4; i < argc; i++)
    if (!set_option(&l.options, argv[i])) return 100;
  if (strcmp(argv[1], "send") != 0 || l.count < 1 || l.count > DETECTORS ||
      l.options.window > WINDOW)
    return 100;
  for (int d = 0; d < l.count; d++) snprintf(l.names[d], sizeof l.names[d], "d%d", d);
  l.fd = udp_connect(&loopback, (uint16_t)atoi(argv[2]));
  if (l.fd < 0 || setsockopt(l.fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room) != 0) return 111;
  run(&l);
  return 0;
}
