#!/usr/bin/perl
# Strangers who flood a trap, through the trap's own sinbin-report and sinbin-collect: a network is frozen, or over
# its part of the rate, and an unrelated bot is listed all the same, before the flood is over.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Collectors;
use Test::More;
use Time::HiRes qw(sleep time);

my $n = 0;

# A session line of a bot, as sinbin-score writes it.
sub session {
  my ($ip) = @_;
  return sprintf "session1 at=%d.000 peer=%s ms=0 stage=data end=fin sins=helo-bot,no-quit score=14 verdict=bot\n", time, $ip;
}

# Feeds the flood to sinbin-report of the detector, and after `after` lines the bot, then the rest of the flood.
# Returns its exit code, what it printed, and whether the bot was listed while the flood went on.
sub flood {
  my ($c, $after, $bot, @flood) = @_;
  my ($err, $early) = ("$c->{dir}/report.err", 0);
  pipe my $read, my $write or die "pipe: $!";
  my $pid = fork // die "fork: $!";
  if (!$pid) {
    open STDIN, '<&', $read or die;
    open STDOUT, '>', '/dev/null' or die;
    open STDERR, '>', $err or die;
    close $write;
    delete $ENV{CHECKPOINT};
    my ($port) = $c->{env}{LISTEN_PORT};
    %ENV = (%ENV, COLLECTOR => '127.0.0.1', COLLECTOR_PORT => $port, DETECTOR => 'first', GRACE => 60, HEARTBEAT => 0,
      KEYFILE => "$c->{env}{DETECTORS}/first/key.1", EPOCH => "$c->{dir}/epoch");
    exec "$ENV{SINBIN_BIN}/sinbin-report" or die "exec: $!";
  }
  close $read;
  $write->autoflush(1);
  print $write session($_) for @flood[0 .. $after - 1];
  print $write session($bot);
  Collectors::until_true("$bot is listed", sub { $c->colour($bot) eq 'black' });
  $early = $c->colour($bot) eq 'black';
  print $write session($_) for @flood[$after .. $#flood];
  close $write;
  waitpid $pid, 0;
  return ($? >> 8, Collectors::slurp($err), $early);
}

sub black { my ($c, $like) = @_; return $c->sql("SELECT count(*) FROM listing WHERE colour = 'black' AND hex(ip) LIKE '$like'") }

$ENV{SINBIN_BIN} //= 'bin';

# ---- the flood, the bots, how many of the flood are listed, what is frozen ----

my @rows = (
  ['10,020 /64s of one /48', [map { sprintf '2a0b:dead:1:%x::9', $_ } 1 .. 10020], ['11.9.9.9', '2a0b:dead:2::1'], '2A0BDEAD0001%', 256,
    ['2a0b:dead:1::/48']],
  ['12,000 /48s of one /32', [map { sprintf '2a0b:dead:%x::9', $_ } 1 .. 12000], ['11.9.9.9', '2a0b:beef:1:1::1'], '2A0BDEAD%', 2048,
    ['2a0b:dead::/32']],
  ['2,000 IPv4 addresses, each in a /24 of its own', [map { sprintf '11.%d.%d.7', $_ >> 8, $_ & 255 } 1 .. 2000], ['11.99.9.9', '12.9.9.9'],
    '%FFFF0B0___07', 2000, []],
  ['4,000 IPv4 addresses of one /16', [map { sprintf '11.8.%d.%d', $_ >> 7, $_ & 127 } 1 .. 4000], ['11.9.9.9'], '%FFFF0B08____', 2048,
    ['11.8.0.0/16']],
);

for my $row (@rows) {
  my ($name, $flood, $bots, $like, $listed, $frozen) = @$row;
  subtest $name => sub {
    my $c = Collectors->new;
    my $first = shift @$bots;
    my ($code, $said, $early) = flood($c, @$flood - 50, $first, @$flood);
    is $code, 0, 'all is acknowledged';
    ok $early, 'and an unrelated bot was listed before the end';
    is black($c, $like), $listed, 'the right number of the flood is listed';
    my @frozen = +($c->run('list'))[1] =~ /^frozen=(\S+) since=\S+Z until=\S+Z$/mg;
    ok scalar(grep { $_ eq $frozen->[0] } @frozen), "frozen is $frozen->[0]" if @$frozen;
    is scalar(grep { !m{/} } @frozen), 0, 'neither a detector nor everything is frozen';
    for my $bot (@$bots) {
      flood($c, 0, $bot, @$flood[0 .. 9]);
      is $c->colour($bot), 'black', "$bot is listed";
    }
    if (@$frozen) {
      my $alarm = qr/alarm: too many new listings in an hour: .* in \Q$frozen->[0]\E only/;
      Collectors::until_true("an alarm about $frozen->[0]", sub { $c->err =~ $alarm });
      like $c->err, $alarm, 'an alarm names it';
      like +($c->run('explain', $flood->[-1]))[1], qr{^frozen: no listing begins from \S+Z to \S+Z\nonly: \S+/\d+$}m, 'explain says so';
      like +($c->run('explain', $first))[1], qr/^frozen: no$/m, 'and that others are not';
      $c->order('thaw');
      unlike +($c->run('list'))[1], qr/^frozen=/m, 'the operator thaws it';
    }
    is $c->stop, 0, 'stopped';
  };
}

# The budget of 7,200 reports is a fiftieth of the default.
subtest 'a trap over its rate' => sub {
  my $c = Collectors->new(RATE_CAP => 2, BREAKER_LEAST => 1000000);
  my @flood = map { sprintf '2a0b:dead:1:%x::9', $_ % 4000 + 1 } 1 .. 12000;
  my ($code, $said, $early) = flood($c, @flood - 50, '11.9.9.9', @flood);
  is $code, 0, 'all is acknowledged';
  ok $early, 'an unrelated bot is listed';
  like +($c->run('list'))[1], qr/^detector=first state=heard .* surplus=\d+ lastsurplus=\S+Z$/m, 'the trap is not in quarantine';
  like $c->err, qr/alarm: \d+ reports above the rate of their detector decide nothing, the last about 2a0b:dead:1:\S+ by first/, 'an alarm';
  my @spread = map { sprintf '%d.%d.%d.7', 20 + $_ % 97, $_ % 89, $_ % 83 } map { $_ % 2000 } 1 .. 20000;
  ($code, $said, $early) = flood($c, @spread - 50, '11.200.9.9', @spread);
  ok $early, '2,000 addresses from everywhere do not prevent a listing';
  my $rows = $c->sql('SELECT count(*) FROM evidence');
  cmp_ok $rows, '<', 7200 + 600, "and the rows are bounded: $rows";
  is $c->stop, 0, 'stopped';
};

# Whoever has a key fills no disk.
subtest 'a detector in quarantine' => sub {
  my $c = Collectors->new(RATE_CAP => 1, RATE_SPAN => 60);
  $c->order('quarantine', 'first');
  my $moved = $c->report('first', map { sprintf '%d.%d.9.9', 11 + $_ % 89, $_ / 89 } 1 .. 500);
  is $moved->{answers}, $moved->{datagrams}, 'all is acknowledged';
  my $rows = $c->sql('SELECT count(*) FROM evidence');
  cmp_ok $rows, '<=', 60, "$rows rows";
  sleep 2;
  $c->report('first', map { sprintf '%d.%d.8.8', 11 + $_ % 89, $_ / 89 } 1 .. 100);
  is $c->sql('SELECT count(*) FROM evidence'), $rows, 'and no more, however long it goes on';
  is $c->sql("SELECT surplus FROM standing WHERE detector = 'first'"), 600 - $rows, 'the others are counted';
  $c->order('release', 'first');
  $c->report('first', '11.200.9.9');
  is $c->colour('11.200.9.9'), 'black', 'released, it has its budget again';
  is $c->stop, 0, 'stopped';
};

# Sessions of two hours ago count when they are reported. SIGHUP and a new start do not change that.
subtest 'sessions of long ago' => sub {
  my $c = Collectors->new(BREAKER_LEAST => 100, RATE_CAP => 0);
  my $some = sub { my ($from) = @_; $c->report('first', map { [sprintf('%d.%d.9.9', 11 + $_ * 37 % 89, $_ / 89), 'bot', time - 7200] } $from .. $from + 98) };
  my $black = sub { $c->counts; black($c, '%') };
  $some->(0);
  is $black->(), 99, '99 are listed';
  $c->order('weight', 'first', 1);
  $some->(99);
  is $black->(), 100, 'one more after SIGHUP';
  $c->restart;
  $some->(198);
  is $black->(), 100, 'and no more after a new start';
  is $c->counts->{frozen}, 1, 'the detector is frozen';
  $c->detector('second');
  $c->report('second', '11.200.9.9');
  is $c->colour('11.200.9.9'), 'black', 'another is not';
  is $c->stop, 0, 'stopped';
};

done_testing;
