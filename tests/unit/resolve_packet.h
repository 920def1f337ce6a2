/* resolve_packet.h: DNS messages for tests, built from words.

   packet_begin writes the header and the question. packet_record adds a record to a section, whose
   counter it increments, and packet_data its data. Names are text. Nothing is compressed. */
#ifndef SINBIN_TESTS_RESOLVE_PACKET_H
#define SINBIN_TESTS_RESOLVE_PACKET_H

#include "resolve/dnsresult.h"
#include <stdlib.h>

struct packet_out {
  uint8_t data[65535];
  size_t len;
};

enum { SECTION_ANSWER = 6, SECTION_AUTHORITY = 8 }; /* index of the counter in the header */

static inline void packet_16(struct packet_out *p, unsigned int value) {
  p->data[p->len++] = (uint8_t)(value >> 8);
  p->data[p->len++] = (uint8_t)value;
}

static inline void packet_32(struct packet_out *p, uint32_t value) {
  packet_16(p, value >> 16);
  packet_16(p, value & 0xffff);
}

static inline void packet_name(struct packet_out *p, const char *name) {
  struct span rest = span_str(name);
  while (rest.len) {
    struct span label = span_cut(&rest, '.');
    p->data[p->len++] = (uint8_t)label.len;
    memcpy(p->data + p->len, label.s, label.len);
    p->len += label.len;
  }
  p->data[p->len++] = 0;
}

static inline void packet_begin(struct packet_out *p, const struct question *q, int rcode) {
  static const uint8_t header[12] = {0, 7, 0x81, 0x80, 0, 1};
  memcpy(p->data, header, sizeof header);
  p->data[3] = (uint8_t)(0x80 | rcode);
  p->len = sizeof header;
  packet_name(p, q->name);
  packet_16(p, q->type);
  packet_16(p, 1);
}

static inline void packet_record(struct packet_out *p, int section, const char *owner, int type,
                                 uint32_t ttl) {
  p->data[section + 1]++;
  if (p->data[section + 1] == 0) p->data[section]++;
  packet_name(p, owner);
  packet_16(p, (unsigned int)type);
  packet_16(p, 1);
  packet_32(p, ttl);
  packet_16(p, 0); /* the length; packet_data sets it */
}

static inline void packet_data(struct packet_out *p, const void *data, size_t len) {
  p->data[p->len - 2] = (uint8_t)(len >> 8);
  p->data[p->len - 1] = (uint8_t)len;
  memcpy(p->data + p->len, data, len);
  p->len += len;
}

static inline void packet_a(struct packet_out *p, const char *owner, uint32_t ttl, uint32_t ip) {
  const uint8_t byte[4] = {(uint8_t)(ip >> 24), (uint8_t)(ip >> 16), (uint8_t)(ip >> 8),
                           (uint8_t)ip};
  packet_record(p, SECTION_ANSWER, owner, TYPE_A, ttl);
  packet_data(p, byte, sizeof byte);
}

/* A record whose data is a name; for MX after a preference of 0. */
static inline void packet_target(struct packet_out *p, const char *owner, int type, uint32_t ttl,
                                 const char *target) {
  static struct packet_out name;
  name.len = type == TYPE_MX ? 2 : 0;
  name.data[0] = name.data[1] = 0;
  packet_name(&name, target);
  packet_record(p, SECTION_ANSWER, owner, type, ttl);
  packet_data(p, name.data, name.len);
}

static inline void packet_soa(struct packet_out *p, const char *zone, uint32_t ttl,
                              uint32_t minimum) {
  uint8_t data[22] = {0, 0};
  for (int i = 0; i < 4; i++) data[18 + i] = (uint8_t)(minimum >> (24 - 8 * i));
  packet_record(p, SECTION_AUTHORITY, zone, 6, ttl);
  packet_data(p, data, sizeof data);
}

/* The result of the packet, from a block of exactly its size, so that ASan sees reads past it. */
static inline struct dnsresult packet_read(const struct packet_out *p, const struct question *q) {
  struct dnsresult f;
  uint8_t *exact = malloc(p->len);
  memcpy(exact, p->data, p->len);
  dnsresult_decode(exact, p->len, q, &f);
  free(exact);
  return f;
}

#endif
