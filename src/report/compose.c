#include "report/compose.h"
#include "line/dialecthash.h"

/* A list that is too long is cut after a whole name. */
static struct span cut_sins(struct span sins) {
  if (sins.len <= SINS_TEXT_MAX) return sins;
  return span_head(sins, span_find_last(span_head(sins, SINS_TEXT_MAX + 1), ','));
}

static bool hash_dialect(const struct sessionline *l, char *hash, struct span *out) {
  char decoded[SESSION_BYTES_MAX];
  size_t len;
  *out = span_of(hash, 0);
  if (l->dialect.len == 0) return true;
  if (!escape_get(decoded, sizeof decoded, l->dialect, &len)) return false;
  dialecthash_format(span_of(decoded, len), hash);
  *out = span_of(hash, DIALECT_HEX);
  return true;
}

static size_t compose(const struct sessionline *l, const struct origin *origin, uint64_t seq,
                      char text[REPORT_LINE_MAX]) {
  char hash[DIALECT_HEX];
  struct report report = {.origin = *origin,
                          .seq = seq,
                          .unixtime = (l->at + l->ms) / 1000,
                          .ip = l->peer,
                          .verdict = l->verdict,
                          .score = l->score,
                          .end = l->end,
                          .sins = cut_sins(l->sins)};
  if (!sessionline_has(l, "score") || !hash_dialect(l, hash, &report.dialect)) return 0;
  return report_encode(&report, text, REPORT_LINE_MAX);
}

void compose_report(struct span line, const struct origin *origin, uint64_t seq,
                    struct composed *out) {
  struct sessionline l;
  out->len = 0;
  out->bad = span_of(line.s, 0);
  out->refused = false;
  if (field_line_is_passthrough(line, SESSION_KIND)) return;
  if (!sessionline_decode(line, &l, &out->bad)) {
    out->refused = true;
    return;
  }
  out->bad = span_str("score, sins or dialect");
  if (!report_verdict_is_reported(l.verdict)) return;
  out->len = compose(&l, origin, seq, out->text);
  out->refused = out->len == 0;
}
