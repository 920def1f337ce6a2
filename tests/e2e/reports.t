#!/usr/bin/perl
# From the log to the list over a bad network, one of the programs killed again and again: the log of a
# real s6-log, sinbin-follow | sinbin-score | sinbin-report as service/s6/verdicts has them, a relay that
# loses, doubles, delays and disorders, and sinbin-collect. Every session is counted exactly once, and
# every bot is listed. On the way the detector changes to its second key, as sinbin-report(8) has it.
#
#     ROUNDS=1000 SEED=7 prove --exec '' tests/e2e/reports.t    longer, and otherwise
use strict;
use warnings;
use lib 'tests/cmd', 'tests/e2e';
use Files qw(slurp spew);
use Follow qw(logged start_logger end);
use Network;
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use IO::Socket::IP;
use POSIX qw(WNOHANG);
use Test::More;
use Time::HiRes qw(time);

my $bin = $ENV{SINBIN_BIN} || 'bin';
my $rounds = $ENV{ROUNDS} || 200;
my $dir = tempdir('sinbin-reports-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $owner = $$;
my (%running, %told);
srand($ENV{SEED} || 11);

END { kill 'KILL', keys %running if %running && $$ == $owner }

# A child with its environment and its standard descriptors: paths, or handles.
sub spawn {
  my ($env, $fds, @command) = @_;
  my $pid = fork // die "fork: $!";
  if (!$pid) {
    my ($in, $out) = @$fds;
    open STDIN, ref $in ? '<&' : '<', $in or die "$in: $!";
    open STDOUT, ref $out ? '>&' : '>>', $out or die "$out: $!";
    open STDERR, '>>', "$dir/said" or die;
    delete @ENV{qw(RULES NOTIFY_SOCKET NOTIFY_FD LISTEN_FDS LISTEN_PID)};
    $ENV{$_} = $env->{$_} for keys %$env;
    exec @command or die "exec: $!";
  }
  $running{$pid} = $command[0] =~ s/.*sinbin-//r;
  return $pid;
}

# What it ended with is told by its name, unless it was killed from here.
sub gone {
  my ($pid, $flags) = @_;
  return 1 if !$running{$pid};
  return 0 if waitpid($pid, $flags // WNOHANG) != $pid;
  my $name = delete $running{$pid};
  $told{ $? & 127 ? "$name: signal $?" : "$name: " . ($? >> 8) }++ if $? != 9;
  return 1;
}

sub slay {
  my ($pid) = @_;
  return if !$running{$pid};
  kill 'KILL', $pid;
  gone($pid, 0);
}

# ---- the collector ----

make_path("$dir/detectors/trap1", "$dir/log");

sub make_key {
  my ($keygen) = @_;
  spew($_, sprintf('%02x', $keygen) x 32 . "\n", 0400) for "$dir/key.$keygen", "$dir/detectors/trap1/key.$keygen";
}

my $port = do {
  my $socket = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => 0, Proto => 'udp') or die "socket: $@";
  $socket->sockport;
};
my $net = Network->new(to => $port, loss => 0.3, double => 0.2, late => 0.03);
my $collect;

# Now by the journal, now without it.
sub start_collector {
  $collect = spawn({ LISTEN_IP => '127.0.0.1', LISTEN_PORT => $port, STORE => "$dir/store.db", DETECTORS => "$dir/detectors",
      SWEEP => 0.3, AT_ONCE => rand() < 0.5 ? 0 : 64 }, ['/dev/null', '/dev/null'], "$bin/sinbin-collect");
}

sub sql {
  my ($sql) = @_;
  open my $out, '-|', 'sqlite3', '-readonly', '-cmd', '.timeout 5000', "$dir/store.db", $sql or die "sqlite3: $!";
  return split /\n/, do { local $/; readline($out) // '' };
}

# ---- the pipeline ----

my ($keygen, $grace, @follow) = (1, 0.1);
my %stage;

sub start_pipeline {
  pipe my $sessions, my $to_score or die "pipe: $!";
  pipe my $verdicts, my $to_report or die "pipe: $!";
  %stage = (
    follow => spawn({}, ['/dev/null', $to_score], "$bin/sinbin-follow", @follow, "$dir/log", "$dir/checkpoint"),
    score => spawn({}, [$sessions, $to_report], "$bin/sinbin-score", "$dir/rules.cdb"),
    report => spawn({ COLLECTOR => '127.0.0.1', COLLECTOR_PORT => $net->port, DETECTOR => 'trap1', KEYGEN => $keygen,
        KEYFILE => "$dir/key.$keygen", CHECKPOINT => "$dir/checkpoint", RESEND_FIRST => 0.05, RESEND_LONGEST => 0.4,
        GRACE => $grace, HEARTBEAT => 0.5 }, [$verdicts, "$dir/verdicts"], "$bin/sinbin-report"),
  );
}

sub next_number { return (split / /, slurp("$dir/checkpoint"))[2] // 1 }

# As s6 with the service's finish: the reporter is the service. Where it has ended, the rest is ended, and
# all is started anew.
my ($before, $backwards) = (1, 0);

# As s6 does it; what the log has not taken waits in the pipe.
my $to;

sub supervise {
  $to = start_logger('s6-log', "$dir/log", [qw(t n2000 s8192)], $to->{pipe}) if waitpid($to->{pid}, WNOHANG) == $to->{pid};
  start_collector() if gone($collect);
  gone($_) for @stage{qw(follow score)};
  return if !gone($stage{report});
  slay($_) for @stage{qw(follow score)};
  my $now = next_number();
  $backwards++ if $now < $before;
  $before = $now;
  start_pipeline();
}

# ---- sessions ----

my $sessions = 0;
my %ending = (bot => 'stage=helo end=fin verb=ehlo helo=ylmf-pc bytes=14', clean => 'stage=helo end=quit helo=a.example bytes=20',
  scanner => 'stage=banner end=fin bytes=0');

# Every tenth session is not to be reported, every fifth is clean; an address comes again, later.
sub session {
  my ($n) = @_;
  my $verdict = $n % 10 == 0 ? 'scanner' : $n % 5 == 0 ? 'clean' : 'bot';
  my $who = $n % 1500;
  return sprintf "session1 at=%.3f peer=198.%d.%d.%d ms=10 %s\n", time, $verdict eq 'bot' ? 18 : 19, $who >> 8, $who & 255,
    $ending{$verdict};
}

sub add { my ($count) = @_; print { $to->{to} } session(++$sessions) for 1 .. $count }

# What is to be in the store: bots and cleans by address.
sub wanted {
  my %want;
  for (logged("$dir/log")) {
    my ($peer, $helo) = / peer=(\S+) .* end=\w+ (?:verb=ehlo )?(?:helo=(\S+) )?/ or die "no session: $_";
    $want{$peer}[$helo =~ /^y/ ? 0 : 1]++ if $helo;
  }
  return map { "$_ " . ($want{$_}[0] // 0) . ' ' . ($want{$_}[1] // 0) } sort keys %want;
}

sub address { return join '.', map { hex } shift =~ /^0{20}F{4}(..)(..)(..)(..)$/ }
sub by_address { return sort map { s/^(\w+)/address($1)/er =~ tr/|/ /r } @_ }

# ---- ----

system("$bin/sinbin-rules -o $dir/rules.cdb rules >/dev/null 2>&1") == 0 or die 'rules';
make_key(1);
$to = start_logger('s6-log', "$dir/log", [qw(t n2000 s8192)]);
add(20);
start_collector();
start_pipeline();
$net->{each} = \&supervise;

# Another key for the detector, and some time later the old one is taken away.
sub change_key {
  make_key(2);
  kill 'HUP', $collect;
  $keygen = 2;
  slay($stage{report});
}

sub forget_key {
  unlink "$dir/detectors/trap1/key.1";
  kill 'HUP', $collect;
}

my (%killed, $stuck);
my $began = time;

sub wait_for {
  my ($condition) = @_;
  $net->run(20, $condition) or $stuck++;
}

# What is killed has work to do, but for every fortieth; and the collector has that moment answered.
for my $round (1 .. $rounds) {
  my $victim = (qw(collect report follow score))[rand 4];
  my $had = $net->{back};
  add(10 + int rand 40);
  wait_for(sub { $net->{back} > $had && ($round % 40 || next_number() > $sessions) });
  change_key() if $round == int $rounds / 2;
  forget_key() if $round == int $rounds * 3 / 4;
  $net->run(rand 0.08);
  if ($victim eq 'collect') {
    add(2);
    $had = $net->{answers};
    wait_for(sub { $net->{answers} > $had });
  }
  slay($victim eq 'collect' ? $collect : $stage{$victim});
  $killed{$victim}++;
  last if $stuck;
}
diag sprintf '%d sessions, %d rounds in %.1f s', $sessions, $rounds, time - $began if $ENV{SEED} || $ENV{ROUNDS};
ok !$stuck, "killed $rounds times, and each time it went on";
cmp_ok $killed{$_} // 0, '>', $rounds / 8, "$_ $killed{$_} times" for qw(collect report follow score);
is $backwards, 0, 'the checkpoint never went back';

# The rest in peace, to its end.
end($to);
my @log = logged("$dir/log");
is scalar @log, $sessions, 'the log has all sessions';
my @files = glob "$dir/log/\@*";
cmp_ok scalar @files, '>', $sessions / 200, 'in ' . @files . ' files and current';
($grace, @follow) = (60, '-1');
slay($stage{report});
supervise();
$net->{each} = undef;
ok $net->run(90, sub { gone($stage{report}) }), 'the reporter ends once all is acknowledged';
gone($_, 0) for @stage{qw(follow score)};
like slurp("$dir/checkpoint"), qr/^CP1 \d+ @{[$sessions + 1]} \d+ \d+ \S+$/, 'the checkpoint stands at the end';
cmp_ok $net->{lost}, '>', $rounds, "the network lost $net->{lost} datagrams and carried $net->{there} and $net->{back}";
$net->run(0.2);
kill 'TERM', $collect;
gone($collect, 0);
# A HUP that comes before main ends the collector; it reads its keys anyway when it is started again.
my @ends = ('collect: 0', 'collect: signal 1', 'follow: 0', 'follow: 111', 'report: 0', 'score: 0', 'score: 111');
is_deeply [grep { my $end = $_; !grep { $_ eq $end } @ends } sort keys %told], [], 'none ended as it should not'
  or diag slurp("$dir/said");
is $told{'collect: 0'}, 1, 'and the collector when it was told to';

my @want = wanted();
my @got = by_address(sql('SELECT hex(ip), bots, cleans FROM evidence WHERE suspects = 0 AND future = 0'));
is_deeply \@got, \@want, 'every session is counted once: ' . @want . ' addresses';
my @bots = map { / [1-9]\d* 0$/ ? s/ .*//r : () } @want;
is_deeply [by_address(sql("SELECT hex(ip) FROM listing WHERE colour = 'black' AND times = 1"))], \@bots,
  'every bot is listed, once: ' . @bots . ' addresses';
is_deeply [sql("SELECT count(*), max(colour), min(colour) FROM listing WHERE colour <> 'black'")],
  [@want - @bots . '|none|none'], 'and nobody else';
my %passed = map { $_ => 1 } slurp("$dir/verdicts") =~ / seq=(\d+) pos=\d+\.\d+ .*verdict=\w+\n/g;
is_deeply [sort { $a <=> $b } keys %passed], [1 .. $sessions], 'every line is passed on';
my $sanitized = slurp("$bin/sinbin-collect") =~ /__asan_init/;
my @strange = grep { !/: (?:info: |warning: (?:no answer from |RULES is not set))/ && !($sanitized && /no system call filter available/) }
  split /\n/, slurp("$dir/said");
is "@strange", '', 'and nobody complained of anything else';
done_testing;
