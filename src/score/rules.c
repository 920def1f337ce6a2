#include "score/rules.h"
#include "base/number.h"
#include "rule/record.h"

bool rules_parse_weight(struct span text, struct weight *out, struct span *rest) {
  int64_t points;
  *rest = text;
  struct span number = span_word(rest);
  if (!number_parse_signed(number, WEIGHT_MIN, WEIGHT_MAX, &points)) return false;
  *out = (struct weight){.points = (int)points, .on = true};
  struct span tail = *rest, mark = span_word(&tail);
  bool sure = span_is(mark, "sure"), hint = span_is(mark, "hint");
  if (sure || hint) *rest = tail;
  out->sure = sure && points > 0;
  out->hint = hint && points > 0;
  *rest = span_trim(*rest);
  return true;
}

static bool load_weight(struct rules *r, int sin) {
  struct span value, rest;
  int found = table_find_name(&r->table, "weights", span_str(sin_names[sin]), &value);
  if (found == 0) return true;
  return found > 0 && rules_parse_weight(value, &r->weight[sin], &rest) && rest.len == 0;
}

static bool load_threshold(const struct rules *r, const char *name, int *out) {
  struct span value;
  int64_t points;
  if (table_find_name(&r->table, "thresholds", span_str(name), &value) <= 0) return false;
  if (!number_parse_signed(span_trim(value), WEIGHT_MIN, WEIGHT_MAX, &points)) return false;
  *out = (int)points;
  return true;
}

static void load_tables(struct rules *r) {
  const struct table *t = &r->table;
  r->has = (struct tables){
      .highmx = table_exists(t, "highmx"),
      .own = table_exists(t, "own"),
      .own_names = table_exists(t, "own-names"),
      .domains = table_exists(t, "domains"),
      .recipients = table_exists(t, "recipients"),
      .spamtraps = table_exists(t, "spamtraps"),
      .tlds = table_exists(t, "tlds"),
      .private_tlds = table_exists(t, "private-tlds"),
      .bigco = table_exists(t, "bigco"),
      .dialects = table_exists(t, "dialects"),
      .dynamic = table_exists(t, "dynamic"),
      .blacklist = table_exists(t, "blacklist"),
      .whitelist = table_exists(t, "whitelist"),
      .whitelist_names = table_exists(t, "whitelist-names"),
      .dnsbl = table_exists(t, "dnsbl"),
      .helo = table_exists(t, "helo"),
      .helo_patterns = table_key_lengths(t, "helo-patterns", &r->pattern_min, &r->pattern_max),
  };
}

/* False if the database holds what sinbin-rules never writes. */
static bool load_lists(struct rules *r) {
  const struct span prefix = SPAN_LITERAL(TABLE_LISTS);
  struct span lines;
  struct head head;
  if (table_list(&r->table, &lines) != 1) return false;
  while (lines.len) {
    if (!record_head_decode(span_cut(&lines, '\n'), &head)) return false;
    if (!span_equal(span_head(head.name, prefix.len), prefix)) continue;
    if (r->lists == TABLE_LISTS_MAX || head.name.len > TABLE_NAME_MAX) return false;
    struct list *new = &r->list[r->lists++];
    memcpy(new->name, head.name.s, head.name.len);
    new->name[head.name.len] = '\0';
    if (head.shape == SHAPE_ADDRESSES) new->addresses = table_addresses(&r->table, new->name);
  }
  return true;
}

bool rules_load(struct rules *r, const struct table *t, const char **bad) {
  *r = (struct rules){.table = *t};
  for (int sin = 0; sin < SIN_COUNT; sin++)
    if (!load_weight(r, sin)) {
      *bad = sin_names[sin];
      return false;
    }
  if (!load_threshold(r, *bad = "bot", &r->bot)) return false;
  if (!load_threshold(r, *bad = "suspect", &r->suspect)) return false;
  load_tables(r);
  *bad = NULL;
  if (load_lists(r) && namewords_load(&r->words, t)) return true;
  namewords_free(&r->words);
  return false;
}

void rules_close(struct rules *r) {
  namewords_free(&r->words);
  table_close(&r->table);
}
