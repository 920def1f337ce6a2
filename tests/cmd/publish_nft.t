#!/usr/bin/perl
# The outlet nft of sinbin-publish, loaded into a real kernel by the script of sinbin-lists(5), in a network namespace.
use strict;
use warnings;
use lib 'tests/cmd';
use Files qw(slurp spew);
use IO::Socket::IP;
use JSON::PP ();
use Publisher;
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => $Publisher::absent if $Publisher::absent;
if (!$ENV{SINBIN_TEST_NETWORK}) {
  plan skip_all => 'no network namespace with nftables here' if system('unshare -n nft list ruleset >/dev/null 2>&1') != 0;
  $ENV{SINBIN_TEST_NETWORK} = 1;
  exec 'unshare', '-n', $^X, $0 or die "unshare: $!";
}
$SIG{$_} = sub { exit 1 } for qw(INT TERM ALRM);
alarm 300;

my $store = "$top/store";
my $out = "$top/out";
mkdir $out;
make_store($store);

# What the kernel has: address => [timeout, seconds left]
sub elements {
  my ($set) = @_;
  my $json = `nft -j list set inet sinbin $set 2>/dev/null` or return {};
  my ($found) = grep { $_->{set} } @{ JSON::PP->new->decode($json)->{nftables} };
  return { map { $_->{elem}{val} => [$_->{elem}{timeout}, $_->{elem}{expires}] } @{ $found->{set}{elem} // [] } };
}

sub addresses { return join ' ', sort map { keys %{ elements($_) } } qw(bots4 bots6) }

sub soon_are {
  my ($want, $name, $seconds) = @_;
  my $got;
  wait_for($seconds // 8, sub { ($got = addresses()) eq $want });
  is $got, $want, $name;
}

# The examples of the manual.
my $page = slurp('src/publish/sinbin-lists.5');
my ($rules) = $page =~ /^(table inet sinbin \{\n.*?^\}\n)\.Ed/ms or die 'no rules in the manual';
my ($script) = $page =~ /^(#!\/bin\/sh\n.*?)\.Ed/ms or die 'no script in the manual';
$script =~ s{/var/lib/sinbin/lists}{$out} or die;
$script =~ s{\\e}{\\}g;
spew("$top/load", $script);

sub load { return start({}, 'sh', "$top/load") }

my %settings = (OUTLETS => 'nft', LIST_INTERVAL => 2, POLL => 0.05);
sql($store, "BEGIN;\n" . join('', row('192.0.2.1', 'black'), row('192.0.2.2', 'yellow'), row('192.0.2.3', 'black', until => time + 12),
  row('2001:db8::', 'black')) . "COMMIT;\n");
my $daemon = start(\%settings, $publish, $store, $out);
ok wait_for(8, sub { -e "$out/nft/full.nft" }), 'the whole list is written';    # the script ends without its directory
my $loader = load();
soon_are('192.0.2.1 192.0.2.3 2001:db8::', 'the whole list is loaded');
my $left = elements('bots4')->{'192.0.2.1'};
cmp_ok abs($left->[1] - 3600), '<', 30, 'with its timeouts';

sql($store, row('192.0.2.4', 'black') . row('2001:db8:0:7::', 'black') . row('192.0.2.5', 'brown'));
soon_are('192.0.2.1 192.0.2.3 192.0.2.4 2001:db8:0:7:: 2001:db8::', 'new listings');
sql($store, row('192.0.2.1', 'black', until => time + 7200));
ok wait_for(8, sub { my $e = elements('bots4')->{'192.0.2.1'}; $e && $e->[1] > 7000 }), 'a renewal';
is elements('bots4')->{'192.0.2.4'}[0] <= 3600, 1, 'of one listing only';
sql($store, row('192.0.2.4', 'yellow') . row('2001:db8::', 'none'));
soon_are('192.0.2.1 192.0.2.3 2001:db8:0:7::', 'listings are removed');
soon_are('192.0.2.1 2001:db8:0:7::', 'a listing ends', 20);
ok !grep({ slurp("$out/nft/$_") =~ /192\.0\.2\.5/ } grep { /^\d/ } dir("$out/nft")), 'an address that never was listed is in no change';
cmp_ok scalar(grep { /^\d{10}\.nft$/ } dir("$out/nft")), '>=', 3, 'changes are numbered files';

# ---- what a rule of the manual does
system('ip link set lo up && ip address add 192.0.2.1/32 dev lo && ip address add 192.0.2.9/32 dev lo'
    . ' && ip -6 address add 2001:db8:0:7::5/128 dev lo nodad && ip -6 address add 2001:db8:0:8::5/128 dev lo nodad') == 0
  or die 'ip';
spew("$top/rules", $rules);
is system("nft -f $top/rules"), 0, 'the rules of the manual are loaded';

sub connects {
  my ($from, $to) = @_;
  return IO::Socket::IP->new(LocalHost => $from, PeerHost => $to, PeerPort => 25, Timeout => 0.5, Type => SOCK_STREAM) ? 'yes' : 'no';
}
my @server = map { IO::Socket::IP->new(LocalHost => $_, LocalPort => 25, Listen => 5, Type => SOCK_STREAM) // die "bind $_: $@" }
  '127.0.0.1', '::1';
is connects('192.0.2.1', '127.0.0.1'), 'no', 'a listed address cannot connect';
is connects('192.0.2.9', '127.0.0.1'), 'yes', 'another one can';
is connects('2001:db8:0:7::5', '::1'), 'no', 'an address in a listed /64 cannot connect';
is connects('2001:db8:0:8::5', '::1'), 'yes', 'one of another /64 can';
sql($store, row('192.0.2.1', 'yellow'));
soon_are('2001:db8:0:7::', 'off the list');
is connects('192.0.2.1', '127.0.0.1'), 'yes', 'and it can connect';

# ---- a publisher that was away, and more changes than files take
stop($daemon, 'KILL');
sql($store, row('2001:db8:0:7::', 'none') . row('192.0.2.20', 'black'));
sleep 1.5;
is addresses(), '2001:db8:0:7::', 'the publisher is away: the sets stay';
$daemon = start(\%settings, $publish, $store, $out);
soon_are('192.0.2.20', 'it is back: the whole list is loaded again');
is connects('2001:db8:0:7::5', '::1'), 'yes', 'the rules are still there';
is connects('192.0.2.9', '127.0.0.1'), 'yes', 'and drop no other address';
sql($store, row('192.0.2.21', 'black'));
soon_are('192.0.2.20 192.0.2.21', 'and changes are loaded');

my @many = map { sprintf '10.%d.%d.%d', $_ >> 16, $_ >> 8 & 255, $_ & 255 } 1 .. 50_001;
sql($store, "BEGIN;\n" . join('', row('192.0.2.20', 'none'), map { row($_, 'black') } @many) . "COMMIT;\n");
ok wait_for(60, sub { sleep 0.5; keys %{ elements('bots4') } == 50_002 }), '50,001 new listings at once';
ok !elements('bots4')->{'192.0.2.20'}, 'and one that is removed';
sql($store, "UPDATE listing SET colour = 'none', changed = changed + 100000 WHERE ip < x'00000000000000000000ffff0a00c000' AND ip > x'00000000000000000000ffff0a000000';\n");
ok wait_for(60, sub { sleep 0.5; keys %{ elements('bots4') } == 851 }), '49,151 are removed by a file of changes';

# ---- a loader that was away
stop($loader);
sql($store, row('192.0.2.22', 'black'));
sleep 1.5;
$loader = load();
ok wait_for(10, sub { elements('bots4')->{'192.0.2.22'} }), 'a loader that is started again';
ok kill(0, $loader), 'the loader had no error';
is stop($daemon), 0, 'SIGTERM: exit 0';
stop($loader);
unlike slurp($errors), qr/warning|error/i, 'and nothing was warned of';
done_testing;
