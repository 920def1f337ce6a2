/* owfat-selftest.c: calls every libowfat function that the project may use, and checks the results.

   package/owfat compiles it at -O2 against each archive that it has built, and keeps the archive
   only if this exits 0. Results are written to an array whose contents the compiler knows: if a
   function were declared `pure`, the compiler would drop the call, and the check would fail. Prints
   a line for each check that fails; exits 111 if any failed. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <libowfat/stralloc.h>
#include <libowfat/buffer.h>
#include <libowfat/byte.h>
#include <libowfat/case.h>
#include <libowfat/fmt.h>
#include <libowfat/ndelay.h>
#include <libowfat/socket.h>
#include <libowfat/str.h>
#include <libowfat/tai.h>
#include <libowfat/taia.h>
#include <libowfat/uint16.h>
#include <libowfat/uint32.h>
#include <libowfat/uint64.h>

static int failures;

static void report(int line, const char *what) {
  printf("owfat-selftest.c:%d: not true: %s\n", line, what);
  failures++;
}

#define CHECK(truth) ((truth) ? (void)0 : report(__LINE__, #truth))

/* The result is ignored on purpose: the compiler would drop the call of a pure function. */
#define WRITES(want, call)                           \
  do {                                               \
    char out[64];                                    \
    memset(out, '#', sizeof out);                    \
    call;                                            \
    CHECK(memcmp(out, want "#", sizeof(want)) == 0); \
  } while (0)

#define FORMATS(want, function, value)                   \
  do {                                                   \
    CHECK(function(FMT_LEN, value) == sizeof(want) - 1); \
    WRITES(want, function(out, value));                  \
  } while (0)

static void test_fmt(void) {
  FORMATS("0", fmt_ulong, 0UL);
  FORMATS("4294967295", fmt_ulong, 4294967295UL);
  FORMATS("18446744073709551615", fmt_ulonglong, ULLONG_MAX);
  FORMATS("-10", fmt_long, -10L);
  FORMATS("2147483647", fmt_long, 2147483647L);
  FORMATS("-9223372036854775807", fmt_longlong, -LLONG_MAX);
  FORMATS("-9223372036854775808", fmt_longlong, LLONG_MIN);
  FORMATS("deadbeef", fmt_xlong, 0xdeadbeefUL);
  FORMATS("fedcba9876543210", fmt_xlonglong, 0xfedcba9876543210ULL);
  FORMATS("755", fmt_8long, 0755UL);
  FORMATS("-", fmt_minus, -3);
  FORMATS("", fmt_minus, 3);
  FORMATS("+", fmt_plusminus, 3);
  FORMATS("word", fmt_str, "word");
  CHECK(fmt_strn(FMT_LEN, "words", 4) == 4);
  WRITES("word", fmt_strn(out, "words", 4));
  CHECK(fmt_strm(FMT_LEN, "one", "two") == 6);
  WRITES("onetwo", fmt_strm(out, "one", "two"));
  WRITES("copied", fmt_copybytes(out, "copied", 6));
  CHECK(fmt_tohex(9) == '9' && fmt_tohex(15) == 'f');
}

static void test_str(void) {
  CHECK(str_len("") == 0 && str_len("seven...") == 8);
  CHECK(str_diff("same", "same") == 0 && str_diff("a", "b") < 0 && str_diff("ab", "a") > 0);
  CHECK(str_diff("\xff", "a") > 0 && str_equal("x", "x") && !str_equal("x", ""));
  CHECK(str_diffn("words", "wordy", 4) == 0 && str_diffn("words", "wordy", 5) < 0);
  CHECK(str_chr("a.b.c", '.') == 1 && str_chr("abc", '.') == 3 && str_chr("", '.') == 0);
  CHECK(str_rchr("a.b.c", '.') == 3 && str_rchr("abc", '.') == 3);
  CHECK(str_start("prefix", "pre") && !str_start("pre", "prefix") && str_start("x", ""));
  WRITES("copied\0", str_copy(out, "copied"));
}

static void test_byte(void) {
  static const char text[] = "a.b.c";
  char overlap[] = "abcdef";

  CHECK(byte_chr(text, 5, '.') == 1 && byte_chr(text, 5, 'x') == 5 && byte_chr(text, 0, 'a') == 0);
  CHECK(byte_rchr(text, 5, '.') == 3 && byte_rchr(text, 5, 'x') == 5);
  CHECK(byte_diff("ab", 2, "ab") == 0 && byte_diff("ab", 2, "ac") < 0);
  CHECK(byte_diff("\xff", 1, "a") > 0 && byte_diff("a", 0, "b") == 0 && byte_equal("xa", 1, "xb"));
  CHECK(byte_equal_notimingattack("key", 3, "key") && !byte_equal_notimingattack("key", 3, "kez"));
  WRITES("copied", byte_copy(out, 6, "copied"));
  WRITES("copied", byte_copyr(out, 6, "copied"));
  WRITES("\0\0\0", byte_zero(out, 3));
  byte_copyr(overlap + 1, 5, overlap);
  CHECK(memcmp(overlap, "aabcde", 6) == 0);
  byte_copy(overlap, 5, overlap + 1);
  CHECK(memcmp(overlap, "abcdee", 6) == 0);
}

static void test_case(void) {
  char bytes[] = "AZ@[az\xc4";
  char string[] = "Mail FROM:";

  case_lowerb(bytes, 7);
  CHECK(memcmp(bytes, "az@[az\xc4", 7) == 0);
  case_lowers(string);
  CHECK(memcmp(string, "mail from:", 11) == 0);
  CHECK(case_diffb("EhLo", 4, "eHlO") == 0 && case_diffb("ab", 2, "AC") < 0);
  CHECK(case_diffb("@", 1, "`") != 0 && case_equalb("Xa", 1, "xb"));
  CHECK(case_diffs("EHLO", "ehlo") == 0 && case_diffs("b", "A") > 0 && case_equals("q", "Q"));
  CHECK(case_starts("MAIL FROM:<>", "mail from:") && !case_starts("MAIL", "mail from:"));
}

static void test_stralloc(void) {
  stralloc sa, other = {0};
  int i;

  stralloc_init(&sa);
  CHECK(sa.s == NULL && sa.len == 0 && sa.a == 0);
  CHECK(stralloc_copyb(&sa, "abcd", 3) && sa.len == 3 && memcmp(sa.s, "abc", 3) == 0);
  CHECK(stralloc_catb(&sa, "defg", 3) && stralloc_cats(&sa, "gh") && stralloc_append(&sa, "i"));
  CHECK(stralloc_APPEND(&sa, "j") && sa.len == 10 && memcmp(sa.s, "abcdefghij", 10) == 0);
  CHECK(stralloc_starts(&sa, "abc") && !stralloc_starts(&sa, "abd") && stralloc_starts(&sa, ""));
  CHECK(!stralloc_starts(&sa, "abcdefghijk"));
  CHECK(stralloc_copy(&other, &sa) && stralloc_equal(&other, &sa));
  CHECK(stralloc_cat(&other, &sa) && other.len == 20 && stralloc_diff(&sa, &other) < 0);
  CHECK(stralloc_copys(&other, "abd") && stralloc_diffs(&other, "abc") > 0);
  CHECK(stralloc_equals(&other, "abd") && stralloc_diffs(&other, "abdx") < 0);
  CHECK(stralloc_catm(&other, "e", "fg") && stralloc_equals(&other, "abdefg"));
  CHECK(stralloc_chop(&other) == 'g' && stralloc_0(&other) && memcmp(other.s, "abdef", 6) == 0);
  CHECK(stralloc_ready(&other, 5000) && other.a >= 5000 && memcmp(other.s, "abdef", 6) == 0);
  CHECK(stralloc_readyplus(&other, 6000) && other.a >= other.len + 6000);
  CHECK(!stralloc_readyplus(&other, (size_t)-1) && !stralloc_catb(&other, "", (size_t)-1));
  CHECK(other.len == 6 && memcmp(other.s, "abdef", 6) == 0);
  stralloc_zero(&other);
  CHECK(other.len == 0 && other.s != NULL && stralloc_chop(&other) == -1);
  for (i = 0; i < 10000; i++) CHECK(stralloc_append(&other, i % 2 ? "y" : "x"));
  CHECK(other.len == 10000 && other.s[0] == 'x' && other.s[9999] == 'y');
  stralloc_free(&other);
  CHECK(other.s == NULL && other.len == 0 && other.a == 0);
  stralloc_free(&sa);
}

static void test_tai(void) {
  static const char label[TAI_PACK] = "\x40\0\0\0\0\0\0\x0b";
  struct tai t, u, sum;
  char packed[TAI_PACK];

  tai_unix(&t, 1);
  memset(packed, '#', sizeof packed);
  tai_pack(packed, &t);
  CHECK(memcmp(packed, label, sizeof label) == 0);
  tai_unpack(label, &u);
  CHECK(!tai_less(&t, &u) && !tai_less(&u, &t));
  tai_uint(&u, 60);
  tai_add(&sum, &t, &u);
  CHECK(tai_less(&t, &sum));
  tai_sub(&sum, &sum, &t);
  CHECK(tai_approx(&sum) == 60.0);
  tai_now(&t);
  tai_unix(&u, time(NULL));
  CHECK(!tai_less(&u, &t));
}

static void test_taia(void) {
  static const char label[TAIA_PACK] = "\x40\0\0\0\0\0\0\x0b\x1d\xcd\x65\0\0\0\0\x07";
  struct taia t = {.nano = 500000000, .atto = 7}, u, sum;
  struct tai seconds, now;
  char packed[TAIA_PACK];

  tai_unix(&t.sec, 1);
  memset(packed, '#', sizeof packed);
  taia_pack(packed, &t);
  CHECK(memcmp(packed, label, sizeof label) == 0);
  taia_unpack(label, &u);
  CHECK(!taia_less(&t, &u) && !taia_less(&u, &t) && taia_frac(&u) > 0.49 && taia_frac(&u) < 0.51);
  taia_uint(&u, 3);
  taia_half(&u, &u);
  CHECK(taia_approx(&u) == 1.5);
  taia_add(&sum, &t, &u);
  CHECK(sum.nano == 0 && sum.atto == 7 && sum.sec.x == t.sec.x + 2);
  taia_sub(&sum, &sum, &u);
  CHECK(sum.sec.x == t.sec.x && sum.nano == 500000000 && taia_less(&u, &sum));
  taia_addsec(&sum, &sum, -1);
  taia_tai(&sum, &seconds);
  CHECK(seconds.x == t.sec.x - 1);
  tai_now(&now);
  taia_now(&t);
  CHECK(!tai_less(&t.sec, &now) && t.nano < 1000000000);
}

static void test_uint(void) {
  char out[8];
  uint16 two;
  uint32 four;
  uint64 eight;

  uint16_pack_big(out, 0x0102);
  uint16_unpack_big(out, &two);
  CHECK(memcmp(out, "\1\2", 2) == 0 && two == 0x0102 && uint16_read_big(out) == 0x0102);
  uint16_pack(out, 0x0102);
  uint16_unpack(out, &two);
  CHECK(memcmp(out, "\2\1", 2) == 0 && two == 0x0102 && uint16_read(out) == 0x0102);
  uint32_pack_big(out, 0x01020304);
  uint32_unpack_big(out, &four);
  CHECK(memcmp(out, "\1\2\3\4", 4) == 0 && four == 0x01020304 && uint32_read_big(out) == four);
  uint32_pack(out, 0x01020304);
  uint32_unpack(out, &four);
  CHECK(memcmp(out, "\4\3\2\1", 4) == 0 && four == 0x01020304 && uint32_read(out) == four);
  uint64_pack_big(out, 0x0102030405060708);
  uint64_unpack_big(out, &eight);
  CHECK(memcmp(out, "\1\2\3\4\5\6\7\10", 8) == 0 && eight == 0x0102030405060708);
  CHECK(uint64_read_big(out) == eight);
}

/* A sink that takes three bytes at a time, is interrupted every second time, and fails on request. */
static char sink[256];
static size_t sunk;
static int broken;

static ssize_t sink_op(int fd, const char *data, size_t len, void *cookie) {
  static int turn;

  CHECK(fd == 42 && cookie != NULL);
  errno = broken ? EIO : EINTR;
  if (broken || turn++ % 2) return -1;
  if (len > 3) len = 3;
  if (len > sizeof sink - sunk) len = sizeof sink - sunk;
  memcpy(sink + sunk, data, len);
  sunk += len;
  return (ssize_t)len;
}

static int sunk_is(const char *want) {
  int same = sunk == strlen(want) && memcmp(sink, want, sunk) == 0;

  sunk = 0;
  return same;
}

static void test_buffer_put(void) {
  char space[8];
  const char *volatile word = "word"; /* not a constant: calls the function, not the macro */
  stralloc sa = {0};
  buffer b;

  buffer_init(&b, sink_op, 42, space, sizeof space);
  CHECK(buffer_put(&b, "abcdefg", 7) == 0 && sunk == 0);
  CHECK(buffer_put(&b, "hijkl", 5) == 0 && buffer_flush(&b) == 0 && sunk_is("abcdefghijkl"));
  CHECK(buffer_put(&b, "ab", 2) == 0 && buffer_put(&b, "0123456789012345", 16) == 0);
  CHECK(buffer_putflush(&b, "cd", 2) == 0 && sunk_is("ab0123456789012345cd"));
  CHECK(buffer_puts(&b, word) == 0 && buffer_putspace(&b) == 0 && buffer_puts(&b, "two") == 0);
  CHECK(buffer_putsflush(&b, word) == 0 && sunk_is("word twoword"));
  CHECK(buffer_putm(&b, "one", word) == 0 && buffer_putnlflush(&b) == 0 && sunk_is("oneword\n"));
  CHECK(buffer_putulong(&b, 10) == 0 && buffer_putlong(&b, -11) == 0);
  CHECK(buffer_putulonglong(&b, 12) == 0 && buffer_putlonglong(&b, -13) == 0);
  CHECK(buffer_putxlong(&b, 0x14) == 0 && buffer_put8long(&b, 015) == 0);
  CHECK(buffer_flush(&b) == 0 && sunk_is("10-1112-131415"));
  CHECK(stralloc_copys(&sa, "some") && buffer_putsa(&b, &sa) == 0);
  CHECK(buffer_putsaflush(&b, &sa) == 0 && sunk_is("somesome"));
  stralloc_free(&sa);

  broken = 1;
  CHECK(buffer_put(&b, "lost", 4) == 0 && buffer_flush(&b) == -1 && errno == EIO);
  CHECK(buffer_put(&b, "lost", 4) == 0 && buffer_put(&b, "overflow", 8) == -1);
  CHECK(buffer_put(&b, "lost", 4) == 0 && buffer_putflush(&b, "now", 3) == -1);
  CHECK(buffer_put(&b, "0123456789", 10) == -1 && buffer_putsflush(&b, word) == -1);
  broken = 0;
}

/* A source of ten bytes, three at a time. */
static ssize_t source_op(int fd, char *data, size_t len, void *cookie) {
  static size_t given;

  CHECK(fd == 42 && cookie != NULL);
  if (len > 3) len = 3;
  if (len > 10 - given) len = 10 - given;
  memcpy(data, "0123456789" + given, len);
  given += len;
  return (ssize_t)len;
}

static void test_buffer_get(void) {
  char space[8], out[16], c;
  buffer b;

  buffer_init(&b, source_op, 42, space, sizeof space);
  CHECK(buffer_feed(&b) == 3 && *buffer_peek(&b) == '0');
  buffer_seek(&b, 1);
  CHECK(buffer_getc(&b, &c) == 1 && c == '1');
  CHECK(buffer_get(&b, out, sizeof out) == 8 && memcmp(out, "23456789", 8) == 0);
  CHECK(buffer_get(&b, out, sizeof out) == 0 && buffer_getc(&b, &c) == 0);
}

static int is_nonblocking(int fd) {
  return (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0;
}

/* Without a loopback interface the socket functions are not tested. */
static int has_loopback(void) {
  struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  int bound = fd >= 0 && bind(fd, (struct sockaddr *)&sa, sizeof sa) == 0;

  if (fd >= 0) close(fd);
  return bound;
}

static int has_loopback6(void) {
  struct sockaddr_in6 sa = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  int fd = socket(AF_INET6, SOCK_STREAM, 0);
  int bound = fd >= 0 && bind(fd, (struct sockaddr *)&sa, sizeof sa) == 0;

  if (fd >= 0) close(fd);
  return bound;
}

static void test_socket4(void) {
  static const char loopback[4] = {127, 0, 0, 1};
  char ip[4], data[8];
  uint16 port = 0, from = 0, again = 0;
  int server = socket_tcp4b(), client = socket_tcp4b(), held, fd;

  CHECK(socket_bind4(server, loopback, 0) == 0 && socket_listen(server, 5) == 0);
  CHECK(socket_local4(server, ip, &port) == 0 && memcmp(ip, loopback, 4) == 0 && port > 0);
  CHECK(!socket_connected(client) && socket_connect4(client, loopback, port) == 0);
  CHECK((held = socket_accept4(server, ip, &from)) >= 0 && memcmp(ip, loopback, 4) == 0);
  CHECK(socket_local4(client, NULL, &again) == 0 && again == from && socket_connected(client));
  CHECK(socket_remote4(client, ip, &again) == 0 && again == port);
  CHECK(ndelay_on(held) == 0 && is_nonblocking(held));
  CHECK(ndelay_off(held) == 0 && !is_nonblocking(held));
  close(server), close(client), close(held);

  server = socket_udp4(), client = socket_udp4();
  CHECK(is_nonblocking(server) && socket_bind4(server, loopback, 0) == 0);
  CHECK(socket_local4(server, NULL, &port) == 0);
  CHECK(socket_send4(client, "ping", 4, loopback, port) == 4);
  CHECK(socket_recv4(server, data, sizeof data, ip, &from) == 4 && memcmp(data, "ping", 4) == 0);
  CHECK(memcmp(ip, loopback, 4) == 0 && socket_local4(client, NULL, &again) == 0 && from == again);
  close(server), close(client);
  CHECK(is_nonblocking(fd = socket_tcp4()));
  close(fd);
}

static void test_socket6(void) {
  static const char loopback[16] = {[15] = 1};
  char ip[16], data[8];
  uint16 port = 0, from = 0, again = 0;
  uint32 scope = 9;
  int server = socket_tcp6b(), client = socket_tcp6b(), held, fd;

  CHECK(socket_bind6(server, loopback, 0, 0) == 0 && socket_listen(server, 5) == 0);
  CHECK(socket_local6(server, ip, &port, &scope) == 0 && memcmp(ip, loopback, 16) == 0 && !scope);
  CHECK(socket_connect6(client, loopback, port, 0) == 0 && socket_connected(client));
  CHECK((held = socket_accept6(server, ip, &from, NULL)) >= 0 && memcmp(ip, loopback, 16) == 0);
  CHECK(socket_remote6(client, ip, &again, NULL) == 0 && again == port);
  CHECK(socket_local6(client, NULL, &again, NULL) == 0 && again == from && !noipv6);
  close(server), close(client), close(held);

  server = socket_udp6(), client = socket_udp6();
  CHECK(is_nonblocking(server) && socket_bind6(server, loopback, 0, 0) == 0);
  CHECK(socket_local6(server, NULL, &port, NULL) == 0);
  CHECK(socket_send6(client, "ping", 4, loopback, port, 0) == 4);
  CHECK(socket_recv6(server, data, sizeof data, ip, &from, NULL) == 4);
  CHECK(memcmp(data, "ping", 4) == 0 && memcmp(ip, loopback, 16) == 0);
  close(server), close(client);
  CHECK(is_nonblocking(fd = socket_tcp6()));
  close(fd);
}

int main(void) {
  alarm(20); /* no test may wait: a lost packet is a failure */
  test_fmt();
  test_str();
  test_byte();
  test_case();
  test_stralloc();
  test_tai();
  test_taia();
  test_uint();
  test_buffer_put();
  test_buffer_get();
  if (has_loopback()) test_socket4();
  if (has_loopback6()) test_socket6();
  return failures ? 111 : 0;
}
