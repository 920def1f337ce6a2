/* format.h: the formats that address lists come in, and how a text shows which one it has.

     list  one entry a line, as in our own files; `;` begins a comment, too
     rpz   a response policy zone, as a DNS zone file (reader_rpz.c)
     csv   columns separated by commas, tabs or semicolons, the address in the first (reader_csv.c)
     zone  a data file of rbldnsd: ip4set, ip4tset, ip4trie, ip6trie, ip6tset, dnset (reader_zone.c)
     json  one JSON text, or several one after another (jsonlist.h)

   A first line `#format WORD` names the format. Without that line the text itself must show it:

     zone  a directive ($SOA...), a line of default values (:127.0.0.2:...), or a value that begins
           with a colon after an entry
     csv   a comma after the first column, or a quote at the beginning of a line
     rpz   a record of type CNAME
     json  a brace or bracket as the first byte
     list  none of these

   A text that shows two formats is refused. Tabs and semicolons may mean something else, so they
   count only in files that are not written by hand, and only in the first line that is not a
   comment.

   To add a format: a constant and a row in formats[] here, and a reader of its lines (readers.h) or
   of its whole text. */
#ifndef SINBIN_RULE_FORMAT_H
#define SINBIN_RULE_FORMAT_H

#include "rule/errors.h"

struct ruleline;
struct rulefile;
struct rulefile_tables;

/* A line as the search for a format sees it. */
struct format_line {
  struct span line; /* without blanks at both ends; not empty, not a comment or a directive */
  struct span word; /* its first word, or a range with blanks around the hyphen, */
  struct span rest; /* and what follows that */
};

/* The rules of one format. Each set of bytes ends in a NUL. A format has read_line or read_text;
   with neither, a line is read as the rule file reads its own. */
struct format {
  const char *name;  /* as in `#format WORD` */
  const char *title; /* as in a message */
  char comment[3];   /* a line that begins with one of these bytes is a comment, */
  char trailing[3];  /* what follows one of these after a blank is one, */
  char glued[3];     /* and what follows one of these directly after an address */
  char separator[4]; /* between columns */
  bool directives;   /* a comment byte with `$` after it begins a directive */
  bool (*shows)(const struct format_line *line); /* does the line show this format? or NULL */
  bool (*begins)(struct span text);              /* does the beginning of the text? or NULL */
  bool (*read_line)(struct ruleline *rl);
  bool (*read_text)(const struct rulefile *file, struct span text, struct rulefile_tables *tables,
                    struct rule_errors *errors);
};

/* A line is compared with the formats in this order. */
enum format_id { FORMAT_LIST, FORMAT_RPZ, FORMAT_CSV, FORMAT_ZONE, FORMAT_JSON, FORMATS };
extern const struct format formats[FORMATS];
/* The format of rule files that no list can take the place of. */
extern const struct format format_own;

#define FORMAT_UNKNOWN "unknown format (list, rpz, csv, zone or json)"
/* The format with this name, or NULL. */
const struct format *format_find(struct span name);

/* What a text shows. */
struct format_found {
  const struct format *format;
  /* It is a list, but may be a CSV with tabs or semicolons: in the first line that is not a comment
     there is a tab between words, or a semicolon that begins no comment, because a heading is in
     front of it, or an address with another one after it. Not set after `#format WORD`. */
  bool has_columns;
};

/* False after an error, which is reported for `file`. */
bool format_detect(struct span text, const char *file, struct rule_errors *errors,
                   struct format_found *out);

/* Can this be the name of a column? It begins with a letter and has neither a dot nor a colon, or
   it is empty. */
bool format_is_heading(struct span column);

/* Is this the rest of a record in a DNS zone file, after its owner: [TTL] [IN] TYPE DATA? */
bool format_is_record(struct span rest);

/* The word of a zone line that gives its addresses; what follows it goes to *rest. */
struct span format_zone_word(struct span line, struct span *rest);

#endif
