/* Lines of any bytes against a small fixed database: nothing is read outside the line (an exact
   copy on the heap, for the sanitizer); the same line gives the same bytes; what is appended makes
   a line that decodes, names known sins in their order, and is what scoring it anew gives; an
   explanation is printable, within its bound, has a row for each sin, and its last column but one
   adds up to the score; a verdict has what it needs; a mark on the line can be taken off again. */
#include "../unit/score_rules.h"
#include "base/number.h"
#include "line/unreadmark.h"
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
    {"private-tlds", "local\n(none)\n"},
    {"highmx", "198.51.100.0/24\n2001:db8::/32\n"},
    {"dynamic", "192.0.2.128/25\n2001:db8:77::/48\n"},
    {"blacklist", "192.0.2.64/28 3\n!192.0.2.73\n"},
    {"dnsbl", "zen.example 4\ngrey.example 3 hint\n"},
    {"dialects", "EHLO%20H|QUIT 4 spitter\nHELO%20H|QUIT -3 an-mta\n"},
    {"whitelist", "192.0.2.99\nfriend.example\n"},
    {"pool-words", "pool\ndynamic strong\n"},
    {"host-words", "static\nmail mail\n"},
    {NULL, NULL},
};

static void check_sins(struct span sins) {
  struct span name;
  int last = -1;
  while (field_list_next(&sins, &name)) {
    int sin = sin_index(name);
    if (sin <= last) abort();
    last = sin;
  }
}

/* FAMILY SIN WEIGHT [sure|hint] COUNTS WHY */
static int counted(struct span row) {
  int64_t counts;
  struct span word;
  for (int i = 0; i < 3; i++) span_word(&row);
  word = span_word(&row);
  if (span_is(word, "sure") || span_is(word, "hint")) word = span_word(&row);
  if (!number_parse_signed(word, -99, 99, &counts)) abort();
  return (int)counts;
}

static void check_rows(const struct judgement *j, struct span text) {
  int rows = 0, sum = 0, fired = 0;
  for (int sin = 0; sin < SIN_COUNT; sin++) fired += j->hits.fired[sin];
  span_cut(&text, '\n');
  if (text.len) span_cut(&text, '\n');
  for (; text.len; rows++) sum += counted(span_cut(&text, '\n'));
  if (rows != fired || sum != j->total.score) abort();
}

static void check_explained(const struct judgement *j) {
  static char text[EXPLAIN_TEXT_MAX];
  size_t len = explain_line(j, text);
  if (len == 0 || len > sizeof text || text[len - 1] != '\n') abort();
  for (size_t i = 0; i < len; i++)
    if (text[i] != '\n' && (text[i] < 0x20 || text[i] > 0x7e)) abort();
  check_rows(j, span_of(text, len));
}

/* What the line was is what is left without the mark, whatever it says. */
static void check_mark(struct span line) {
  static char marked[LINE_BYTES_MAX + UNREADMARK_TEXT_MAX];
  struct span label, kind, fields;
  size_t at = span_find(line, ' ');
  if (line.len) memcpy(marked, line.s, line.len);
  size_t len = line.len + unreadmark_format("score", span_from(line, at), marked + line.len);
  struct span whole = span_of(marked, len);
  if (len > line.len + UNREADMARK_TEXT_MAX || !unreadmark_is_set(whole)) abort();
  if (!span_equal(unreadmark_strip(whole, "score"), line)) abort();
  if (field_line_open(line, &label, &kind, &fields) && span_is(kind, SESSION_KIND) &&
      !field_line_is_passthrough(whole, SESSION_KIND))
    abort();
}

/* What bounds every verdict: a bot has the score, and witnesses and the 451, or a sure sin; a
   scanner did not come as far as MAIL. A witness is never more than what it counts. */
static void check_verdict(const struct judgement *j) {
  const struct parsedline *s = &j->parsed;
  bool convicted = s->got_451 && verdict_families(&j->total) >= VERDICT_FAMILIES_MIN;
  bool sure = j->total.sure && (s->got_451 || !j->hits.fired[SIN_NO_SMTP]);
  if (j->verdict == VERDICT_BOT && !(j->total.score >= 8 && (convicted || sure))) abort();
  if (j->verdict == VERDICT_SCANNER && (s->got_mail || s->got_451)) abort();
  for (int family = 0; family < FAMILY_COUNT; family++)
    if (j->total.witness[family].sum > j->total.counted[family].sum) abort();
}

/* The line without what an earlier scoring appended, and what this one appends. */
static size_t score(struct span line, const struct rules *rules, char *out) {
  static struct judgement j;
  struct sessionline session;
  struct span bad;
  if (!sessionline_decode(line, &session, &bad)) return 0;
  if (!score_line(&session, rules, &j)) abort();
  if (j.total.score < SCORE_MIN || j.total.score > SCORE_MAX) abort();
  check_explained(&j);
  check_verdict(&j);
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
  check_mark(span_of(copy, size));
  check_line(span_of(copy, size), &rules);
  free(copy);
  return 0;
}
