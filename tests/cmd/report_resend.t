#!/usr/bin/perl
# sinbin-report and a collector that is slow, lossy, away, or not the collector at all.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Blake2b qw(blake2b);
use Reporter;
use Test::More;
use Time::HiRes qw(sleep time);

my @quick = (RESEND_FIRST => 0.05, RESEND_LONGEST => 0.2);

is blake2b('abc', '', 64), 'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1'
  . '7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923', 'BLAKE2b as RFC 7693 has it';

subtest 'again until it is acknowledged, and never more' => sub {
  my ($pid, $in) = start(@quick);
  print $in line();
  my @same = map { receive() } 1 .. 4;
  is $same[0], $_, 'the same bytes' for @same;
  answer($same[0]);
  sleep 0.5;
  receive_all();
  sleep 0.5;
  is scalar(receive_all()), 0, 'silence after the answer';
  close $in;
  is finish($pid), 0, 'exit code';
  like slurp("$dir/err"), qr/reports 1, acknowledged 1, pending 0/, 'counted';
};

subtest 'the delays grow' => sub {
  my ($pid, $in) = start(RESEND_FIRST => 0.1, RESEND_LONGEST => 60, GRACE => 0);
  print $in line();
  my @at;
  while (@at < 5) { receive() // last; push @at, time }
  is scalar(@at), 5, 'five times';
  cmp_ok $at[4] - $at[0], '>=', 0.75, 'each delay longer than the last';
  kill 'TERM', $pid;
  is finish($pid, 20), 0, 'SIGTERM ends it';
  like slurp("$dir/err"), qr/warning: no answer from 127\.0\.0\.1; reports that wait: 1$/m, 'it is logged';
  receive_all();
};

# What a lossy way makes of datagrams, either way.
sub lossy {
  my ($pid, $lines, $seen) = @_;
  my @late;
  my $until = time + 60;
  while (time < $until && keys %$seen < $lines) {
    my $datagram = receive(0.02);
    if (defined $datagram && rand() >= 0.3) {
      $seen->{$_}++ for numbers($datagram);
      push @late, ($datagram) x (rand() < 0.2 ? 2 : 1);
    }
    # Answers go in another order than the questions came, late, and some never.
    if (@late && (@late > 3 || !defined $datagram)) {
      my $one = splice @late, int rand @late, 1;
      answer($one) if rand() >= 0.3;
    }
  }
  return scalar keys %$seen;
}

subtest 'loss, duplicates and disorder, both ways' => sub {
  my $lines = 300;
  srand 7;
  my ($pid, $in) = start(@quick, GRACE => 60);
  my $input = join '', map { line(sins => "s$_") } 1 .. $lines;
  print $in $input;
  close $in;
  my %seen;
  is lossy($pid, $lines, \%seen), $lines, 'every line came through';
  my $until = time + 30;
  until (waitpid($pid, POSIX::WNOHANG()) == $pid) {
    my $datagram = receive(0.02);
    answer($datagram) if defined $datagram;
    last if time > $until;
  }
  is $? >> 8, 0, 'exit code';
  is_deeply [sort { $a <=> $b } keys %seen], [1 .. $lines], 'by its number';
  is slurp("$dir/out"), $input, 'passed on once, in order';
  like slurp("$dir/err"), qr/acknowledged $lines, pending 0/, 'acknowledged';
};

subtest 'what is no answer of the collector' => sub {
  my ($pid, $in) = start(RESEND_FIRST => 0.3, RESEND_LONGEST => 0.3, GRACE => 0.1);
  print $in line();
  my $datagram = receive();
  my $good = answer_text($datagram);
  my ($epoch) = $good =~ /^OK1 trap1 1 (\d+) 1$/;
  ok $epoch, 'the right answer';
  my @wrong = (
    ['another key', forge($good, '01' x 32)],
    ['no tag', "$good\n"],
    ['the tag of the question', $good . substr($datagram, -34)],
    ['a changed byte', do { my $t = forge($good); substr($t, 4, 1) = 's'; $t }],
    ['another detector', forge("OK1 trap2 1 $epoch 1")],
    ['another keygen', forge("OK1 trap1 2 $epoch 1")],
    ['an older epoch', forge('OK1 trap1 1 ' . ($epoch - 1) . ' 1')],
    ['a later epoch', forge('OK1 trap1 1 ' . ($epoch + 1) . ' 1')],
    ['the question itself', $datagram],
    ['a heartbeat', forge("HB1 trap1 1 $epoch 1 1 version=1")],
    ['no number', forge("OK1 trap1 1 $epoch")],
    ['number 0', forge("OK1 trap1 1 $epoch 0")],
    ['a number in another spelling', forge("OK1 trap1 1 $epoch 01")],
    ['two lines', forge("OK1 trap1 1 $epoch 1\nOK1 trap1 1 $epoch 1")],
    ['nothing', ''],
    ['noise', "\xff" x 1500],
  );
  $collector->send($_->[1], 0) for @wrong;
  $collector->send(forge("OK1 trap1 1 $epoch 2 9223372036854775807"), 0);
  my $stranger = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => 0, Proto => 'udp');
  $stranger->send(forge($good), 0, $collector->peername);
  ok defined receive(), 'it is sent again in spite of them';
  kill 'USR1', $pid;
  ok until_true(sub { slurp("$dir/err") =~ /bogus answers (\d+)/ }), 'SIGUSR1: the counts';
  my $count = @wrong;
  like slurp("$dir/err"), qr/acknowledged 0, pending 1, .*bogus answers $count$/m, 'all are counted';
  answer($datagram);
  answer($datagram) for 1 .. 3;
  ok until_true(sub { kill 'USR1', $pid; slurp("$dir/err") =~ /acknowledged 1, pending 0/ }),
    'the right one is taken; again, it is harmless';
  close $in;
  is finish($pid), 0, 'exit code';
  unlike slurp("$dir/err"), qr/bogus answers (?!$count$)\d+$/m, 'and not counted as bogus';
  receive_all();
};

subtest 'a collector that comes back' => sub {
  my $lines = 2000;
  my ($pid, $in) = start(RESEND_FIRST => 0.1, RESEND_LONGEST => 1, GRACE => 60);
  my $input = join '', map { line() } 1 .. $lines;
  print $in $input;
  my $before = 0;
  my $until = time + 4;
  while (time < $until) { $before++ if defined receive(0.1) }
  cmp_ok $before, '<', 100, "while it was away it was sent few datagrams ($before)";
  ok until_true(sub { slurp("$dir/out") eq $input }), 'all lines are passed on meanwhile';
  my (%seen, @first);
  $until = time + 60;
  while (keys %seen < $lines && time < $until) {
    my $datagram = receive() // next;
    my @waiting = receive_all();
    push @first, 1 + @waiting if @first < 2;
    for ($datagram, @waiting) { $seen{$_} = 1 for numbers($_); answer($_) }
  }
  is scalar(keys %seen), $lines, 'then all of them come';
  cmp_ok $first[1], '<', 10, 'at first not many at once';
  close $in;
  is finish($pid), 0, 'exit code';
  receive_all();
};

subtest 'the window is full' => sub {
  my ($pid, $in) = start(RESEND_FIRST => 0.5, RESEND_LONGEST => 0.5, GRACE => 0);
  $in->blocking(0);
  my $line = line(sins => 'a');
  my $lots = $line x 20000;
  my ($written, $stuck) = (0, 0);
  local $SIG{PIPE} = 'IGNORE';
  my $until = time + 60;
  while ($stuck < 30 && time < $until) {
    my $n = syswrite $in, $lots, 65536, $written;
    $written += $n // 0;
    $stuck = defined $n ? 0 : $stuck + 1;
    sleep 0.02 if !defined $n;
  }
  my $out = () = slurp("$dir/out") =~ /\n/g;
  is $out, 4096, 'so many lines are read and no more';
  cmp_ok $written, '>', 4096 * length $line, 'what follows stays in the pipe';
  cmp_ok $written, '<', 4096 * length($line) + 200_000, 'which fills';
  my ($rss) = slurp("/proc/$pid/status") =~ /^VmRSS:\s+(\d+)/m;
  cmp_ok $rss, '<', 16_000, "memory stays small ($rss KiB)" if !grep { /asan/ } slurp("/proc/$pid/maps");
  my %seen;
  while (!$seen{4097} && time < $until) {
    my $datagram = receive(0.5) // next;
    $seen{$_} = 1 for numbers($datagram);
    answer($datagram);
  }
  ok $seen{4097}, 'answers make room for more';
  kill 'KILL', $pid;
  finish($pid);
  receive_all();
};

subtest 'GRACE' => sub {
  my @rows = (['SIGTERM', 0, sub { kill 'TERM', $_[0] }], ['the end of the input', 111, sub { close $_[1] }]);
  for my $row (@rows) {
    my ($name, $want, $end) = @$row;
    my ($pid, $in) = start(GRACE => 0.3);
    print $in line();
    receive();
    my $from = time;
    $end->($pid, $in);
    is finish($pid), $want, "$name, no answer: exit code";
    cmp_ok time - $from, '>=', 0.3, "$name: waited";
    like slurp("$dir/err"), qr/not acknowledged and are lost: 1$/m, "$name: said so";
    ($pid, $in) = start(GRACE => 30);
    print $in line();
    my $datagram = receive();
    $end->($pid, $in);
    answer($datagram);
    is finish($pid, 15), 0, "$name, answered: exit code, without waiting longer";
    receive_all();
  }
};

subtest 'names' => sub {
  SKIP: {
    skip 'this machine does not know localhost', 2 if !gethostbyname 'localhost';
    my ($code, $out, $err) = run(line(), COLLECTOR => 'localhost', RESEND_FIRST => 0.05, GRACE => 20);
    is $code, 0, 'localhost, which may be ::1, where nothing listens, and then 127.0.0.1';
    ok @datagrams >= 1, 'reached';
  }
  my ($pid, $in) = start(COLLECTOR => 'no-such-host.invalid', GRACE => 0, @quick);
  print $in line();
  ok until_true(sub { slurp("$dir/out") eq line() }, 40), 'a name without an address stops no line';
  ok until_true(sub { slurp("$dir/err") =~ /datagrams to no-such-host\.invalid that failed: 1: \S/ }, 40),
    'and is logged';
  kill 'TERM', $pid;
  is finish($pid, 40), 0, 'exit code';
};

# The name's address is changed by the hosts file that only the program and its children see.
subtest 'a name that moves' => sub {
  my $hosts = "$dir/hosts";
  my $mount = 'mount --bind "$0" /etc/hosts && exec "$@"';
  spew($hosts, "127.0.0.2 collector.test\n");
  plan skip_all => 'this machine has no /etc/hosts' if !-e '/etc/hosts';
  plan skip_all => 'no mount namespace here'
    if system("unshare -m sh -c '$mount' $hosts true 2>/dev/null") || `unshare -m sh -c '$mount' $hosts getent hosts collector.test` !~ /127/;
  my ($pid, $in) = start(@quick, COLLECTOR => 'collector.test', WRAP => ['unshare', '-m', 'sh', '-c', $mount, $hosts]);
  print $in line();
  ok !defined receive(1), 'nothing comes to another address';
  open my $change, '+<', $hosts or die;
  print $change "127.0.0.1 collector.test\n";
  close $change;
  my $datagram = receive();
  ok defined $datagram, 'the name is looked up again if no answer comes';
  answer($datagram // '');
  close $in;
  is finish($pid), 0, 'exit code';
  receive_all();
};

subtest 'IPv6' => sub {
  my $six = IO::Socket::IP->new(LocalHost => '::1', LocalPort => 0, Proto => 'udp')
    or plan skip_all => 'no IPv6 here';
  my $four = $collector;
  $collector = $six;
  my ($code) = run(line(), COLLECTOR => '::1', COLLECTOR_PORT => $six->sockport);
  is $code, 0, 'acknowledged';
  is scalar(@datagrams), 1, 'one datagram';
  $collector = $four;
};

subtest 'heartbeats' => sub {
  my ($pid, $in) = start(HEARTBEAT => 0.2);
  print $in line(verdict => 'exempt'), line();
  my ($report, @beats);
  while (@beats < 3) {
    my $datagram = receive() // last;
    if ($datagram =~ /^SB1/) { answer($report = $datagram) }
    else { push @beats, $datagram }
  }
  my $form = qr/\AHB1\ trap1\ 1\ (\d+)\ (\d+)\ (\d+)\ version=\S+\ up=\d+\ lines=(\d+)\ reports=(\d+)\ acked=(\d+)
    \ pending=(\d+)\ oldest=\d+\ sent=\d+\ resent=\d+\ failed=0\ unread=0\ bogus=0\ [0-9a-f]{32}\n\z/x;
  my @last = $beats[-1] =~ $form;
  ok @last, 'form' or diag $beats[-1];
  is "@last[3 .. 6]", '2 1 1 0', 'counts';
  cmp_ok abs($last[2] - time), '<', 60, 'time';
  my @seqs = map { (split / /)[4] } @beats;
  ok $seqs[0] < $seqs[1] && $seqs[1] < $seqs[2], 'numbers grow';
  is forge(substr $beats[-1], 0, -34), $beats[-1], 'tag';
  close $in;
  is finish($pid), 0, 'exit code';
  receive_all();
};

subtest 'answers again' => sub {
  my ($pid, $in) = start(RESEND_FIRST => 0.05, RESEND_LONGEST => 0.1);
  print $in line();
  my $datagram = receive();
  ok until_true(sub { slurp("$dir/err") =~ /no answer from 127\.0\.0\.1; reports that wait: 1/ }), 'a silence is reported';
  answer($datagram);
  ok until_true(sub { slurp("$dir/err") =~ /^sinbin-report: info: 127\.0\.0\.1 answers again; reports that wait: 0$/m }),
    'and its end';
  print $in line();
  answer(receive()) for 1 .. 2;
  close $in;
  finish($pid);
  is scalar(() = slurp("$dir/err") =~ /answers again/g), 1, 'once';
  receive_all();
};

done_testing;
