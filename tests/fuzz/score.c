/* Lines of any bytes against a small fixed database: nothing is read outside the line (an exact
   copy on the heap, for the sanitizer); the same line gives the same bytes; what is appended makes
   a line that decodes, names known sins in their order, and is what scoring it anew gives; an
   explanation is printable and within its bound. */
#include "../unit/score_rules.h"
#include "score/explain.h"
#include <stdint.h>

static const struct rule_text files[] = {
    {"own", "203.0.113.0/24\ntrap.example\n"},
    {"domains", "ours.example\n.sub.ours.example\n"},
    {"recipients", "joe@ours.example\n"},
    {"spamtraps", "trap@ours.example\n"},
    {"helo", "ylmf-pc\nzz-*\n*-zombie\n"},
    {"bigco", "big.example big.example bignet.example\n"},
    {"tlds", "example\norg\n"},
    {"highmx", "198.51.100.0/24\n2001:db8::/32\n"},
    {"dynamic", "192.0.2.128/25\n"},
    {"blacklist", "192.0.2.64/28 3\n!192.0.2.73\n"},
    {"dnsbl", "zen.example 4\n"},
    {"dialects", "EHLO%20H|QUIT 4 spitter\n"},
    {"whitelist", "192.0.2.99\nfriend.example\n"},
    {"pool-words", "pool\ndynamic strong\n"},
    {"host-words", "static\nmail\n"},
    {NULL, NULL},
};

static void check_sins(struct span sins) {
  struct span name;
  int last = -1;
  while (list_next(&sins, &name)) {
    int sin = sin_index(name);
    if (sin <= last) abort();
    last = sin;
  }
}

static void check_explained(const struct judgement *j) {
  static char text[EXPLAIN_TEXT_MAX];
  size_t len = explain(j, text);
  if (len == 0 || len > sizeof text || text[len - 1] != '\n') abort();
  for (size_t i = 0; i < len; i++)
    if (text[i] != '\n' && (text[i] < 0x20 || text[i] > 0x7e)) abort();
}

/* The line without what an earlier scoring appended, and what this one appends. */
static size_t score(struct span line, const struct rules *rules, char *out) {
  static struct judgement j;
  struct sessionline session;
  struct span bad;
  if (!sessionline_decode(line, &session, &bad)) return 0;
  if (!score_line(&session, rules, &j)) abort();
  if (j.tally.score < SCORE_MIN || j.tally.score > SCORE_MAX) abort();
  check_explained(&j);
  size_t len = score_strip(line, out), added = score_format(&j, out + len);
  if (len > line.len || added > SCORE_TEXT_MAX) abort();
  return len + added;
}

static void check_line(struct span line, const struct rules *rules) {
  static char once[LINE_BYTES_MAX + SCORE_TEXT_MAX], twice[LINE_BYTES_MAX + 2 * SCORE_TEXT_MAX];
  struct sessionline session;
  struct span bad;
  size_t len = score(line, rules, once);
  if (len == 0) return;
  if (!sessionline_decode(span_of(once, len), &session, &bad)) abort();
  check_sins(session.sins);
  if (!span_equal(span_of(twice, score(span_of(once, len), rules, twice)), span_of(once, len)))
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct rules rules;
  static bool loaded;
  if (size > LINE_BYTES_MAX) return 0;
  if (!loaded) rules_of(&rules, files);
  loaded = true;
  char *copy = malloc(size ? size : 1);
  if (!copy) abort();
  if (size) memcpy(copy, data, size);
  check_line(span_of(copy, size), &rules);
  free(copy);
  return 0;
}
