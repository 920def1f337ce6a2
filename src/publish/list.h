/* list.h: the black listings as text for other programs than rbldnsd. One list is one file.

   A struct list_form describes a list: the outlet that it belongs to, its name, and its text. The
   text is a head and then the entries of the listings, which are added in ascending order of the
   keys: IPv4 first. The head holds the number of entries, which is known only at the end: it has
   the same length whatever the number is, so that it can be written twice.

     outlet   names of the files
     text     ip4.txt ip6.txt cidr4.txt cidr6.txt   one address, /64 or merged prefix a line
     csv      decisions.csv                         the columns of CrowdSec's decisions
     json     listings.jsonl                        a JSON object a line; the head is one, too
     nft      nft/full.nft                          sets of nftables (nftchanges.h)
     postfix  postfix4                              for postmap(1)
              postfix4.cidr postfix6.cidr           at most LIST_CIDR_TABLE_MAX entries

   Sins come from the store and are not trusted; txt_add_sins keeps only [a-z0-9-] of them. What is
   made for others to read (csv, json) has times that are rounded down to ten minutes, as in the TXT
   records. Pure. */
#ifndef SINBIN_PUBLISH_LIST_H
#define SINBIN_PUBLISH_LIST_H

#include "publish/cidr.h"
#include "base/textbuf.h"
#include "store/reader.h"
#include <stdbool.h>
#include <stdint.h>

#define LIST_BUFFER         65536
#define LIST_ENTRY_MAX      1024
#define LIST_HEAD_MAX       1024
#define LIST_CIDR_TABLE_MAX 20000

/* What all lists of one writing share. */
struct list_info {
  uint64_t serial;
  int64_t now;
  uint64_t changes; /* the number of the last file of changes for nftables */
  struct span url;  /* of the look-up page; may be empty */
};

/* The text of one list while it is made. `write` takes what is in the buffer when that is full. */
struct list_text {
  const struct list_info *info;
  bool (*write)(void *sink, struct span text);
  void *sink;
  bool failed; /* write has returned false; nothing more is written */
  uint64_t count;
  uint64_t last_group; /* of list_nft.c: the family and the number of elements of its last line */
  struct cidr run;
  size_t len;
  char buffer[LIST_BUFFER];
};

struct list_form {
  const char *outlet, *name;
  const char *title;
  uint64_t limit; /* if there are more entries, the file is to be the head alone; 0: no limit */
  void (*head)(const struct list_form *form, const struct list_info *info, uint64_t count,
               struct textbuf *out);
  void (*begin)(struct list_text *t); /* NULL: nothing to do; end, too */
  void (*add)(struct list_text *t, const struct listing_row *l);
  void (*end)(struct list_text *t);
};

/* Each array ends with a form without a name. */
extern const struct list_form list_text_forms[], list_csv_forms[], list_json_forms[],
    list_nft_forms[], list_postfix_forms[];

/* For those who make and use a list. */
void list_begin(const struct list_form *form, struct list_text *t);
void list_add(const struct list_form *form, struct list_text *t, const struct listing_row *l);
/* False if a write failed. */
bool list_end(const struct list_form *form, struct list_text *t);

/* For the forms. Adds a text of at most LIST_BUFFER bytes. */
void list_put(struct list_text *t, struct span text);
/* A head of comment lines: title, serial, time and count. */
void list_comment_head(const struct list_form *form, const struct list_info *info, uint64_t count,
                       struct textbuf *out);
/* The number in ten columns, with blanks in front. */
void list_add_column(struct textbuf *out, uint64_t number);
/* "192.0.2.1", "2001:db8::", without a length. */
void list_add_addr(struct textbuf *out, const struct addr *ip);
/* A time rounded down to ten minutes. */
int64_t list_round_time(int64_t unixtime);

/* A list of merged prefixes: list_merge_begin of its family, then list_merge_add for each address,
   which calls entry for each prefix that is complete, and list_merge_end. */
void list_merge_begin4(struct list_text *t);
void list_merge_begin6(struct list_text *t);
typedef void list_entry(struct list_text *t, const struct addr *ip, unsigned int bits);
void list_merge_add(struct list_text *t, const struct addr *ip, list_entry *entry);
void list_merge_end(struct list_text *t, bool ipv4, list_entry *entry);

#endif
