#!/usr/bin/perl
# sinbin-report and sinbin-collect over a bad network, both killed again and again: every session is
# counted exactly once. The network is a relay that loses, doubles, delays and so disorders
# datagrams, either way; sessions come from a writer that begins at the checkpoint, as sinbin-follow.
# Half-way the detector changes to its second key, as sinbin-report(8) has it.
use strict;
use warnings;
use lib 'tests/cmd';
use Files qw(slurp spew);
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::IP;
use POSIX qw(WNOHANG);
use Test::More;
use Time::HiRes qw(sleep time);

my $bin = $ENV{SINBIN_BIN} || 'bin';
my $dir = tempdir('sinbin-reports-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my ($loss, $double) = (0.3, 0.2);
my %running;
srand 11;

# A child with its environment and its standard descriptors; {0 => handle or path, ...}.
sub spawn {
  my ($env, $fds, @command) = @_;
  my $pid = fork // die "fork: $!";
  if (!$pid) {
    open STDIN, '<', $fds->{0} or die "$fds->{0}: $!";
    open STDOUT, '>>', $fds->{1} or die;
    open STDERR, '>>', $fds->{2} or die;
    delete @ENV{qw(RULES NOTIFY_SOCKET NOTIFY_FD LISTEN_FDS LISTEN_PID KEYGEN)};
    $ENV{$_} = $env->{$_} for keys %$env;
    exec @command or die "exec: $!";
  }
  $running{$pid} = 1;
  return $pid;
}

sub gone {
  my ($pid) = @_;
  return 0 if waitpid($pid, WNOHANG) != $pid;
  delete $running{$pid};
  return 1;
}

sub slay {
  my ($pid) = @_;
  kill 'KILL', $pid;
  waitpid $pid, 0;
  delete $running{$pid};
}

END { kill 'KILL', keys %running if %running }

# ---- the two ends ----

mkdir "$dir/detectors";
mkdir "$dir/detectors/trap1";
for my $keygen (1, 2) {
  spew($_, sprintf('%02x', $keygen) x 32 . "\n", 0400) for "$dir/key.$keygen", "$dir/detectors/trap1/key.$keygen";
}
my $keygen = 1;
my $port = do {
  my $socket = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => 0, Proto => 'udp') or die "socket: $@";
  $socket->sockport;
};
my $near = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => 0, Proto => 'udp') or die "socket: $@";
my $far = IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $port, Proto => 'udp') or die "socket: $@";

sub collector {
  return spawn({ LISTEN_IP => '127.0.0.1', LISTEN_PORT => $port, STORE => "$dir/store.db",
      DETECTORS => "$dir/detectors" }, { 0 => '/dev/null', 1 => '/dev/null', 2 => "$dir/collect.err" }, "$bin/sinbin-collect");
}

# Session N of the log; every tenth is not to be reported. A file has 500 of them, then comes the next.
sub session {
  my ($n) = @_;
  my ($file, $offset) = (int(($n - 1) / 500), (($n - 1) % 500 + 1) * 100);
  return sprintf "session1 at=%d.000 peer=198.18.%d.%d ms=10 stage=data end=fin seq=%d pos=%d.%d sins=no-quit score=14 verdict=%s\n",
    time, $n >> 8, $n & 255, $n, 7 + $file, $offset, $n % 10 ? 'bot' : 'scanner';
}

sub next_number { return (split / /, slurp("$dir/checkpoint"))[2] }

# Reads the sessions from the checkpoint to LAST, through a FIFO that a writer fills; where HELD is given the
# writer then waits to be ended, so that the reporter cannot be done before its time, however fast it is.
sub reporter {
  my ($last, $held) = @_;
  my $from = next_number();
  unlink "$dir/fifo";
  POSIX::mkfifo("$dir/fifo", 0600) or die "mkfifo: $!";
  my $writer = fork // die "fork: $!";
  if (!$writer) {
    $SIG{PIPE} = 'IGNORE';
    open my $out, '>', "$dir/fifo" or POSIX::_exit(0);
    $out->autoflush(1);
    for my $n ($from .. $last) { print $out session($n) or last; sleep 0.001 if $n % 7 == 0 }
    sleep 1000 if $held;
    POSIX::_exit(0);
  }
  $running{$writer} = 1;
  my $pid = spawn({ COLLECTOR => '127.0.0.1', COLLECTOR_PORT => $near->sockport, DETECTOR => 'trap1',
      KEYGEN => $keygen, KEYFILE => "$dir/key.$keygen", CHECKPOINT => "$dir/checkpoint", RESEND_FIRST => 0.05, RESEND_LONGEST => 0.4, GRACE => 60,
      HEARTBEAT => 0.5 }, { 0 => "$dir/fifo", 1 => "$dir/verdicts", 2 => "$dir/report.err" }, "$bin/sinbin-report");
  return ($pid, $writer);
}

# ---- the network ----

my (@late, $back, %network);

sub carry {
  my ($socket, $send) = @_;
  my $from = $socket->recv(my $datagram, 65536);
  return if !defined $from;
  $back = $from if $socket == $near;
  return $network{lost}++ if rand() < $loss;
  for (rand() < $double ? (1, 2) : (1)) {
    $network{carried}++;
    push @late, [time + rand() * 0.03, $send, $datagram];
  }
}

# Runs the network until the condition holds or so many seconds are over.
sub run {
  my ($seconds, $condition) = @_;
  my $select = IO::Select->new($near, $far);
  my $until = time + $seconds;
  while (time < $until) {
    return 1 if $condition && $condition->();
    for my $socket ($select->can_read(0.005)) {
      if ($socket == $near) { carry($near, sub { $far->send($_[0]) }) }
      else { carry($far, sub { $near->send($_[0], 0, $back) if $back }) }
    }
    my @now = grep { $_->[0] <= time } @late;
    @late = grep { $_->[0] > time } @late;
    $_->[1]->($_->[2]) for @now;
  }
  return 0;
}

sub sql {
  my ($sql) = @_;
  return qx(sqlite3 -readonly -cmd '.timeout 5000' $dir/store.db '$sql' 2>&1);
}

# ---- ----

my $last = 2000;
my $reported = $last - $last / 10;
spew("$dir/checkpoint", "CP1 1764000000 1 7 0 -\n");
my $collect = collector();
my ($report, $writer) = reporter(220, 1);
my ($kills, $before) = (0, 1);
my $backwards = 0;
for my $round (1 .. 8) {
  run(0.15 + rand() * 0.7);
  $keygen = 2 if $round > 3;
  if ($round % 3 == 0) { slay($collect); run(0.2); $collect = collector() }
  else { slay($report); slay($writer); ($report, $writer) = reporter(220 * ($round + 1), 1) }
  $kills++;
  $backwards++ if next_number() < $before;
  $before = next_number();
}
slay($report);
slay($writer);
($report, $writer) = reporter($last);
is $kills, 8, 'killed eight times';
is $keygen, 2, 'and given another key';
ok run(90, sub { gone($report) }), 'the reporter ends once all is acknowledged';
is $? >> 8, 0, 'exit code';
is $backwards, 0, 'the checkpoint never went back';
like slurp("$dir/checkpoint"), qr/^CP1 1764000000 @{[$last + 1]} 10 50000 -$/, 'and stands at the end';
cmp_ok $network{lost}, '>', 50, "the network lost $network{lost} datagrams and carried $network{carried}";

run(0.5);
kill 'TERM', $collect;
waitpid $collect, 0;
is $? >> 8, 0, 'the collector ends';
delete $running{$collect};
is sql('SELECT count(*) FROM evidence'), "$reported\n", 'every session that is to be reported is counted';
is sql('SELECT max(bots), min(bots), sum(bots) FROM evidence'), "1|1|$reported\n", 'once';
my $verdicts = slurp("$dir/verdicts");
my %logged = map { $_ => 1 } $verdicts =~ / seq=(\d+) /g;
is scalar(keys %logged), $last, 'every line is passed on';
unlike slurp("$dir/report.err"), qr/fatal/, 'the reporter has nothing to complain of';
waitpid $writer, 0;
delete $running{$writer};
done_testing;
