#!/usr/bin/perl
# The shipped rules know the bots among the labelled sessions of tests/data/sessions, and never give an honest client
# the verdict bot, for any result of the resolver (make eval-sessions prints more).
use strict;
use warnings;
$ENV{ALLOW_ROOT} //= 1; # daemons refuse root unless told
use Test::More;
use lib 'tests/eval', 'tests/cmd';
use Verdicts qw(labelled frozen is_frozen site_rules without_dns dns_facts without judged tally explained);

my $frozen_least = 90;    # of the 100 bots that were known on the day of tests/eval/frozen

my $rules = site_rules();
my @all = judged($rules, labelled());
my $t = tally(@all);
cmp_ok $t->{bots}, '>=', 104, 'enough kinds of bots';
is $t->{false}, 0, 'no mail server and no mail program is a bot';
for my $s (grep { $_->{wrong} && $_->{label} ne 'bot' } @all) { diag explained($rules, $s) }

my @blind = without_dns(labelled());
is scalar(grep { $_->{line} =~ / (?:ptr|heloa|dnsbl)=/ } @blind), 0, 'no DNS field is left';
$t = tally(judged($rules, @blind));
is $t->{false}, 0, 'without DNS fields no honest client is a bot';
cmp_ok $t->{known}, '>', 0, 'some bots are known without them';

# The sessions of one day keep their labels, and the bots that were known stay known.
my @frozen = frozen();
my %label = map { ($_->{name} . ' ' . $_->{label} => 1) } labelled();
is_deeply [grep { !$label{"$_->{name} $_->{label}"} } @frozen], [], 'each session of the day still has its label';
is scalar(grep { $_->{label} eq 'bot' } @frozen), 104, '104 of them are bots';
is scalar(grep { $_->{label} eq 'bot' && $_->{was} eq 'bot' } @frozen), 100, '100 of the bots were known';
my @now = judged($rules, @frozen);
is tally(@now)->{false}, 0, 'no honest client of the day is a bot';
is tally(judged($rules, without_dns(@frozen)))->{false}, 0, 'no honest client of the day is a bot without DNS fields';
my @stay = grep { $_->{label} eq 'bot' && $_->{was} eq 'bot' && $_->{verdict} eq 'bot' } @now;
cmp_ok scalar(@stay), '>=', $frozen_least, 'enough of the bots stay known';

# Fewer DNS fields never turn a session into a bot: every subset of them is removed.
my (@fewer, @whole);
for my $s (@all, @now) {
    my @facts = dns_facts($s);
    for my $subset (1 .. 2**@facts - 1) {
        push @fewer, without($s, map { $facts[$_] } grep { $subset >> $_ & 1 } 0 .. $#facts);
        push @whole, $s;
    }
}
cmp_ok scalar(@fewer), '>', 1000, 'enough lines with fewer DNS fields';
my @judged = judged($rules, @fewer);
my @harsher = grep { $judged[$_]{verdict} eq 'bot' && $whole[$_]{verdict} !~ /^(?:bot|exempt)$/ } 0 .. $#judged;
is scalar(@harsher), 0, 'fewer DNS fields never give a harsher verdict';
diag explained($rules, $judged[$_]), $judged[$_]{line} for @harsher;
done_testing;
