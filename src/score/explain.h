/* explain.h: a judgement as a small table that a person reads.

     192.0.2.7 bot, score 18: a sin is sure
       family    sin              weight  counts  why
       timing    early-talk-sure  8 sure  8       banner:0.310:14:EHLO%20ylmf-pc%0D%0A
       wire      odd-space        2 hint  2       MAIL%20FROM:%20<A>
       helo      helo-bot         8 sure  8       ylmf-pc (helo:12)

   Behind the score stands what decided: the whitelist's entry, a sure sin, witnesses, or what was
   missing where the score alone would have made it a bot. `counts` is what the sin adds to the
   score: the whole weight, half of it beside a heavier one of its family, or nothing for good
   conduct beside a stronger one or a sure sin. The last column shows the bytes of the line, still
   encoded, and where the rules have the entry that condemned them. Of several lists each has a line
   with its weight:

       source    listed      8 sure  8       strong.example:127.0.0.2 (dnsbl:2): 8 sure
                                             zen.example:127.0.0.4 (dnsbl:1): 4 */
#ifndef SINBIN_SCORE_EXPLAIN_H
#define SINBIN_SCORE_EXPLAIN_H

#include "score/score.h"

#define EXPLAIN_TEXT_MAX 49152

/* At most EXPLAIN_TEXT_MAX bytes, enough for every sin with its evidence; returns the length. */
size_t explain_line(const struct judgement *j, char *out);

#endif
