#include "publish/list.h"
#include "base/number.h"
#include "base/utc.h"

#define COLUMN 10

static void flush(struct list_text *t) {
  if (t->len && !t->failed) t->failed = !t->write(t->sink, span_of(t->buffer, t->len));
  t->len = 0;
}

void list_put(struct list_text *t, struct span text) {
  if (text.len > sizeof t->buffer - t->len) flush(t);
  memcpy(t->buffer + t->len, text.s, text.len);
  t->len += text.len;
}

void list_begin(const struct list_form *form, struct list_text *t) {
  t->failed = false;
  t->count = 0;
  t->last_group = 0;
  t->len = 0;
  if (form->begin) form->begin(t);
}

void list_add(const struct list_form *form, struct list_text *t, const struct listing_row *l) {
  if (!t->failed) form->add(t, l);
}

bool list_end(const struct list_form *form, struct list_text *t) {
  if (form->end) form->end(t);
  flush(t);
  return !t->failed;
}

void list_add_column(struct textbuf *out, uint64_t number) {
  char digits[NUMBER_MAX];
  size_t len = number_format(digits, number);
  for (size_t i = len; i < COLUMN; i++) textbuf_put_str(out, " ");
  textbuf_put(out, span_of(digits, len));
}

void list_comment_head(const struct list_form *form, const struct list_info *info, uint64_t count,
                       struct textbuf *out) {
  char time[UTC_TEXT + 1];
  textbuf_put_str(out, "# sinbin: ");
  textbuf_put_str(out, form->title);
  textbuf_put_str(out, "\n# serial ");
  textbuf_put_number(out, info->serial);
  textbuf_put_str(out, "\n# time ");
  textbuf_put_str(out, utc_format(time, info->now));
  textbuf_put_str(out, "\n# count ");
  list_add_column(out, count);
  textbuf_put_str(out, "\n");
  if (!form->limit || count <= form->limit) return;
  textbuf_put_str(out, "# too many entries: none is in this file, since the limit is ");
  textbuf_put_number(out, form->limit);
  textbuf_put_str(out, "\n");
}

void list_add_addr(struct textbuf *out, const struct addr *ip) {
  char text[ADDR_TEXT_MAX];
  textbuf_put(out, span_of(text, addr_format(text, ip)));
}

int64_t list_round_time(int64_t unixtime) {
  return unixtime > 0 ? unixtime - unixtime % 600 : 0;
}

/* ---- merged prefixes */

static uint64_t value_of(const struct addr *ip) {
  uint64_t value = 0;
  if (addr_is_ipv4(ip)) return addr_ipv4(ip);
  for (int i = 0; i < 8; i++) value = value << 8 | ip->byte[i];
  return value;
}

static struct addr addr_of(uint64_t value, bool ipv4) {
  struct addr ip = {{0}};
  if (ipv4) return addr_from_ipv4((uint32_t)value);
  for (int i = 0; i < 8; i++) ip.byte[i] = (uint8_t)(value >> (56 - 8 * i));
  return ip;
}

static void put_prefixes(struct list_text *t, bool ipv4, list_entry *entry) {
  uint64_t value;
  unsigned int bits;
  while (cidr_next(&t->run, &value, &bits)) {
    struct addr ip = addr_of(value, ipv4);
    entry(t, &ip, bits);
  }
}

void list_merge_begin4(struct list_text *t) {
  cidr_init(&t->run, 32);
}

void list_merge_begin6(struct list_text *t) {
  cidr_init(&t->run, 64);
}

void list_merge_add(struct list_text *t, const struct addr *ip, list_entry *entry) {
  uint64_t value = value_of(ip);
  if (cidr_add(&t->run, value)) return;
  put_prefixes(t, addr_is_ipv4(ip), entry);
  cidr_add(&t->run, value);
}

void list_merge_end(struct list_text *t, bool ipv4, list_entry *entry) {
  cidr_end(&t->run);
  put_prefixes(t, ipv4, entry);
}
