/* explain.h: a judgement as a small table for a person.

     192.0.2.7 bot, score 18: a sin is sure
       family    sin              weight  counts  why
       timing    early-talk-sure  8 sure  8       banner:0.310:14:EHLO%20ylmf-pc%0D%0A
       wire      odd-space        2 hint  2       MAIL%20FROM:%20<A>
       helo      helo-bot         8 sure  8       ylmf-pc (helo:12)

   The text after the score says what decided: the entry of a whitelist, a sure sin, witnesses, or
   what was missing if the score alone would have made the client a bot.

   `counts` is what the sin adds to the score: the whole weight; half of it if a sin of its family
   is heavier; for good conduct nothing if its family has a stronger one or if a sin is sure.

   `why` shows the bytes of the line, still encoded, and the file and line of the rules that condemn
   them. If several lists have the client, each has a line with its weight:

       source    listed      8 sure  8       strong.example:127.0.0.2 (dnsbl:2): 8 sure
                                             zen.example:127.0.0.4 (dnsbl:1): 4 */
#ifndef SINBIN_SCORE_EXPLAIN_H
#define SINBIN_SCORE_EXPLAIN_H

#include "score/score.h"

#define EXPLAIN_TEXT_MAX 49152

/* Writes at most EXPLAIN_TEXT_MAX bytes, enough for every sin with its reason; returns the
   length. */
size_t explain_line(const struct judgement *j, char *out);

#endif
