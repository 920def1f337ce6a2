#!/usr/bin/perl
# The wall clock jumps by an hour, forth and back, under sinbin-collect, sinbin-report and sinbin-publish:
# reports are acknowledged and counted once, nothing is listed for longer than it may be by more than the
# jump, and whatever waits or repeats goes by another clock.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
BEGIN { $ENV{SINBIN_BIN} = ($ENV{SINBIN_BUILD} || '.build/std') . '/tests/clock' }
use Collector;
use Reporter ();
use IO::Select;
use List::Util qw(max sum);
use Test::More;
use Time::HiRes qw(sleep time);

-x "$bin/sinbin-$_" or BAIL_OUT("$bin/sinbin-$_ is not built: make unit") for qw(collect publish report);
my ($hour, $day) = (3600, 86400);
my $alice = { name => 'alice', key => 'a1' x 32 . "\n" };
my $epoch = int time;
my ($seq, $shift) = (0, 0);
$ENV{CLOCK_SHIFT} = "$dir/shift";

# So far off are the clocks of the programs from now on.
sub jump {
  ($shift) = @_;
  spew("$dir/shift.tmp", "$shift\n");
  rename "$dir/shift.tmp", "$dir/shift" or die "rename: $!";
}

jump(0);
detector('alice', 'key.1' => $alice->{key});
my ($pid, $said) = start();
is $said, "\n", 'ready';

# Sends a datagram; returns the counters that it moved, and the answer's numbers.
sub ask {
  my ($datagram) = @_;
  my $moved = deal($pid, $datagram);
  return "$moved; no answer" if !IO::Select->new($sender)->can_read(10);
  $sender->recv(my $answer, 2048);
  return "$moved; " . answered($alice, $answer);
}

my (@sent, $future);

# A bot that was there so many seconds from now, by the right clock.
sub report {
  my ($ip, $off) = @_;
  push @sent, scalar sign($alice, $epoch, line(seq => ++$seq, peer => $ip, at => time + ($off // 0)));
  return ask($sent[-1]);
}

# Its colour, and for how long from the right time on, rounded to ten minutes.
sub listed {
  my ($ip) = @_;
  my ($colour, $until) = sql(sprintf "SELECT colour, until FROM listing WHERE hex(ip) LIKE '%%FFFF%02X%02X%02X%02X'",
    split /\./, $ip) =~ /(\w+)\|(\d+)/ or return 'none';
  return $colour . ' ' . 600 * int(($until - time + 300) / 600);
}

subtest 'sinbin-collect' => sub {
  for (
    # the jump, the address, when it was there, whether that is from the future, until when it is listed
    [0, '11.0.0.1', 0, 0, $day],
    [$hour, '11.0.0.2', 0, 0, $day],
    [$hour, '11.0.0.3', $hour, 0, $day + $hour],
    [$hour, '11.0.0.4', $hour + 300, 1],
    [0, '11.0.0.5', 0, 0, $day],
    [0, '11.0.0.6', $hour, 1],
    [0, '11.0.0.3', 0, 0, $day + $hour],
    [-$hour, '11.0.0.7', 0, 1],
    [-$hour, '11.0.0.8', -$hour, 0, $day - $hour],
    [0, '11.0.0.7', 0, 0, $day],
    [0, '11.0.0.8', 0, 0, $day],
    )
  {
    my ($off, $ip, $at, $is_future, $for) = @$_;
    jump($off);
    my $name = "clock off by $off, $ip there at $at";
    is report($ip, $at), ($is_future ? 'future 1 ' : '') . 'reports 1; ' . $seq, "$name: acknowledged";
    is listed($ip), $for ? "black $for" : 'none', $for ? "listed for $for" : 'flagged, and not listed';
    $future += $is_future;
    is ask($sent[$_]), 'duplicate 1; ' . ($_ + 1), 'what was sent before is answered, and not counted again' for 0, $#sent;
  }
  is sql('SELECT sum(bots), sum(future) FROM evidence'), (@sent - $future) . "|$future\n", 'all are counted, once';
  for my $off (-$hour, $hour, 0) {
    is stop($pid), 0, 'stopped';
    is sum(0, slurp("$dir/err") =~ /alarm: (\d+) reports from the future/g), $off == -$hour ? $future : 0, 'those from the future were alarms';
    jump($off);
    ($pid, $said) = start();
    is $said, "\n", "and started with a clock that is off by $off";
    is ask($sent[$_]), 'duplicate 1; ' . ($_ + 1), 'what was sent before' for 0, $#sent;
  }
  is sql('SELECT sum(bots), sum(future) FROM evidence'), (@sent - $future) . "|$future\n", 'nothing twice';
};

subtest 'sinbin-collect: a frozen list' => sub {
  stop($pid);
  ($pid) = start(STORE => "$dir/frozen.db", BREAKER_LEAST => 2);
  my $frozen = sub { counts($pid)->{frozen} };
  report("11.1.0.$_") for 1 .. 3;
  is $frozen->(), 1, 'it is frozen';
  jump(-$hour);
  report('11.1.0.4', -$hour);
  is $frozen->(), 1, 'and stays so where the clock is set back';
  jump(0);
  report('11.1.0.5');
  is $frozen->(), 1, 'and stays so when that is set right';
  jump($hour + 120);
  report('11.1.0.6', $hour + 120);
  is $frozen->(), 0, 'but not behind the hour';
  is sql("SELECT hex(ip) FROM listing WHERE colour = 'black' AND hex(ip) LIKE '%0B01%'", "$dir/frozen.db") =~ s/0{20}F{4}//gr,
    "0B010001\n0B010002\n0B010006\n", 'listings begin again';
  is stop($pid), 0, 'stopped';
  jump(0);
};

# What sinbin-report sends until it has sent so many of both: heartbeats, reports, and how long it took.
sub heard {
  my ($least) = @_;
  my (@beats, @reports);
  my $began = time;
  while ((@beats < $least || @reports < $least) && time < $began + 30) {
    my $datagram = Reporter::receive(1) // next;
    push @{ $datagram =~ /^HB1/ ? \@beats : \@reports }, $datagram;
  }
  return (\@beats, \@reports, time - $began);
}

subtest 'sinbin-report' => sub {
  my $cp = "$dir/checkpoint";
  spew($cp, "CP1 5 1 77 0 -\n");
  my ($report, $in) = Reporter::start(CHECKPOINT => $cp, HEARTBEAT => 0.3, RESEND_FIRST => 0.1, RESEND_LONGEST => 0.3, GRACE => 1);
  print $in Reporter::line(Reporter::place(1));
  my $last = 0;
  for my $off (0, $hour, 0, -$hour, 0) {
    jump($off);
    Reporter::receive_all();
    my ($beats, $reports, $took) = heard(4);
    cmp_ok scalar @$reports, '>=', 4, "clock off by $off: what has no answer is sent again";
    cmp_ok scalar @$reports, '<=', $took / 0.075 + 4, 'in no flood';
    cmp_ok scalar @$beats, '>=', 4, 'heartbeats go on';
    cmp_ok scalar @$beats, '<=', $took / 0.3 + 2, 'no faster than before';
    my ($number, $time, $up) = $beats->[-1] =~ /^HB1 trap1 1 5 (\d+) (\d+) .*? up=(\d+) /;
    cmp_ok abs($time - time - $off), '<', 20, 'they tell the time as it is there';
    cmp_ok $up, '<', 200, 'and how long it has run';
    cmp_ok $number, '>', $last, 'and each is newer than the one before';
    $last = $number;
  }
  my $text = Reporter::slurp("$Reporter::dir/err");
  is scalar(() = $text =~ /no answer/g), 1, 'it complains once a minute';
  for my $off (-$hour, $hour) {
    my $n = (split / /, slurp($cp))[2];
    jump($off);
    Reporter::answer($_) for Reporter::receive(), Reporter::receive();
    ok Reporter::until_true(sub {
      Reporter::answer($_) for Reporter::receive_all();
      slurp($cp) =~ /^CP1 5 @{[$n + 1]} /;
    }), "clock off by $off: an answer moves the checkpoint";
    print $in Reporter::line(Reporter::place($n + 1));
  }
  jump(0);
  heard(1);
  my $began = time;
  close $in;
  sleep 0.3;
  jump(-$hour);
  is Reporter::finish($report), 0, 'it ends, though the clock is set back meanwhile';
  cmp_ok time - $began, '>', 0.9, 'after its time';
  like slurp($cp), qr/^CP1 5 3 /, 'and leaves what is not acknowledged';
};

subtest 'sinbin-report: epochs' => sub {
  my ($last, %seen) = (0);
  for my $off (0, -$hour, $hour, 0) {
    jump($off);
    Reporter::receive_all();
    my ($report, $in) = Reporter::start(GRACE => 10);
    print $in Reporter::line();
    my $datagram = Reporter::receive();
    my ($now) = $datagram =~ /^SB1 trap1 1 (\d+) 1 /;
    cmp_ok $now, '>', $last, "clock off by $off: a newer epoch";
    $last = $now;
    Reporter::answer($datagram);
    close $in;
    is Reporter::finish($report), 0, 'exit code';
  }
};

# The lines of the datasets of bl.zone that hold the address.
sub published { my ($ip) = @_; return scalar grep { /^\Q$ip\E(?: |$)/m } map { slurp($_) } glob "$dir/out/black4.*" }

subtest 'sinbin-publish' => sub {
  jump(0);
  mkdir "$dir/out";
  ($pid) = start(STORE => "$dir/published.db");
  my $publish = fork // die "fork: $!";
  if (!$publish) {
    open STDERR, '>', "$dir/publish.err" or die;
    ($ENV{LINGER}, $ENV{REFRESH}) = (0, 1);
    exec "$bin/sinbin-publish", "$dir/published.db", "$dir/out", 'sh', '-c', "echo told >>$dir/told" or die "exec: $!";
  }
  $running{$publish} = 1;
  my ($n, $longest) = (0, 0);
  for my $off (0, $hour, 0, -$hour, 0) {
    jump($off);
    for (1 .. 2) {
      my $ip = '11.2.0.' . ++$n;
      my $told = -s "$dir/told" // 0;
      report($ip, $off);
      my $began = time;
      until_true("$ip is published", sub { published($ip) && (-s "$dir/told" // 0) > $told });
      $longest = max($longest, time - $began);
    }
  }
  cmp_ok $longest, '<', 10, sprintf 'what is listed is published at once, whatever the clock does: after %.1f s at most', $longest;

  report('11.2.1.1', -$day + 1800);
  until_true('for half an hour', sub { published('11.2.1.1') });
  jump($hour);
  until_true('11.2.1.1 is over', sub { !published('11.2.1.1') });
  ok published('11.2.0.1'), 'a jump takes what is over then, and nothing else';
  jump(0);
  report('11.2.1.1');
  until_true('it is again', sub { published('11.2.1.1') });
  is slurp("$dir/publish.err"), '', 'nothing to complain of';
  kill 'TERM', $publish;
  is finish($publish), 0, 'exit code';
  is stop($pid), 0, 'stopped';
};

done_testing;
