#!/usr/bin/perl
# The limits of sinbin-listen by network, with addresses as the world has them: in a network namespace of
# its own, in which 11.0.0.0/8, 12.0.0.0/8 and 2a0b::/16 lead to this machine.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::IP;
use POSIX qw(fmod);
use Socket qw(AI_NUMERICHOST);
use Test::More;
use Time::HiRes qw(clock_gettime sleep CLOCK_MONOTONIC);
use lib 'tests/cmd';
use Files qw(slurp);

my $setup = 'ip link set lo up && echo 1 >/proc/sys/net/ipv6/ip_nonlocal_bind'
  . ' && ip route add local 11.0.0.0/8 dev lo && ip route add local 12.0.0.0/8 dev lo'
  . ' && ip -6 route add local 2a0b::/16 dev lo';
if (!$ENV{SINBIN_IN_NAMESPACE}) {
  plan skip_all => 'network namespaces: not root, or the system has none'
    if $> || system("unshare -n sh -c '$setup' >/dev/null 2>&1");
  $ENV{SINBIN_IN_NAMESPACE} = 1;
  exec 'unshare', '-n', 'sh', '-c', "$setup && exec perl \"\$0\"", $0 or die "unshare: $!";
}

my $bin = abs_path($ENV{SINBIN_BIN} || 'bin');
my $dir = tempdir(CLEANUP => 1);
my ($four, $six) = ('11.255.0.1', '2a0b:ffff::1');
my $listener;
END { my $code = $?; kill KILL => $listener if $listener; $? = $code }
delete @ENV{qw(LISTEN_FDS LISTEN_PID NOTIFY_SOCKET NOTIFY_FD LOGDIR CHECKPOINTS)};
# The greeting begins at once; a client that waits for the rest of it is held.
$ENV{DELAY_GREET} = 20;

# The listener's minutes are those of the monotonic clock: not near the end of one.
sub begin_in_a_minute { sleep 0.2 while fmod(clock_gettime(CLOCK_MONOTONIC), 60) > 35 }

sub start {
  my (@args) = @_;
  begin_in_a_minute();
  pipe(my $ready, my $ready_w) or die;
  $listener = fork() // die;
  if (!$listener) {
    open STDIN, '<', '/dev/null';
    open STDOUT, '>', "$dir/out";
    open STDERR, '>', "$dir/err";
    POSIX::dup2(fileno $ready_w, 9);
    exec "$bin/sinbin-listen", '-d', 9, '-b', "$four/25", '-b', "$six/25", '-g', 1, @args, "$bin/sinbin-smtpd"
      or POSIX::_exit(127);
  }
  close $ready_w;
  my $text = '';
  IO::Select->new($ready)->can_read(10) and sysread $ready, $text, 10;
  is $text, "\n", 'ready';
}

sub stop {
  kill TERM => $listener;
  waitpid $listener, 0;
  undef $listener;
  my ($status) = slurp("$dir/err") =~ /.*(status1 .*)$/ms;
  return $status // '';
}

# A connection and the first line that it gets.
sub visit {
  my ($from) = @_;
  my $c = IO::Socket::IP->new(PeerHost => $from =~ /:/ ? $six : $four, PeerPort => 25, LocalHost => $from,
    GetAddrInfoFlags => AI_NUMERICHOST, Timeout => 10) or die "connect from $from: $@";
  my $line = '';
  while ($line !~ /\n/ && IO::Select->new($c)->can_read(10)) { sysread($c, $line, 100, length $line) or last }
  return ($c, $line);
}

# All come, over and over again, and those that are greeted stay. Returns how many do.
sub flood {
  my ($times, @from) = @_;
  my @held;
  for (1 .. $times) {
    for my $from (@from) {
      my ($c, $line) = visit($from);
      push @held, $c if $line =~ /^220-/;
    }
  }
  return \@held;
}

sub is_greeted {
  my ($from, $name) = @_;
  my ($c, $line) = visit($from);
  like $line, qr/^220-/, $name;
  return $c;
}

my $network = "421 4.7.0 Too many connections from your network, try again later\r\n";

subtest 'a /48 fills no small trap' => sub {
  start('-c', 60);
  my $held = flood(1, map { "2a0b:dead:1:${_}::9" } 1 .. 60);
  is scalar @$held, 15, 'a quarter is its share';
  is((visit('2a0b:dead:1:99::9'))[1], $network, 'it is told so');
  my @others = map { is_greeted($_, "$_ comes in") } '2a0b:dead:2::9', '2a0b:beef::9', '12.1.2.3';
  like stop(), qr/ peak=18 .* network=46 netminute=0 minute=0 /, 'counted';
};

subtest 'a /32 of IPv6' => sub {
  start('-c', 1000);
  my $held = flood(1, map { sprintf '2a0b:dead:%x::9', $_ } 1 .. 600);
  is scalar @$held, 120, 'it has 120 connections in a minute, from whichever /48';
  my @others = map { is_greeted($_, "$_ comes in") } '2a0b:beef::9', '12.1.2.3';
  like stop(), qr/ network=0 netminute=480 minute=0 /, 'counted';
};

subtest 'a /32 of IPv6 that takes its time' => sub {
  start('-c', 1000, '-m', 0, '-M', 0);
  my $held = flood(1, map { sprintf '2a0b:dead:%x::9', $_ } 1 .. 600);
  is scalar @$held, 200, 'it holds 200';
  my @others = map { is_greeted($_, "$_ comes in") } '2a0b:beef::9', '12.1.2.3';
  stop();
};

subtest '2,000 IPv4 addresses, each in a /24 of its own' => sub {
  start();
  my $held = flood(2, map { '11.' . ($_ % 250) . '.' . int($_ / 250) . '.9' } 0 .. 1999);
  cmp_ok scalar @$held, '>', 900, 'hold ' . @$held . ' of 4,000';
  cmp_ok scalar @$held, '<', 4000, 'and no more come in';
  my @others = map { is_greeted($_, "$_ comes in") } '12.1.2.3', '2a0b:beef::9';
  stop();
};

subtest 'addresses in networks /16 of their own, as many as half of all places' => sub {
  start('-c', 400, '-M', 0);
  my @from = map { my $n = $_; "11.$n.0.9", "12.$n.0.9" } 1 .. 100;
  my $held = flood(20, @from);
  cmp_ok scalar @$held, '>=', 200, 'hold ' . @$held . ' of 400';
  my @others = map { is_greeted($_, "$_ comes in") } '12.201.2.3', '12.202.2.3', '2a0b:beef::9';
  stop();
};

subtest 'limits that are switched off' => sub {
  start('-c', 100, '-n', 0, '-m', 0, '-M', 0, '-4', 0);
  my $held = flood(100, '11.1.1.1');
  is scalar @$held, 100, 'one address has all places';
  is((visit('12.1.1.1'))[1], "421 4.7.0 Too many connections, try again later\r\n", 'and it is full');
  stop();
};

subtest 'a total for each minute' => sub {
  start('-M', 8);
  my $held = flood(1, map { "11.$_.1.1" } 1 .. 9);
  is scalar @$held, 8, 'eight of nine come in';
  is((visit('12.1.1.1'))[1], "421 4.7.0 Too many connections, try again later\r\n", 'and no other peer');
  like stop(), qr/ network=0 netminute=0 minute=2 /, 'counted';
};

# Interfaces lose their addresses of IPv6, as by a sysctl.conf or in a container; sockets of it can be made.
subtest 'IPv6 that is switched off' => sub {
  my $sysctl = '/proc/sys/net/ipv6';
  system('sh', '-c', "echo 0 >$sysctl/ip_nonlocal_bind; echo 1 >$sysctl/conf/all/disable_ipv6") == 0 or die;
  start('-b', '::/26', '-b', '2001:db8::1/25');
  like slurp("$dir/err"), qr/warning: not listening on \Q$six\E\/25: this system has no IPv6$/m, 'a warning';
  like slurp("$dir/err"), qr/warning: not listening on 2001:db8::1\/25: this system has no IPv6$/m, 'one for each address';
  is_greeted('12.1.1.1', 'IPv4 is served');
  stop();
  system('sh', '-c', "echo 0 >$sysctl/conf/all/disable_ipv6") == 0 or die;
  my $said = `$bin/sinbin-listen -b $four/25 -b 2001:db8::1/25 true 2>&1`;
  is $? >> 8, 111, 'switched on, an address that is not ours is an error';
  like $said, qr/fatal: unable to listen on 2001:db8::1\/25: Cannot assign requested address/, 'it says which';
};

done_testing;
