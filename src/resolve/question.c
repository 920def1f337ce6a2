#include "resolve/question.h"
#include "base/number.h"

static bool is_label_byte(unsigned char c) {
  return ascii_is_letter(c) || ascii_is_digit(c) || c == '-' || c == '_';
}

/* Returns the number of labels, or 0 if the name is malformed. *last is the last label. */
static size_t count_labels(struct span name, struct span *last) {
  size_t labels = 0;
  struct span rest = name;
  if (name.len == 0 || name.len > QUESTION_NAME_MAX || name.s[name.len - 1] == '.') return 0;
  while (rest.len) {
    *last = span_cut(&rest, '.');
    if (last->len == 0 || last->len > 63) return 0;
    for (size_t i = 0; i < last->len; i++)
      if (!is_label_byte((unsigned char)last->s[i])) return 0;
    labels++;
  }
  return labels;
}

static bool is_number(struct span label) {
  for (size_t i = 0; i < label.len; i++)
    if (!ascii_is_digit((unsigned char)label.s[i])) return false;
  return true;
}

static bool is_outside_dns(struct span label) {
  static const char *const names[] = {"localhost", "local", "invalid", "onion", "alt"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (span_is_nocase(label, names[i])) return true;
  return false;
}

static void set_name(struct question *q, enum question_type type, struct span name) {
  q->type = (uint16_t)type;
  q->len = (uint8_t)name.len;
  for (size_t i = 0; i < name.len; i++) q->name[i] = (char)ascii_lower((unsigned char)name.s[i]);
  q->name[name.len] = '\0';
}

bool question_host(struct question *q, enum question_type type, struct span name) {
  struct span last;
  if (name.len && name.s[name.len - 1] == '.') name.len--;
  if (count_labels(name, &last) < 2 || is_number(last) || is_outside_dns(last)) return false;
  set_name(q, type, name);
  return true;
}

bool question_zone_is_valid(struct span name) {
  struct span last;
  return count_labels(name, &last) > 0;
}

static size_t reverse_octets(char *out, const struct addr *a) {
  size_t n = 0;
  for (int i = 15; i >= 12; i--) {
    n += number_format(out + n, a->byte[i]);
    out[n++] = '.';
  }
  return n;
}

static size_t reverse_nibbles(char *out, const struct addr *a) {
  size_t n = 0;
  for (int i = 15; i >= 0; i--) {
    out[n++] = "0123456789abcdef"[a->byte[i] & 15];
    out[n++] = '.';
    out[n++] = "0123456789abcdef"[a->byte[i] >> 4];
    out[n++] = '.';
  }
  return n;
}

/* Appends the zone to the first len bytes of name, which has room for QUESTION_NAME_MAX. */
static bool set_in_zone(struct question *q, char *name, size_t len, struct span zone) {
  if (zone.len > QUESTION_NAME_MAX - len) return false;
  memcpy(name + len, zone.s, zone.len);
  set_name(q, TYPE_A, span_of(name, len + zone.len));
  return true;
}

bool question_list(struct question *q, const struct addr *a, struct span zone) {
  char name[QUESTION_NAME_MAX];
  if (!addr_is_ipv4(a)) return question_list_mapped(q, a, zone);
  return set_in_zone(q, name, reverse_octets(name, a), zone);
}

bool question_list_mapped(struct question *q, const struct addr *a, struct span zone) {
  char name[QUESTION_NAME_MAX];
  return set_in_zone(q, name, reverse_nibbles(name, a), zone);
}

void question_reverse(struct question *q, const struct addr *a) {
  question_list(q, a, span_str(addr_is_ipv4(a) ? "in-addr.arpa" : "ip6.arpa"));
  q->type = TYPE_PTR;
}

bool question_name_is_in(struct span name, struct span zone) {
  if (zone.len == 0) return true;
  return span_ends_nocase(name, zone) &&
         (name.len == zone.len || name.s[name.len - zone.len - 1] == '.');
}

enum question_type question_family(const struct addr *a) {
  return addr_is_ipv4(a) ? TYPE_A : TYPE_AAAA;
}

bool question_addr_is_special(const struct addr *a) {
  return addr_purpose(a) != ADDR_PUBLIC;
}
