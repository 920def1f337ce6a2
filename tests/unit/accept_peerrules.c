/* Peer rules against files that tcprules itself compiled, and damaged ones. */
#include "accept/peerrules.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static char folder[] = "/tmp/sinbin-peerrules-XXXXXX";
static char file[64];

/* Compiles text with tcprules and opens the result. */
static int compile(const char *text) {
  char command[256];
  snprintf(command, sizeof command, "tcprules %s %s.tmp", file, file);
  FILE *p = popen(command, "w");
  if (!p) return -1;
  fputs(text, p);
  return pclose(p) == 0 ? open(file, O_RDONLY) : -1;
}

static const char text[] = "1.2.3.4:allow,VAR=\"value\",EMPTY=\"\"\n"
                           "1.2.3.37-39:deny\n"
                           "10.2-3.:deny\n"
                           "10.:allow,P=\"ten\"\n"
                           "172.16.0.0/12:deny\n"
                           "172.16.5.0/24:allow,P=\"range24\"\n"
                           "172.16.5.9:allow,P=\"exact\"\n"
                           "172.16.5.:allow,P=\"prefix is after ranges\"\n"
                           "192.0.2.1:allow,SINBIN_PROXY=\"1\",A=\"b\"\n"
                           "192.0.2.2:allow,SINBIN_PROXY=\"0\"\n"
                           "::1:allow,P=\"loopback\"\n"
                           "2001:db8::/32:deny\n"
                           "2001:db8:1::/48:allow,P=\"48\"\n"
                           "2001:db8:1:2::/64:allow,P=\"64\"\n"
                           "fe80:::allow,P=\"text prefix\"\n"
                           "2a00::deny\n"
                           ":allow,P=\"rest\"\n";

static const struct {
  const char *peer, *want;
} rows[] = {
    {"1.2.3.4", "allow VAR=value EMPTY="},
    {"1.2.3.5", "allow P=rest"},
    {"1.2.3.37", "deny"},
    {"1.2.3.39", "deny"},
    {"1.2.3.40", "allow P=rest"},
    {"10.2.9.9", "deny"},
    {"10.20.9.9", "allow P=ten"},
    {"172.16.5.9", "allow P=exact"},
    {"172.16.5.10", "allow P=range24"},
    {"172.31.255.255", "deny"},
    {"172.32.0.0", "allow P=rest"},
    {"192.0.2.1", "proxy A=b"},
    {"192.0.2.2", "allow"},
    {"::1", "allow P=loopback"},
    {"::ffff:10.2.1.1", "deny"},
    {"2001:db8:1:2:3::4", "allow P=64"},
    {"2001:db8:1:3::4", "allow P=48"},
    {"2001:db8:2::", "deny"},
    {"2001:db9::1", "allow P=rest"},
    {"fe80::1", "allow P=text prefix"},
    {"2a00:1450::1", "deny"},
};

static void show(char *out, size_t cap, const struct peerrule *r) {
  size_t n = (size_t)snprintf(out, cap, "%s", r->deny ? "deny" : r->proxy ? "proxy" : "allow");
  for (size_t i = 0; i < r->count; i++)
    n += (size_t)snprintf(out + n, cap - n, " %s", r->variable[i]);
}

static void test_lookup(void) {
  struct peerrules rules;
  struct peerrule found;
  int fd = compile(text);
  ok(fd >= 0 && peerrules_open(&rules, fd), "tcprules compiled it, and it opens");
  close(fd);
  ok(rules.unmatched == 0, "every key can match: %s", rules.first_unmatched);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct addr a;
    char got[256];
    addr_parse(span_str(rows[i].peer), &a);
    int result = peerrules_find(&rules, &a, &found);
    show(got, sizeof got, &found);
    ok(result == 1, "%s: found", rows[i].peer);
    is_text(span_str(got), rows[i].want, "%s", rows[i].peer);
  }
  peerrules_close(&rules);
}

static void test_absent(void) {
  struct peerrules rules;
  struct peerrule found;
  struct addr a = addr_from_ipv4(1);
  int fd = compile("10.:deny\n");
  ok(peerrules_open(&rules, fd), "open");
  ok(peerrules_find(&rules, &a, &found) == 0 && !found.deny && found.count == 0, "no rule applies");
  close(fd);
  peerrules_close(&rules);
  fd = compile("");
  ok(peerrules_open(&rules, fd) && peerrules_find(&rules, &a, &found) == 0, "no rules at all");
  close(fd);
  peerrules_close(&rules);
}

static void test_unmatched(void) {
  static const char *const keys[] = {
      "10.x.",          "2001:xyz:",          "10:.",         "=host.example", "joe@10.0.0.1",
      "2001:0db8::1",   "2001:DB8::1",        "10.0.0.1/8",   "10.0.0.0/33",   "10.0.0.0/08",
      "2001:db8::/129", "2001:db8:8000::/32", "10.128.0.0/8", "10.1",          "::ffff:10.0.0.1",
      "10.0.0.0/"};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    struct peerrules rules;
    char line[64];
    snprintf(line, sizeof line, "%s:deny\n", keys[i]);
    int fd = compile(line);
    ok(fd >= 0 && peerrules_open(&rules, fd), "%s: opens", keys[i]);
    ok(rules.unmatched == 1, "%s: never matches", keys[i]);
    is_text(span_str(rules.first_unmatched), keys[i], "%s: is named", keys[i]);
    peerrules_close(&rules);
    close(fd);
  }
}

static bool opens(const char *bytes, size_t len) {
  struct peerrules rules;
  int fd = memfd_create("rules", 0);
  bool good = write(fd, bytes, len) == (ssize_t)len && peerrules_open(&rules, fd);
  if (good) peerrules_close(&rules);
  else ok(errno == EPROTO || errno == EINVAL, "errno says so");
  close(fd);
  return good;
}

static void test_damage(void) {
  static const char *const values[] = {"allow,1A=\"x\"", "allow,A-B=\"x\"",
                                       "allow,SINBIN_PROXY=\"yes\""};
  static char bytes[65536];
  int fd = compile(text);
  size_t len = (size_t)read(fd, bytes, sizeof bytes);
  close(fd);
  ok(opens(bytes, len), "whole");
  ok(!opens(bytes, len - 1), "a byte short");
  ok(!opens(bytes, 2047), "cut within the header");
  ok(!opens("", 0), "empty");
  char *item = memmem(bytes, len, "+VAR=", 5);
  *item = '?';
  ok(!opens(bytes, len), "a value of another kind");
  *item = '+';
  char *key = memmem(bytes, len, "172.16.5.9", 10);
  key[9] = '8';
  ok(!opens(bytes, len), "a key that its own hash does not find");
  key[9] = '9';
  ok(opens(bytes, len), "whole again");
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    struct peerrules rules;
    char line[64];
    snprintf(line, sizeof line, ":%s\n", values[i]);
    fd = compile(line);
    ok(fd >= 0 && !peerrules_open(&rules, fd), "refused: %s", values[i]);
    close(fd);
  }
  char many[1024] = ":allow";
  for (int i = 0; i <= PEERRULE_VARIABLES; i++) sprintf(many + strlen(many), ",V%d=\"x\"", i);
  strcat(many, "\n");
  struct peerrules rules;
  fd = compile(many);
  ok(fd >= 0 && !peerrules_open(&rules, fd), "refused: too many variables");
  close(fd);
}

int main(void) {
  if (!mkdtemp(folder)) return 111;
  snprintf(file, sizeof file, "%s/rules.cdb", folder);
  test_lookup();
  test_absent();
  test_unmatched();
  test_damage();
  unlink(file);
  rmdir(folder);
  return done();
}
