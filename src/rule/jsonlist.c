#include "rule/jsonlist.h"
#include "rule/ruleline.h"
#include <errno.h>
#include <jansson.h>
#include <stdio.h>

#define SEARCH_MAX   65536 /* bytes that are searched for the text of an entry */
#define MEMBERS_MAX  8     /* addresses in one object */
#define NAME_MAX_LEN 32

/* An array or an object that is being read, and what its entries mean. */
struct level {
  const json_t *value;
  size_t at; /* of the next element or member */
  void *member;
  struct span meaning;
  bool has_meaning;
};

struct reader {
  struct ruleline rl;
  struct span text;
  size_t at; /* rl.line is the line of this byte */
  size_t entries;
  struct level level[JSONLIST_DEPTH_MAX];
  int depth;
};

static struct span text_of(const json_t *string) {
  return span_of(json_string_value(string), json_string_length(string));
}

static bool refuse(struct reader *r, const char *reason, struct span word) {
  return ruleline_error(&r->rl, reason, word);
}

/* ---- the line of an entry ---- */

static void move_to(struct reader *r, size_t at) {
  for (size_t i = r->at; i < at; i++) r->rl.line += r->text.s[i] == '\n';
  if (at > r->at) r->at = at;
}

static void find_line(struct reader *r, struct span word) {
  struct span rest = span_head(span_from(r->text, r->at), SEARCH_MAX);
  const char *found = rest.len ? memmem(rest.s, rest.len, word.s, word.len) : NULL;
  if (found) move_to(r, (size_t)(found - r->text.s));
}

/* ---- names of members ---- */

/* Ignores case and punctuation: ip_prefix and ipPrefix are ipprefix. */
static struct span plain_name(const char *name, char out[NAME_MAX_LEN]) {
  size_t len = 0;
  for (; *name && len < NAME_MAX_LEN; name++) {
    unsigned char c = ascii_lower((unsigned char)*name);
    if (ascii_is_letter(c) || ascii_is_digit(c)) out[len++] = (char)c;
  }
  return span_of(out, len);
}

static bool names_address(const char *name) {
  static const char *const names[] = {
      "cidr",     "prefix",   "ipprefix", "ipv4prefix", "ipv6prefix",  "ip",          "ipv4",
      "ipv6",     "address",  "addr",     "ipaddress",  "ipaddr",      "ipv4address", "ipv6address",
      "network",  "net",      "subnet",   "netblock",   "range",       "iprange",     "ipcidr",
      "ipv4cidr", "ipv6cidr", "cidrip",   "cidripv6",   "networkcidr", "ipnetwork"};
  char plain[NAME_MAX_LEN];
  struct span word = plain_name(name, plain);
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (span_is(word, names[i])) return true;
  return false;
}

/* isWhitelisted, allowed... with the value true, or a negative score. */
static bool is_flag_of_permit(const char *name, const json_t *value) {
  if (json_is_number(value))
    return json_number_value(value) < 0 && meaning_is_score(span_str(name));
  return json_is_true(value) && meaning_is_permit(span_str(name));
}

/* ---- what the entries mean ---- */

/* The value of a member as a word. */
static struct span word_of(const json_t *value) {
  if (json_is_string(value)) return text_of(value);
  if (json_is_boolean(value)) return span_str(json_is_true(value) ? "true" : "false");
  return span_of("", 0);
}

static bool is_container(const json_t *value) {
  return json_is_object(value) || json_is_array(value);
}

/* Below an object, these names mostly say how a request went. */
static bool is_of_request(const char *name) {
  struct span word = span_str(name);
  return span_is_nocase(word, "status") || span_is_nocase(word, "result");
}

static bool is_value_member(const struct reader *r, const char *name, const json_t *value) {
  const struct listconf *conf = r->rl.tables->conf;
  if (is_container(value) || json_is_null(value)) return false;
  if (conf && conf->column.len) return span_is(conf->column, name);
  return meaning_is_action(span_str(name));
}

/* The value that an object gives its entries. */
static bool object_meaning(const struct reader *r, const json_t *object, bool below,
                           struct span *out) {
  const char *name;
  json_t *value;
  bool found = false;
  json_object_foreach((json_t *)(uintptr_t)object, name, value) {
    if (is_flag_of_permit(name, value)) {
      *out = span_str("whitelisted");
      return true;
    }
    if (found || !is_value_member(r, name, value) || (below && is_of_request(name))) continue;
    *out = word_of(value);
    found = true;
  }
  return found;
}

/* All entries without a value are alike. */
static enum meant meant_of(struct reader *r, bool has, struct span meaning) {
  const struct listconf *conf = r->rl.tables->conf;
  if (has) return ruleline_value(&r->rl, meaning);
  return conf && conf->values.len ? ruleline_value(&r->rl, span_of("", 0)) : MEANT_LISTED;
}

/* ---- entries ---- */

static bool add(struct reader *r, struct prefix *prefix, bool has, struct span meaning) {
  enum meant meant = meant_of(r, has, meaning);
  prefix->line = r->rl.line;
  r->entries++;
  return ruleline_add_valued(&r->rl, prefix, meant);
}

/* Does it consist of bytes that occur in addresses, with a dot or colon among them? */
static bool looks_like_address(struct span text) {
  bool marked = false;
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = ascii_lower((unsigned char)text.s[i]);
    if (!c || (!ascii_is_digit(c) && !memchr("abcdef.:/-! ", c, 12))) return false;
    marked = marked || c == '.' || c == ':';
  }
  return marked;
}

static bool add_text(struct reader *r, struct span text, bool has, struct span meaning) {
  struct prefix prefix;
  const char *reason;
  find_line(r, text);
  if (!prefix_parse(text, &prefix, &reason)) return refuse(r, reason, text);
  return add(r, &prefix, has, meaning);
}

/* The addresses of an object, by members whose names say so, and by others. */
struct members {
  struct {
    const char *name;
    struct span text;
    struct prefix prefix;
  } list[MEMBERS_MAX];
  size_t count;
  bool named;
  bool has_length; /* a member has the length of the prefix, or its mask */
  bool has_prefix; /* a text has its length */
};

static void note_member(struct members *m, const char *name, struct span text,
                        const struct prefix *prefix) {
  bool named = names_address(name);
  if (m->count == MEMBERS_MAX) return;
  if (named && !m->named) m->count = 0;
  m->named = m->named || named;
  if (named != m->named) return;
  m->list[m->count].name = name;
  m->list[m->count].text = text;
  m->list[m->count++].prefix = *prefix;
}

static bool begins_alike(const struct prefix *a, const struct prefix *b) {
  return addr_compare(&a->first, &b->first) == 0 && a->excluded == b->excluded;
}

/* Of a prefix and the address that it begins at, only the prefix stays. */
static void drop_beginnings(struct members *m) {
  for (size_t i = 0; i + 1 < m->count;) {
    if (!begins_alike(&m->list[i].prefix, &m->list[i + 1].prefix)) {
      i++;
      continue;
    }
    bool wider = addr_compare(&m->list[i].prefix.last, &m->list[i + 1].prefix.last) > 0;
    size_t drop = wider ? i + 1 : i;
    memmove(&m->list[drop], &m->list[drop + 1], (m->count - drop - 1) * sizeof m->list[0]);
    m->count--;
  }
}

static bool is_pair(const struct members *m) {
  return m->count == 2 && !m->named &&
         meaning_is_range(span_str(m->list[0].name), span_str(m->list[1].name)) &&
         prefix_family(&m->list[0].prefix) == prefix_family(&m->list[1].prefix) &&
         addr_compare(&m->list[0].prefix.first, &m->list[1].prefix.last) <= 0;
}

static bool has_two_of_a_family(const struct members *m) {
  size_t ipv4 = 0;
  for (size_t i = 0; i < m->count; i++) ipv4 += prefix_family(&m->list[i].prefix) == ADDRESSES_IPV4;
  return ipv4 > 1 || m->count - ipv4 > 1;
}

static bool add_members(struct reader *r, struct members *m, const json_t *object) {
  struct span meaning = {NULL, 0};
  const struct level *outer = &r->level[r->depth - 1];
  bool has = object_meaning(r, object, false, &meaning);
  if (!has && outer->has_meaning) meaning = outer->meaning, has = true;
  find_line(r, m->list[0].text);
  if (is_pair(m)) {
    m->list[0].prefix.last = m->list[1].prefix.last;
    return add(r, &m->list[0].prefix, has, meaning);
  }
  if (m->has_length && !m->has_prefix)
    return refuse(r, "the length of the prefix is in another member", m->list[0].text);
  drop_beginnings(m);
  if (!m->named)
    return refuse(r, "an address in a member of unknown meaning", span_str(m->list[0].name));
  if (has_two_of_a_family(m)) return refuse(r, "two addresses in one object", m->list[1].text);
  for (size_t i = 0; i < m->count; i++)
    if (!add(r, &m->list[i].prefix, has, meaning)) return false;
  return true;
}

static bool read_object(struct reader *r, const json_t *object) {
  struct members m = {.count = 0};
  const char *name, *reason;
  struct prefix prefix;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)object, name, value) {
    if (prefix_parse(span_str(name), &prefix, &reason))
      return refuse(r, "an address as the name of a member", span_str(name));
    m.has_length = m.has_length || meaning_is_length(span_str(name));
    if (!json_is_string(value)) continue;
    struct span text = text_of(value);
    m.has_prefix = m.has_prefix || span_find(text, '/') < text.len;
    if (prefix_parse(text, &prefix, &reason)) note_member(&m, name, text, &prefix);
    else if (names_address(name) && looks_like_address(text)) {
      find_line(r, text);
      return refuse(r, reason, text);
    }
  }
  return m.count == 0 || add_members(r, &m, object);
}

static bool read_array(struct reader *r, const json_t *array, const struct level *of) {
  bool addresses = false;
  size_t i;
  json_t *value;
  json_array_foreach(array, i, value) {
    addresses = addresses || (json_is_string(value) && looks_like_address(text_of(value)));
  }
  if (!addresses) return true;
  json_array_foreach(array, i, value) {
    if (!json_is_string(value)) continue;
    if (!add_text(r, text_of(value), of->has_meaning, of->meaning)) return false;
  }
  return true;
}

/* ---- the walk ---- */

static bool enter(struct reader *r, const json_t *value, const char *name) {
  if (r->depth == JSONLIST_DEPTH_MAX)
    return refuse(r, "the JSON is nested too deep", span_of(NULL, 0));
  const struct level *outer = r->depth ? &r->level[r->depth - 1] : NULL;
  struct level *new = &r->level[r->depth++];
  *new = (struct level){.value = value};
  if (outer) new->meaning = outer->meaning, new->has_meaning = outer->has_meaning;
  if (name && (meaning_permits(span_str(name)) || meaning_refuses(span_str(name)))) {
    new->meaning = span_str(name);
    new->has_meaning = true;
  } else if (name && meaning_has_permit(span_str(name))) {
    new->meaning = span_str("whitelisted");
    new->has_meaning = true;
  }
  if (json_is_array(value)) return read_array(r, value, new);
  if (!read_object(r, value)) return false;
  if (object_meaning(r, value, true, &new->meaning)) new->has_meaning = true;
  new->member = json_object_iter((json_t *)(uintptr_t)value);
  return true;
}

/* The next array or object within the innermost one, or NULL at its end. */
static const json_t *next_inside(struct level *in, const char **name) {
  json_t *whole = (json_t *)(uintptr_t)in->value;
  *name = NULL;
  while (json_is_array(whole) && in->at < json_array_size(whole)) {
    const json_t *value = json_array_get(whole, in->at++);
    if (is_container(value)) return value;
  }
  while (json_is_object(whole) && in->member) {
    const json_t *value = json_object_iter_value(in->member);
    *name = json_object_iter_key(in->member);
    in->member = json_object_iter_next(whole, in->member);
    if (is_container(value)) return value;
  }
  return NULL;
}

static bool walk(struct reader *r, const json_t *top) {
  size_t rule_errors = r->rl.errors->count;
  const char *name;
  r->depth = 0;
  if (!enter(r, top, NULL)) return false;
  while (r->depth && r->rl.errors->count < rule_errors + RULE_ERRORS_MAX) {
    const json_t *value = next_inside(&r->level[r->depth - 1], &name);
    if (!value) r->depth--;
    else if (!enter(r, value, name)) return false;
  }
  return true;
}

/* ---- texts ---- */

/* Spamhaus's last line. */
static void check_records(struct reader *r, const json_t *top) {
  const json_t *type = json_object_get(top, "type"), *records = json_object_get(top, "records");
  if (!json_is_string(type) || !span_is(text_of(type), "metadata")) return;
  if (json_is_integer(records) && json_integer_value(records) != (json_int_t)r->entries)
    refuse(r, "the metadata and the list differ in their number of records", span_of(NULL, 0));
}

/* If memory is short, the library reports a malformed text, or nothing; but malloc sets errno. */
static bool refuse_text(struct reader *r, const json_error_t *error, size_t left) {
  if (errno == ENOMEM) return false;
  if (left > JSONLIST_TEXT_MAX)
    return refuse(r, "malformed JSON, or one text of more than 16 MiB", span_str(error->text));
  r->rl.line += error->line > 0 ? (uint32_t)error->line - 1 : 0;
  return refuse(r, "malformed JSON", span_str(error->text));
}

/* Reads the text at `from`, and sets it to its end. */
static bool read_text(struct reader *r, size_t *from) {
  struct span rest = span_from(r->text, *from);
  json_error_t error;
  errno = 0;
  json_t *top = json_loadb(rest.s, rest.len < JSONLIST_TEXT_MAX ? rest.len : JSONLIST_TEXT_MAX,
                           JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, &error);
  if (!top) {
    *from = r->text.len;
    return refuse_text(r, &error, rest.len);
  }
  *from += (size_t)error.position;
  bool ok = walk(r, top);
  if (ok) check_records(r, top);
  json_decref(top);
  return ok;
}

static size_t skip_blanks(struct span text, size_t from) {
  while (from < text.len && memchr(" \t\r\n", text.s[from], 4)) from++;
  return from;
}

bool jsonlist_read(const struct rulefile *file, struct span text, struct rulefile_tables *tables,
                   struct rule_errors *errors) {
  struct reader r = {.rl = {.line = 1, .file = file, .tables = tables, .errors = errors},
                     .text = text};
  size_t rule_errors = errors->count;
  for (size_t from = 0; (from = skip_blanks(text, from)) < text.len;) {
    move_to(&r, from);
    if (!read_text(&r, &from)) return false;
    if (errors->count > rule_errors) return true;
  }
  if (r.entries == 0) refuse(&r, "there is no address in this JSON", span_of(NULL, 0));
  return true;
}
