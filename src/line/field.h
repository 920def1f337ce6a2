/* field.h: lines of "kind key=value key=value ...", the form that every program of the suite
   speaks.

   A line may begin with a TAI64N label (`@`, 24 hexadecimal digits, a space). The first word is the
   kind with its version ("session1"). One space stands between fields, none inside a value. Values
   are percent-encoded (escape.h); lists are joined by `,` with `,` encoded inside an element.
   A key is [a-z][a-z0-9]*, at most 16 bytes. Readers here borrow the line and copy nothing. */
#ifndef SINBIN_LINE_FIELD_H
#define SINBIN_LINE_FIELD_H

#include "base/addr.h"
#include "base/escape.h"
#include "base/span.h"

#define FIELD_KEY_MAX  16
#define LINE_BYTES_MAX 8192 /* a whole line behind the last filter, LF included */

/* Takes an optional label and the kind off the line. False where there is no kind. */
bool field_line_open(struct span line, struct span *label, struct span *kind, struct span *fields);

/* True of a line of another kind with its version ("lost1 ..."), of a diagnostic ("program: ..."),
   and of a line of this kind that an earlier reader could not read and marked (unreadmark.h): whoever
   reads lines of one kind ("session1") passes them on and has nothing to say. Another version of
   its own kind, or what only may have been a line once, is not meant. */
bool field_line_is_passthrough(struct span line, const char *kind);

enum field_result { FIELD_NEXT, FIELD_END, FIELD_MALFORMED };
/* The next field of *rest. On FIELD_MALFORMED *key holds the piece that could not be read. */
enum field_result field_next(struct span *rest, struct span *key, struct span *value);

/* The next element of a list value, still encoded. False at the end. An empty list has no element.
 */
bool field_list_next(struct span *rest, struct span *element);

/* Copies the line without the fields of these keys (ended by NULL) and returns the length, which is
   at most the line's. out may be where the line is. */
size_t field_line_without(struct span line, const char *const *keys, char *out);

/* A line under construction in the caller's buffer. What does not fit is left out whole and `full`
   becomes true; the buffer never overflows. */
struct fieldwriter {
  char *buf;
  size_t cap, len;
  bool full;
};

void fieldwriter_init(struct fieldwriter *out, char *buf, size_t cap);
/* The kind, first of all. */
void fieldwriter_kind(struct fieldwriter *out, const char *kind);
/* " key=" and a value that is encoded already. */
void fieldwriter_text(struct fieldwriter *out, const char *key, struct span value);
void fieldwriter_number(struct fieldwriter *out, const char *key, uint64_t value);
void fieldwriter_ms(struct fieldwriter *out, const char *key, uint64_t ms);
void fieldwriter_addr(struct fieldwriter *out, const char *key, const struct addr *value);
struct span fieldwriter_span(const struct fieldwriter *out);

#endif
