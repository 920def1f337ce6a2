#!/usr/bin/perl
# The shipped rules know the bots among the labelled sessions of tests/data/sessions, and take nobody honest for
# one (make eval-sessions shows more).
use strict;
use warnings;
$ENV{ALLOW_ROOT} //= 1; # daemons refuse root unless told
use Test::More;
use lib 'tests/eval', 'tests/cmd';
use Verdicts qw(labelled site_rules without_dns judged tally matrix explained);

# A bot that is missed comes again; who is wronged may lose mail.
my $least = 0.95;

my $rules = site_rules();
my @all = judged($rules, labelled());
my $t = tally(@all);
cmp_ok $t->{bots}, '>=', 70, 'kinds of bots enough';
is $t->{false}, 0, 'no mail server and no mail program is taken for a bot';
cmp_ok $t->{known} / $t->{bots}, '>=', $least, 'of the bots nearly all are known';
for my $s (grep { $_->{wrong} && $_->{label} ne 'bot' } @all) { diag explained($rules, $s) }

my @blind = without_dns(labelled());
is scalar(grep { $_->{line} =~ / (?:ptr|heloa|dnsbl)=/ } @blind), 0, 'no fact of DNS is left';
$t = tally(judged($rules, @blind));
is $t->{false}, 0, 'nor is an honest one without the facts of DNS';
cmp_ok $t->{known}, '>', 0, 'some bots are known without them';
done_testing;
