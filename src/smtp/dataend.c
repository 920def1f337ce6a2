#include "smtp/dataend.h"

/* The state after the last byte, and the state after the next byte:

             CR       LF       .      other
   TEXT      CR       TEXT     TEXT   TEXT
   CR        CR       LINE     TEXT   TEXT
   LINE      CR       TEXT     DOT    TEXT
   DOT       DOT_CR   TEXT     TEXT   TEXT
   DOT_CR    CR       the end  TEXT   TEXT */
bool dataend_byte(enum dataend *state, char c) {
  enum dataend before = *state;
  *state = DATAEND_TEXT;
  if (c == '\r') *state = before == DATAEND_DOT ? DATAEND_DOT_CR : DATAEND_CR;
  else if (c == '\n' && before == DATAEND_CR) *state = DATAEND_LINE;
  else if (c == '.' && before == DATAEND_LINE) *state = DATAEND_DOT;
  return c == '\n' && before == DATAEND_DOT_CR;
}
