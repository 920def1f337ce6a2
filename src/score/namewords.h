/* tokens.h: the words by which host names are told apart, made ready for many names.

   rules/pool-words and rules/host-words are read once, when the database is opened, into a tree of
   letters with two roots, for words forwards and backwards. A word of a name is a run of letters:
   "dsl" of "dsl-84-112-3-5", "mx" of "mx12". It counts where it is in the rules; where it ends with
   a word of four letters or more ("ippool") or begins with one ("poolip", but then no word counts
   as strong, nor as rented: dialog is no dial, colombia no colo); where it ends with a strong one
   of three ("citydsl") or is one and a letter ("dslb"); where it is two words ("mxout"), or a word
   before hexadecimal digits ("cpeab12"). One with a digit ("3g", "b2b") counts whole only.

   The tree is memory of its own, until namewords_free. */
#ifndef SINBIN_SCORE_NAMEWORDS_H
#define SINBIN_SCORE_NAMEWORDS_H

#include "rule/table.h"

enum {
  WORD_POOL = 1,
  WORD_STRONG = 2, /* beside WORD_POOL: the rules call it strong */
  WORD_STATIC = 4,
  WORD_HOSTING = 8, /* without WORD_STATIC: the rules call it rented */
  WORD_MAIL = 16,   /* without WORD_STATIC: the rules call it mail */
};

struct word_node {
  uint32_t next[36]; /* letters, digits; 0: none */
  uint8_t kinds;     /* of the word that ends here */
};

struct namewords {
  struct word_node *nodes;
  size_t count, room;
};

/* False: the database is damaged, or memory is short. To be freed all the same. */
bool namewords_load(struct namewords *w, const struct table *t);
void namewords_free(struct namewords *w);

/* The kinds of all words of a name in lower case. */
unsigned int namewords_find(const struct namewords *w, struct span name);

#endif
