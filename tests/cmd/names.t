#!/usr/bin/perl
# Names of pools are told from names of mail hosts: the words and rules as shipped against the schemes of
# tests/data/names (make eval-names shows more).
use strict;
use warnings;
$ENV{ALLOW_ROOT} //= 1; # daemons refuse root unless told
use Test::More;
use lib 'tests/eval';
use Names qw(half_of judged tally);

# A pool's name that is missed costs one witness; a mail host that is taken for one may cost mail. What is
# asked of both halves is the same: the one held out had no part in making the rules.
my %least = (any => 0.90, pool => 0.60);
my %most = (pool => 0.01, any => 0.01);

my $bin = $ENV{SINBIN_BIN} || 'bin';
my $rules = File::Temp->new(SUFFIX => '.cdb');
is system("$bin/sinbin-rules -o $rules rules >/dev/null"), 0, 'the rules as shipped';
my @pools = judged('tests/data/names/pool.txt', $rules, 6);
my @hosts = judged('tests/data/names/hosts.txt', $rules, 4);

sub providers { my %seen = map { ($_->{scheme}{provider} => 1) } @_; return scalar keys %seen }
cmp_ok providers(@pools), '>=', 200, 'pools of 200 providers and more';
cmp_ok scalar(@hosts), '>=', 400, '400 hosts and more';

for my $half ('develop', 'held out') {
  my $pools = tally(grep { half_of($_->{scheme}) eq $half } @pools);
  my $hosts = tally(grep { !$_->{scheme}{default} && half_of($_->{scheme}) eq $half } @hosts);
  cmp_ok $pools->{count}, '>', 1000, "pool names, $half";
  cmp_ok $pools->{any}, '>=', $least{any}, "told as pools or for their address, $half";
  cmp_ok $pools->{pool}, '>=', $least{pool}, "told as pools, $half";
  cmp_ok $hosts->{count}, '>', 400, "mail hosts, $half";
  cmp_ok $hosts->{pool}, '<', $most{pool}, "mail hosts taken for pools, $half";
  cmp_ok $hosts->{any}, '<', $most{any}, "mail hosts taken for anything, $half";
}
my $defaults = tally(grep { $_->{scheme}{default} } @hosts);
cmp_ok $defaults->{pool}, '<', $most{pool}, 'hosting defaults taken for pools';

done_testing;
