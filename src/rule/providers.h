/* providers.h: compares neverlist and bigco with what providers publish.

   A source is a file: an SPF record (spf.h), named after its domain, or ranges as JSON
   (jsonlist.h). A record that is included by another one, or that another one redirects to, belongs
   to that one. A record that is not among the files is a warning. Differences, in this order:

     neverlist  + a published prefix that neverlist does not hold completely
                - an entry with addresses that no source has, except special-purpose ones
     bigco      + the domain of a record without an entry, or a `ptr:` domain that an entry lacks
                - an entry without a record for its domain and suffixes

   If a part of an entry is published, that part is also a `+`: a person who removes the entry must
   add it. */
#ifndef SINBIN_RULE_PROVIDERS_H
#define SINBIN_RULE_PROVIDERS_H

#include "rule/tabletext.h"

struct provider {
  const char *name; /* name of the file, without its directory */
  struct span text; /* of the file */
  /* Filled in by providers_read: */
  bool is_spf;
  char *record; /* freed by providers_free */
  size_t record_len;
  const struct provider *parent; /* the record that includes this one */
  struct tabletext prefixes;     /* finished */
};

enum difference_of { DIFFERENCE_NEVERLIST, DIFFERENCE_BIGCO };

struct difference {
  enum difference_of of;
  char sign; /* + or - */
  struct prefix prefix;
  struct span name;              /* bigco: the domain, */
  struct span suffix;            /* and the suffix that its entry lacks, or empty */
  const struct provider *source; /* of a + */
  uint32_t line;                 /* of a - */
};

struct differences {
  struct difference *list;
  size_t count, room;
};

/* Reads the sources. A malformed source is an error that is added; false is errno ENOMEM. */
bool providers_read(struct provider *providers, size_t count, struct rule_errors *errors);
/* The record that includes this one, directly or through others; shown to a person. */
const struct provider *providers_root(const struct provider *p);
/* Appends to *out, whose list the caller frees. Both tables are finished. False is errno ENOMEM. */
bool providers_compare(const struct provider *providers, size_t count,
                       const struct tabletext *neverlist, const struct tabletext *bigco,
                       struct differences *out);
void providers_free(struct provider *providers, size_t count);

#endif
