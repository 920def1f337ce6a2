#!/usr/bin/perl
# Names of pools are distinguished from names of mail hosts: the shipped words and rules on the schemes of
# tests/data/names (make eval-names prints more).
use strict;
use warnings;
$ENV{ALLOW_ROOT} //= 1; # daemons refuse root unless told
use Test::More;
use lib 'tests/eval';
use Names qw(half_of judged tally);

# If a pool's name is missed, one witness is missing; if a mail host's name is classified as a pool's, mail may be
# refused. The limits are the same for both halves; the rules were made without the held-out one.
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
  cmp_ok $pools->{any}, '>=', $least{any}, "pools classified as generic, $half";
  cmp_ok $pools->{pool}, '>=', $least{pool}, "pools classified as pools, $half";
  cmp_ok $hosts->{count}, '>', 400, "mail hosts, $half";
  cmp_ok $hosts->{pool}, '<', $most{pool}, "mail hosts classified as pools, $half";
  cmp_ok $hosts->{any}, '<', $most{any}, "mail hosts classified as generic, $half";
}
my $defaults = tally(grep { $_->{scheme}{default} } @hosts);
cmp_ok $defaults->{pool}, '<', $most{pool}, 'hosting defaults classified as pools';

done_testing;
