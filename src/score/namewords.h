/* namewords.h: the words of host names that show what kind of host it is.

   rules/pool-words and rules/host-words are read once, when the database is opened, into a tree of
   letters with two roots: one for words read forwards, one for words read backwards.

   A run of letters in a name is compared with the words: "dsl" in "dsl-84-112-3-5", "mx" in "mx12".
   A word counts if the run
     is the word;
     ends with it, and the word has four letters or more ("ippool");
     begins with it, and the word has four letters or more ("poolip"): such a word counts neither as
       strong nor as rented, because dialog is not dial and colombia is not colo;
     ends with it, and it is a strong word of three letters ("citydsl");
     is a strong word of three letters and one letter more ("dslb");
     is two words, and one of them has two or three letters ("mxout");
     is the word, of two or three letters, and letters from a to f, before a digit ("cpeab12").
   A word with a digit ("3g", "b2b") counts only as a whole.

   The tree is allocated by namewords_load and released by namewords_free. */
#ifndef SINBIN_SCORE_NAMEWORDS_H
#define SINBIN_SCORE_NAMEWORDS_H

#include "rule/table.h"

enum {
  WORD_POOL = 1,
  WORD_STRONG = 2, /* together with WORD_POOL: the rules mark it `strong` */
  WORD_STATIC = 4,
  WORD_HOSTING = 8, /* instead of WORD_STATIC: the rules mark it `rented` */
  WORD_MAIL = 16,   /* instead of WORD_STATIC: the rules mark it `mail` */
};

struct word_node {
  uint32_t next[36]; /* letters, digits; 0: no node */
  uint8_t kinds;     /* of the word that ends here */
};

struct namewords {
  struct word_node *nodes;
  size_t count, cap;
};

/* False if the database is damaged or memory is short; namewords_free must be called even then. */
bool namewords_load(struct namewords *w, const struct table *t);
void namewords_free(struct namewords *w);

/* The kinds of all words in a name, which is in lower case. */
unsigned int namewords_find(const struct namewords *w, struct span name);

#endif
