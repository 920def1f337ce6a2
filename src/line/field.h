/* field.h: lines of the form "kind key=value key=value ...", which all programs read and write.

   A line may begin with a TAI64N label (`@`, 24 hexadecimal digits, a space). The first word is the
   kind with its version ("session1"). There is one space between fields and no space in a value.
   Values are percent-encoded (escape.h). The elements of a list are joined by `,`; a `,` inside an
   element is encoded. A key is [a-z][a-z0-9]*, at most 16 bytes. The readers here borrow the line
   and copy nothing. */
#ifndef SINBIN_LINE_FIELD_H
#define SINBIN_LINE_FIELD_H

#include "base/addr.h"
#include "base/escape.h"
#include "base/span.h"

#define FIELD_KEY_MAX  16
#define LINE_BYTES_MAX 8192 /* a whole line after the last filter, LF included */

/* Splits a line into its label, which may be empty, its kind and its fields. Returns false if there
   is no kind. */
bool field_line_open(struct span line, struct span *label, struct span *kind, struct span *fields);

/* True if a program that reads lines of this kind ("session1") must pass the line on without a
   message. Such a line is one of
     - a line of another kind with its version ("lost1 ...")
     - a diagnostic ("program: ...")
     - a line of this kind that an earlier program could not read and marked (unreadmark.h)
   False for another version of this kind and for damaged lines. */
bool field_line_is_passthrough(struct span line, const char *kind);

enum field_result { FIELD_NEXT, FIELD_END, FIELD_MALFORMED };
/* Reads the next field of *rest. On FIELD_MALFORMED *key is the piece that could not be read. */
enum field_result field_next(struct span *rest, struct span *key, struct span *value);

/* Reads the next element of a list value, still encoded. Returns false at the end. An empty list
   has no elements. */
bool field_list_next(struct span *rest, struct span *element);

/* Copies the line without the fields of these keys (the last one is NULL). Returns the length,
   which is at most line.len. out may be line.s. */
size_t field_line_without(struct span line, const char *const *keys, char *out);

/* Writes a line into the caller's buffer. A field that does not fit is left out, and `full` becomes
   true. */
struct fieldwriter {
  char *buf;
  size_t cap, len;
  bool full;
};

void fieldwriter_init(struct fieldwriter *out, char *buf, size_t cap);
/* Writes the kind; call it first. */
void fieldwriter_kind(struct fieldwriter *out, const char *kind);
/* Writes " key=" and a value that is already encoded. */
void fieldwriter_text(struct fieldwriter *out, const char *key, struct span value);
void fieldwriter_number(struct fieldwriter *out, const char *key, uint64_t value);
void fieldwriter_ms(struct fieldwriter *out, const char *key, uint64_t ms);
void fieldwriter_addr(struct fieldwriter *out, const char *key, const struct addr *value);
struct span fieldwriter_span(const struct fieldwriter *out);

#endif
