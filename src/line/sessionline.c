#include "line/sessionline.h"
#include "base/number.h"
#include <stddef.h>

/* The names of the enumerations. NULL ends each list. */
static const char *const stages[] = {
    [STAGE_BANNER] = "banner", [STAGE_HELO] = "helo", [STAGE_MAIL] = "mail",
    [STAGE_RCPT] = "rcpt",     [STAGE_DATA] = "data", NULL};
static const char *const ends[] = {
    [END_QUIT] = "quit", [END_FIN] = "fin",     [END_RST] = "rst",
    [END_IDLE] = "idle", [END_CAP] = "cap",     [END_LIMIT] = "limit",
    [END_STOP] = "stop", [END_ERROR] = "error", NULL};
static const char *const afters[] = {[AFTER_NONE] = "none",
                                     [AFTER_RSET] = "rset",
                                     [AFTER_NOOP] = "noop",
                                     [AFTER_MAIL] = "mail",
                                     [AFTER_BODY] = "body",
                                     [AFTER_OTHER] = "other",
                                     NULL};
static const char *const verbs[] = {
    [VERB_NONE] = "", [VERB_HELO] = "helo", [VERB_EHLO] = "ehlo", NULL};
static const char *const answers[] = {
    [ANSWER_ABSENT] = "", [ANSWER_YES] = "yes", [ANSWER_NO] = "no", [ANSWER_UNKNOWN] = "?", NULL};
static const char *const heloas[] = {[HELOA_ABSENT] = "",
                                     [HELOA_PEER] = "peer",
                                     [HELOA_NEAR] = "near",
                                     [HELOA_OTHER] = "other",
                                     [HELOA_NONE] = "none",
                                     [HELOA_UNKNOWN] = "?",
                                     NULL};
static const char *const verdicts[] = {[VERDICT_NONE] = "",
                                       [VERDICT_EXEMPT] = "exempt",
                                       [VERDICT_SCANNER] = "scanner",
                                       [VERDICT_BOT] = "bot",
                                       [VERDICT_SUSPECT] = "suspect",
                                       [VERDICT_CLEAN] = "clean",
                                       NULL};

enum type { TEXT, NUMBER, SIGNED, MS, ADDRESS, NAME };

struct key {
  const char *name;
  size_t len; /* of the name */
  enum type type;
  size_t offset;
  uint64_t max;             /* of a NUMBER, SIGNED or MS */
  const char *const *names; /* of a NAME; index 0 is not written if it is "" */
  bool required;
};

#define KEY(name)  (name), sizeof(name) - 1
#define AT(member) offsetof(struct sessionline, member)
#define COUNT      UINT32_MAX
#define AGES       UINT64_C(253402300799999) /* the year 9999 */

/* The fields in the order of the line. The index of a key is its bit in `has`. */
static const struct key keys[] = {
    {KEY("at"), MS, AT(at), AGES, NULL, true},
    {KEY("peer"), ADDRESS, AT(peer), 0, NULL, true},
    {KEY("pport"), NUMBER, AT(pport), 65535, NULL, false},
    {KEY("local"), ADDRESS, AT(local), 0, NULL, false},
    {KEY("lport"), NUMBER, AT(lport), 65535, NULL, false},
    {KEY("ms"), NUMBER, AT(ms), AGES, NULL, true},
    {KEY("stage"), NAME, AT(stage), 0, stages, true},
    {KEY("end"), NAME, AT(end), 0, ends, true},
    {KEY("after"), NAME, AT(after), 0, afters, false},
    {KEY("verb"), NAME, AT(verb), 0, verbs, false},
    {KEY("helo"), TEXT, AT(helo), 0, NULL, false},
    {KEY("helos"), NUMBER, AT(helos), COUNT, NULL, false},
    {KEY("from"), TEXT, AT(from), 0, NULL, false},
    {KEY("to"), TEXT, AT(to), 0, NULL, false},
    {KEY("rcpts"), NUMBER, AT(rcpts), COUNT, NULL, false},
    {KEY("lines"), NUMBER, AT(lines), COUNT, NULL, false},
    {KEY("bad"), NUMBER, AT(bad), COUNT, NULL, false},
    {KEY("bytes"), NUMBER, AT(bytes), COUNT, NULL, false},
    {KEY("rtt"), NUMBER, AT(rtt), COUNT, NULL, false},
    {KEY("nosmtp"), TEXT, AT(nosmtp), 0, NULL, false},
    {KEY("talk"), TEXT, AT(talk), 0, NULL, false},
    {KEY("did"), TEXT, AT(did), 0, NULL, false},
    {KEY("dialect"), TEXT, AT(dialect), 0, NULL, false},
    {KEY("cut"), TEXT, AT(cut), 0, NULL, false},
    {KEY("r451"), NAME, AT(r451), 0, answers, false},
    {KEY("mx"), TEXT, AT(mx), 0, NULL, false},
    {KEY("peers"), NUMBER, AT(peers), COUNT, NULL, false},
    {KEY("recent"), NUMBER, AT(recent), COUNT, NULL, false},
    {KEY("seq"), NUMBER, AT(seq), INT64_MAX, NULL, false},
    {KEY("pos"), TEXT, AT(pos), 0, NULL, false},
    {KEY("ptr"), TEXT, AT(ptr), 0, NULL, false},
    {KEY("fcrdns"), NAME, AT(fcrdns), 0, answers, false},
    {KEY("heloa"), NAME, AT(heloa), 0, heloas, false},
    {KEY("sendermx"), NAME, AT(sendermx), 0, answers, false},
    {KEY("dnsbl"), TEXT, AT(dnsbl), 0, NULL, false},
    {KEY("dnswl"), TEXT, AT(dnswl), 0, NULL, false},
    {KEY("rules"), TEXT, AT(rules), 0, NULL, false},
    {KEY("sins"), TEXT, AT(sins), 0, NULL, false},
    {KEY("score"), SIGNED, AT(score), 999, NULL, false},
    {KEY("verdict"), NAME, AT(verdict), 0, verdicts, false},
};

#define KEYS (sizeof keys / sizeof *keys)

/* Most keys of the same length differ in their first byte; no key is empty. */
static inline bool is_key(struct span name, const struct key *k) {
  return name.len == k->len && *name.s == *k->name && memcmp(name.s, k->name, k->len) == 0;
}

/* Starts the search at index `near`. Programs append their fields in the order of the table, so the
   next key is nearly always the one after the last. */
static int find_key_near(struct span name, size_t near) {
  for (size_t i = near; i < KEYS; i++)
    if (is_key(name, &keys[i])) return (int)i;
  for (size_t i = 0; i < near; i++)
    if (is_key(name, &keys[i])) return (int)i;
  return -1;
}

static int find_key(const char *name) {
  return find_key_near(span_str(name), 0);
}

bool sessionline_has(const struct sessionline *l, const char *key) {
  int i = find_key(key);
  return i >= 0 && (l->has >> i & 1);
}

void sessionline_set(struct sessionline *l, const char *key) {
  int i = find_key(key);
  if (i >= 0) l->has |= UINT64_C(1) << i;
}

static bool find_name(const char *const *names, struct span text, int *out) {
  for (int i = 0; names[i]; i++)
    if (*names[i] && span_is(text, names[i])) {
      *out = i;
      return true;
    }
  return false;
}

static bool decode_value(const struct key *k, struct span value, struct sessionline *out) {
  void *member = (char *)out + k->offset;
  switch (k->type) {
  case TEXT: *(struct span *)member = value; return escape_is_whole(value);
  case NUMBER: return number_canonical(value, k->max, member);
  case SIGNED: return number_parse_signed(value, -99, (int64_t)k->max, member);
  case MS: return number_parse_ms(value, k->max, member);
  case ADDRESS: return addr_parse(value, member);
  case NAME: return find_name(k->names, value, member);
  }
  return false;
}

static bool decode_fields(struct span rest, struct sessionline *out, struct span *bad) {
  struct span key, value;
  size_t near = 0;
  for (;;) {
    enum field_result got = field_next(&rest, &key, &value);
    if (got == FIELD_END) return true;
    *bad = key;
    if (got == FIELD_MALFORMED) return false;
    int i = find_key_near(key, near);
    if (i < 0 && span_is(key, "unread")) out->is_marked = true;
    if (i < 0) continue; /* a program that copies the line keeps unknown keys */
    if (out->has >> i & 1 || !decode_value(&keys[i], value, out)) return false;
    out->has |= UINT64_C(1) << i;
    near = (size_t)i + 1;
  }
}

bool sessionline_decode(struct span line, struct sessionline *out, struct span *bad) {
  struct span kind, fields;
  *out = (struct sessionline){.has = 0};
  *bad = span_head(line, 32);
  if (!field_line_open(line, &out->label, &kind, &fields) || !span_is(kind, SESSION_KIND))
    return false;
  if (!decode_fields(fields, out, bad)) return false;
  for (size_t i = 0; i < KEYS; i++)
    if (keys[i].required && !(out->has >> i & 1)) {
      *bad = span_of(keys[i].name, keys[i].len);
      return false;
    }
  return true;
}

static void encode_value(const struct key *k, const struct sessionline *l,
                         struct fieldwriter *out) {
  const void *member = (const char *)l + k->offset;
  char text[NUMBER_MAX];
  switch (k->type) {
  case TEXT: fieldwriter_text(out, k->name, *(const struct span *)member); break;
  case NUMBER: fieldwriter_number(out, k->name, *(const uint64_t *)member); break;
  case MS: fieldwriter_ms(out, k->name, *(const uint64_t *)member); break;
  case ADDRESS: fieldwriter_addr(out, k->name, member); break;
  case NAME: fieldwriter_text(out, k->name, span_str(k->names[*(const int *)member])); break;
  case SIGNED: {
    int64_t value = *(const int64_t *)member;
    size_t n = 0;
    if (value < 0) text[n++] = '-';
    n += number_format(text + n, (uint64_t)(value < 0 ? -value : value));
    fieldwriter_text(out, k->name, span_of(text, n));
  }
  }
}

/* A text with s != NULL and a name other than "" are written even if their bits are not set. */
static bool is_present(const struct key *k, const struct sessionline *l, size_t i) {
  const void *member = (const char *)l + k->offset;
  if (l->has >> i & 1) return true;
  if (k->type == TEXT) return ((const struct span *)member)->s != NULL;
  return k->type == NAME && *k->names[*(const int *)member];
}

size_t sessionline_encode(const struct sessionline *l, char *buf, size_t cap) {
  struct fieldwriter out;
  fieldwriter_init(&out, buf, cap);
  if (l->label.len) {
    if (l->label.len + 1 > cap) return 0;
    memcpy(buf, l->label.s, l->label.len);
    buf[l->label.len] = ' ';
    out.len = l->label.len + 1;
  }
  fieldwriter_kind(&out, SESSION_KIND);
  for (size_t i = 0; i < KEYS; i++)
    if (is_present(&keys[i], l, i)) encode_value(&keys[i], l, &out);
  return out.full ? 0 : out.len;
}

static const char *name_of(const char *const *names, int count, int i) {
  return i >= 0 && i < count ? names[i] : NULL;
}

#define COUNT_OF(names) ((int)(sizeof(names) / sizeof *(names)) - 1)

const char *stage_name(int stage) {
  return name_of(stages, COUNT_OF(stages), stage);
}

const char *end_name(int end) {
  return name_of(ends, COUNT_OF(ends), end);
}

const char *after_name(int after) {
  return name_of(afters, COUNT_OF(afters), after);
}

const char *verdict_name(int verdict) {
  return name_of(verdicts, COUNT_OF(verdicts), verdict);
}

const char *answer_name(int answer) {
  return name_of(answers, COUNT_OF(answers), answer);
}

const char *heloa_name(int heloa) {
  return name_of(heloas, COUNT_OF(heloas), heloa);
}

bool verdict_parse(struct span name, int *out) {
  return find_name(verdicts, name, out);
}

bool end_parse(struct span name, int *out) {
  return find_name(ends, name, out);
}
