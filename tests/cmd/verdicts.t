#!/usr/bin/perl
# The shipped rules know the bots among the labelled sessions of tests/data/sessions, and take nobody honest for
# one, whatever the resolver found (make eval-sessions shows more).
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
cmp_ok $t->{bots}, '>=', 104, 'kinds of bots enough';
is $t->{false}, 0, 'no mail server and no mail program is taken for a bot';
for my $s (grep { $_->{wrong} && $_->{label} ne 'bot' } @all) { diag explained($rules, $s) }

my @blind = without_dns(labelled());
is scalar(grep { $_->{line} =~ / (?:ptr|heloa|dnsbl)=/ } @blind), 0, 'no fact of DNS is left';
$t = tally(judged($rules, @blind));
is $t->{false}, 0, 'nor is an honest one without the facts of DNS';
cmp_ok $t->{known}, '>', 0, 'some bots are known without them';

# The sessions of a day keep their labels, and their bots stay bots.
my @frozen = frozen();
my %label = map { ($_->{name} . ' ' . $_->{label} => 1) } labelled();
is_deeply [grep { !$label{"$_->{name} $_->{label}"} } @frozen], [], 'each session of the day has the label that it had';
is scalar(grep { $_->{label} eq 'bot' } @frozen), 104, 'they are 104 bots';
is scalar(grep { $_->{label} eq 'bot' && $_->{was} eq 'bot' } @frozen), 100, 'of which 100 were known';
my @now = judged($rules, @frozen);
is tally(@now)->{false}, 0, 'nobody honest among them is taken for a bot';
is tally(judged($rules, without_dns(@frozen)))->{false}, 0, 'nor without the facts of DNS';
my @stay = grep { $_->{label} eq 'bot' && $_->{was} eq 'bot' && $_->{verdict} eq 'bot' } @now;
cmp_ok scalar(@stay), '>=', $frozen_least, 'of the bots these stay known';

# Fewer facts of DNS never make a bot of a session that is none: every subset of them is taken away.
my (@fewer, @whole);
for my $s (@all, @now) {
    my @facts = dns_facts($s);
    for my $subset (1 .. 2**@facts - 1) {
        push @fewer, without($s, map { $facts[$_] } grep { $subset >> $_ & 1 } 0 .. $#facts);
        push @whole, $s;
    }
}
cmp_ok scalar(@fewer), '>', 1000, 'enough lines with fewer facts';
my @judged = judged($rules, @fewer);
my @harsher = grep { $judged[$_]{verdict} eq 'bot' && $whole[$_]{verdict} !~ /^(?:bot|exempt)$/ } 0 .. $#judged;
is scalar(@harsher), 0, 'fewer facts of DNS give no harsher verdict';
diag explained($rules, $judged[$_]), $judged[$_]{line} for @harsher;
done_testing;
