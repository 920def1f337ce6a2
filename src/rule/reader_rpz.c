/* The reader of response policy zones (draft-vixie-dnsop-dns-rpz), as DNS zone files. The triggers
   are the entries:

     bad.example      CNAME .             listed: NXDOMAIN
     *.bad.example    CNAME *.            listed, all names below it: NODATA
     worse.example    CNAME rpz-drop.     listed
     evil.example     CNAME a.garden.     listed: the answer is replaced; A and AAAA likewise
     good.example     CNAME rpz-passthru. an exception
     good.example     CNAME good.example. an exception: the target is the name itself
     24.0.2.0.192.rpz-ip          CNAME . 192.0.2.0/24; likewise rpz-client-ip
     64.zz.1.db8.2001.rpz-ip      CNAME . 2001:db8:1::/64

   Names without a dot at the end are relative to the zone. Absolute names end in the zone's name,
   which is that of $ORIGIN or of the SOA record. These are refused: policies that neither list nor
   pass, triggers of name servers, $INCLUDE and $GENERATE, and two kinds of triggers in one file,
   unless listconf.h chooses one. */
#include "base/number.h"
#include "rule/ruleline.h"

#define OTHER_TRIGGERS "triggers of several kinds in one file; choose one with `trigger`"

enum kind { KIND_QNAME, KIND_IP, KIND_CLIENT_IP, KIND_NAMESERVER };

/* A parsed record. */
struct record {
  struct span owner; /* without the zone's name and the dot at the end */
  struct span type, data;
};

/* ---- the line ---- */

/* Removes a comment, which begins at `;` outside quotes. Counts parentheses outside quotes. */
static struct span strip(struct span line, int *depth) {
  bool quoted = false;
  for (size_t i = 0; i < line.len; i++) {
    char c = line.s[i];
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == ';') return span_trim(span_head(line, i));
    if (c == '(') ++*depth;
    if (c == ')') --*depth;
  }
  return span_trim(line);
}

static bool is_ttl_word(struct span word) {
  return word.len && ascii_is_digit((unsigned char)word.s[0]) && span_find(word, '.') == word.len;
}

/* False if the class is not IN. */
static bool read_record(struct span rest, struct record *out) {
  for (;;) {
    struct span word = span_word(&rest);
    if (span_is_nocase(word, "CH") || span_is_nocase(word, "HS")) return false;
    if (span_is_nocase(word, "IN") || is_ttl_word(word)) continue;
    out->type = word;
    out->data = span_trim(rest);
    return true;
  }
}

static struct span without_last_dot(struct span name) {
  bool dot = name.len && name.s[name.len - 1] == '.';
  return span_head(name, name.len - dot);
}

/* The owner within the zone; false if it is absolute and not below the zone's name. */
static bool within_zone(const struct rpz *zone, struct span name, struct span *out) {
  *out = name;
  if (span_is(name, "@")) *out = span_of("", 0);
  if (!name.len || name.s[name.len - 1] != '.') return true;
  struct span whole = without_last_dot(name);
  size_t outer = zone->apex.len;
  if (outer == 0 || !span_ends_nocase(whole, zone->apex)) return false;
  *out = span_head(whole, whole.len - outer);
  if (out->len && out->s[out->len - 1] != '.') return false;
  *out = without_last_dot(*out);
  return true;
}

/* ---- triggers ---- */

static enum kind kind_of(struct span owner, struct span *trigger) {
  size_t dot = span_find_last(owner, '.');
  struct span last = dot < owner.len ? span_from(owner, dot + 1) : owner;
  *trigger = span_head(owner, dot < owner.len ? dot : 0);
  if (span_is_nocase(last, "rpz-ip")) return KIND_IP;
  if (span_is_nocase(last, "rpz-client-ip")) return KIND_CLIENT_IP;
  if (span_is_nocase(last, "rpz-nsip") || span_is_nocase(last, "rpz-nsdname"))
    return KIND_NAMESERVER;
  *trigger = owner;
  return KIND_QNAME;
}

/* The labels of an address from the last to the first, with a separator between. */
static bool turn_around(struct span labels, char separator, char text[ADDR_TEXT_MAX + 1],
                        size_t *len) {
  for (*len = 0; labels.len;) {
    size_t dot = span_find_last(labels, '.');
    struct span label = dot < labels.len ? span_from(labels, dot + 1) : labels;
    labels = span_head(labels, dot < labels.len ? dot : 0);
    bool gap = separator == ':' && span_is_nocase(label, "zz");
    if (gap) label = span_of("", 0);
    if (label.len + 3 > ADDR_TEXT_MAX - *len) return false;
    if (*len || gap) text[(*len)++] = separator;
    memcpy(text + *len, label.s, label.len);
    *len += label.len;
    if (gap && !labels.len) text[(*len)++] = separator;
  }
  return true;
}

static bool parse_trigger(struct span trigger, struct prefix *out) {
  struct span labels = trigger, bits = span_cut(&labels, '.'), rest = labels;
  char text[ADDR_TEXT_MAX + 8];
  size_t len, dots = 0;
  bool ipv4 = true;
  const char *reason;
  for (size_t i = 0; i < rest.len; i++) {
    dots += rest.s[i] == '.';
    ipv4 = ipv4 && (rest.s[i] == '.' || ascii_is_digit((unsigned char)rest.s[i]));
  }
  ipv4 = ipv4 && dots == 3;
  if (bits.len > 3 || !turn_around(labels, ipv4 ? '.' : ':', text, &len)) return false;
  text[len++] = '/';
  memcpy(text + len, bits.s, bits.len);
  return prefix_parse(span_of(text, len + bits.len), out, &reason);
}

/* ---- policies ---- */

static bool is_itself(const struct record *record) {
  struct span target = without_last_dot(record->data);
  return span_equal_nocase(target, record->owner);
}

static enum meant cname_meant(struct ruleline *rl, const struct record *record) {
  struct span target = record->data;
  if (span_is(target, ".") || span_is(target, "*.") || span_is_nocase(target, "rpz-drop."))
    return MEANT_LISTED;
  if (span_is_nocase(target, "rpz-passthru.") || is_itself(record)) return MEANT_EXCEPTION;
  if (!span_starts_nocase(target, "rpz-")) return ruleline_value(rl, target);
  ruleline_error(rl, "unsupported policy", target);
  return MEANT_UNCLEAR;
}

/* An AAAA record most often comes with an A record of the same name. */
static enum meant data_meant(struct ruleline *rl, const struct record *record) {
  return span_is_nocase(record->type, "A") ? ruleline_value(rl, record->data) : MEANT_LISTED;
}

static bool add_address(struct ruleline *rl, struct span trigger, enum meant meant) {
  struct prefix prefix = {.line = rl->line, .excluded = meant == MEANT_EXCEPTION};
  if (!parse_trigger(trigger, &prefix))
    return ruleline_error(rl, "the address of the trigger is malformed", trigger);
  prefix.excluded = meant == MEANT_EXCEPTION;
  if (ruleline_mixes_kinds(rl, true, trigger)) return true;
  return ruleline_add_valued(rl, &prefix, meant == MEANT_EXCEPTION ? MEANT_LISTED : meant);
}

static bool add_name(struct ruleline *rl, struct span trigger, enum meant meant) {
  bool below = trigger.len > 2 && trigger.s[0] == '*' && trigger.s[1] == '.';
  struct span name = span_from(trigger, below ? 2 : 0);
  if (!rl->file->named) return ruleline_error(rl, "the address is malformed", trigger);
  return ruleline_add_name(rl, name, below ? REACH_BELOW : REACH_ITSELF, meant);
}

/* Is this kind wanted? If none was chosen, only the first kind that occurs. */
static bool is_wanted(struct ruleline *rl, enum kind kind, bool *refused) {
  static const enum kind wanted[] = {
      [TRIGGER_QNAME] = KIND_QNAME, [TRIGGER_IP] = KIND_IP, [TRIGGER_CLIENT_IP] = KIND_CLIENT_IP};
  const struct listconf *conf = rl->tables->conf;
  struct rpz *zone = &rl->tables->rpz;
  *refused = false;
  if (conf && conf->trigger != TRIGGER_ANY) return wanted[conf->trigger] == kind;
  *refused = kind == KIND_NAMESERVER || (zone->seen && zone->kind != (int)kind);
  if (!*refused) zone->kind = (int)kind;
  zone->seen = true;
  return !*refused;
}

static bool add_record(struct ruleline *rl, const struct record *record) {
  struct span trigger;
  bool refused, is_cname = span_is_nocase(record->type, "CNAME");
  bool is_data = span_is_nocase(record->type, "A") || span_is_nocase(record->type, "AAAA");
  if (!is_cname && !is_data) return ruleline_skip(rl);
  enum kind kind = kind_of(record->owner, &trigger);
  if (!is_wanted(rl, kind, &refused))
    return refused ? ruleline_error(rl, OTHER_TRIGGERS, record->owner) : ruleline_skip(rl);
  enum meant meant = is_cname ? cname_meant(rl, record) : data_meant(rl, record);
  if (meant == MEANT_UNCLEAR) return true;
  return kind == KIND_QNAME ? add_name(rl, trigger, meant) : add_address(rl, trigger, meant);
}

/* ---- lines ---- */

static bool read_directive(struct ruleline *rl, struct span line) {
  struct rpz *zone = &rl->tables->rpz;
  struct span word = span_word(&line), name = without_last_dot(span_word(&line));
  if (span_is_nocase(word, "$TTL")) return ruleline_skip(rl);
  if (!span_is_nocase(word, "$ORIGIN"))
    return ruleline_error(rl, "unsupported directive in a response policy zone", word);
  if (zone->apex.len && !span_equal_nocase(zone->apex, name))
    return ruleline_error(rl, "a second $ORIGIN", name);
  zone->apex = name;
  return ruleline_skip(rl);
}

static bool read_soa(struct ruleline *rl, struct span owner) {
  struct rpz *zone = &rl->tables->rpz;
  if (!zone->apex.len && owner.len && owner.s[owner.len - 1] == '.')
    zone->apex = without_last_dot(owner);
  return ruleline_skip(rl);
}

static bool read_owned(struct ruleline *rl, struct span line) {
  struct rpz *zone = &rl->tables->rpz;
  struct record record;
  if (!rl->indented) zone->owner = span_word(&line);
  line = span_trim(line);
  if (!zone->owner.len) return ruleline_error(rl, "a record without a name", line);
  if (!read_record(line, &record))
    return ruleline_error(rl, "the class of the record is not IN", line);
  if (!record.data.len) return ruleline_error(rl, "the record is malformed", line);
  if (span_is_nocase(record.type, "SOA")) return read_soa(rl, zone->owner);
  if (!within_zone(zone, zone->owner, &record.owner))
    return ruleline_error(rl, "the absolute name is not below the zone's name", zone->owner);
  return record.owner.len ? add_record(rl, &record) : ruleline_skip(rl);
}

bool reader_rpz(struct ruleline *rl) {
  struct rpz *zone = &rl->tables->rpz;
  bool goes_on = zone->open;
  int depth = goes_on;
  struct span line = strip(span_of(rl->text, rl->len), &depth);
  if (line.len == 0) return true;
  if (depth < 0 || depth > 1) return ruleline_error(rl, "the parentheses do not match", line);
  zone->open = depth == 1;
  if (goes_on) return ruleline_skip(rl);
  return line.s[0] == '$' ? read_directive(rl, line) : read_owned(rl, line);
}
