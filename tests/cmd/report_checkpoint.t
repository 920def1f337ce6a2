#!/usr/bin/perl
# sinbin-report with CHECKPOINT: numbers and epoch of the input, and how far the checkpoint moves.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Reporter;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $path = "$dir/checkpoint";
my @with = (CHECKPOINT => $path, RESEND_FIRST => 0.1, RESEND_LONGEST => 0.4);
my $label = '@400000006925a6f41e6ab6d4';

sub at { spew($path, "CP1 1764000000 $_[0] 77 " . 100 * ($_[0] - 1) . " -\n") }

sub checkpoint_is {
  my ($n, $name) = @_;
  my $want = "CP1 1764000000 $n 77 " . 100 * ($n - 1) . " -\n";
  ok until_true(sub { slurp($path) eq $want }), $name or diag slurp($path);
}

sub plain { my ($n) = @_; return "$_[1] seq=$n pos=77." . 100 * $n . "\n" }

subtest 'moves over what is acknowledged, and over nothing else' => sub {
  at(5);
  my ($pid, $in) = start(@with);
  print $in line(place(5), verdict => 'exempt'), plain(6, 'lost1 at=1.000 peer=192.0.2.1'), plain(7, 'junk');
  checkpoint_is(8, 'lines that are not reported are over at once');
  print $in line(place(8));
  my $eight = receive();
  is_deeply [numbers($eight)], [8], 'the number is the line\'s';
  is((split / /, $eight)[3], 1764000000, 'the epoch is the checkpoint\'s');
  print $in line(place(9)), plain(10, 'sinbin-listen: info: status1 held=0'), line(place(11));
  my $next;
  1 until (numbers($next = receive() // last))[0] == 9;
  answer($next);
  sleep 1.2;
  checkpoint_is(8, 'not over a line that waits, though later ones are over');
  my $again;
  1 until (numbers($again = receive() // last))[0] == 8;
  answer($again);
  checkpoint_is(12, 'then over all');
  print $in plain(12, ''), plain(13, "\x00\x1b[2J\xff");
  print $in "$label ", plain(14, 'x seq=3 pos=1.1');
  ok until_true(sub { slurp($path) eq "CP1 1764000000 15 77 1400 $label\n" }), 'the label of the last line';
  close $in;
  is finish($pid), 0, 'exit code';
  ok !-e "$path.tmp", 'no temporary file is left';
  is scalar(() = slurp("$dir/out") =~ /\n/g), 10, 'all lines are passed on';
  receive_all();
};

subtest 'the scorer\'s fields come after the position' => sub {
  at(1);
  my ($code) = run(line(place(1)) . line(place(2), sins => ''), @with);
  is $code, 0, 'exit code';
  is_deeply [numbers(@datagrams)], [1, 2], 'numbers';
  checkpoint_is(3, 'the end');
};

# The answer is lost and the reporter is killed: nothing is missing, and nothing gets another number.
subtest 'killed before it reads the answer' => sub {
  at(1);
  my %told;
  my $lines = join '', map { line(place($_), sins => "s$_") } 1 .. 60;
  my $from = 1;
  for my $round (1 .. 6) {
    spew("$dir/in", join '', (split /^/, $lines)[$from - 1 .. 59]);
    open my $input, '<', "$dir/in" or die;
    my ($pid) = start(@with, STDIN => $input);
    for my $n (1 .. $round) {
      my $datagram = receive($n > 1 ? 1 : 10) // last;
      for (split /\n/, $datagram) {
        my ($seq, $sins) = (split / /)[4, 10];
        $told{$seq}{$sins} = 1;
      }
      answer($datagram) if $n > 1;
    }
    if ($round < 6) { kill 'KILL', $pid; finish($pid) }
    else {
      my $until = time + 20;
      until (waitpid($pid, POSIX::WNOHANG()) == $pid || time > $until) { answer(receive(0.02) // next) }
      is $? >> 8, 0, 'exit code';
    }
    receive_all();
    my ($next) = slurp($path) =~ /^CP1 1764000000 (\d+) /;
    cmp_ok $next, '>=', $from, "round $round: the checkpoint never goes back";
    $from = $next;
  }
  is_deeply [sort { $a <=> $b } keys %told], [1 .. 60], 'every line was reported';
  is scalar(grep { keys %{ $told{$_} } != 1 || !$told{$_}{"s$_"} } keys %told), 0, 'always under its number';
  checkpoint_is(61, 'the end');
};

subtest 'a gap' => sub {
  for my $row (['in the middle', 1, [1, 3]], ['at the beginning', 1, [2]], ['backwards', 5, [4]], ['twice', 1, [1, 1]]) {
    my ($name, $first, $numbers) = @$row;
    at($first);
    my ($code, $out, $err) = run(join('', map { line(place($_), verdict => 'exempt') } @$numbers), @with);
    is $code, 111, "$name: exit code";
    my $want = $first + @$numbers - 1;
    like $err, qr/fatal: a gap in the input: want seq=$want, got seq=$numbers->[-1]$/m, "$name: said so";
    checkpoint_is($want, "$name: the checkpoint is before it");
    is scalar(() = $out =~ /\n/g), @$numbers - 1, "$name: the line is not passed on";
  }
};

subtest 'lines without a place' => sub {
  my @rows = (['none', line()], ['no pos', line(seq => 2)], ['no seq', line(pos => '77.200')],
    ['a malformed pos', line(seq => 2, pos => '77')], ['number 0', line(seq => 0, pos => '77.0')],
    ['a leading zero', "x seq=02 pos=77.200\n"], ['apart', "x seq=2 a=b pos=77.200\n"], ['empty', "\n"],
    ['too long', 'x' x 70000 . "\n"]);
  for my $row (@rows) {
    at(1);
    my ($code, $out, $err) = run(line(place(1), verdict => 'exempt') . $row->[1], @with);
    is $code, 100, "$row->[0]: exit code";
    like $err, qr/fatal: a line (without seq= and pos=|over 65535 bytes), but CHECKPOINT is set: want the lines of sinbin-follow$/m, "$row->[0]: said so";
    checkpoint_is(2, "$row->[0]: the checkpoint is before it");
  }
};

subtest 'a beginning of a line' => sub {
  at(1);
  my ($code, $out) = run(line(place(1), verdict => 'exempt') . 'session1 at=', @with);
  is $code, 0, 'exit code';
  is $out, line(place(1), verdict => 'exempt'), 'is not passed on: it is read again';
  checkpoint_is(2, 'the checkpoint is before it');
};

subtest 'SIGTERM while a report waits' => sub {
  at(1);
  my ($pid, $in) = start(@with, GRACE => 0.3);
  print $in line(place(1), verdict => 'clean'), line(place(2)), line(place(3), verdict => 'scanner');
  my $datagram = receive();
  $collector->send(forge('OK1 trap1 1 1764000000 1'), 0);
  kill 'TERM', $pid;
  is finish($pid), 0, 'exit code';
  checkpoint_is(2, 'the checkpoint is true');
  like slurp("$dir/err"), qr/acknowledged 1, pending 1/, 'and it says what waits';
  receive_all();
  my ($code) = run(join('', map { line(place($_)) } 2 .. 3), @with);
  is $code, 0, 'the next one goes on';
  is_deeply [do { my %h = map { $_ => 1 } numbers(@datagrams); sort keys %h }], [2, 3], 'from there';
  checkpoint_is(4, 'to the end');
};

subtest 'malformed checkpoints' => sub {
  for my $text ('', "\n", "CP1 1764000000 1 77 0\n", "CP2 1764000000 1 77 0 -\n", "CP1 0 1 77 0 -\n", 'x' x 5000) {
    spew($path, $text);
    my ($code, $out, $err) = run(line(place(1)), @with);
    is $code, 111, 'exit code';
    like $err, qr/unable to read checkpoint \Q$path\E/, 'said so';
    is scalar(@datagrams), 0, 'nothing sent';
    is slurp($path), $text, 'left as it is';
  }
  unlink $path;
  my ($code, $out, $err) = run(line(place(1)), @with);
  is $code, 111, 'no file: exit code';
  like $err, qr/unable to read checkpoint \Q$path\E: No such file/, 'said so';
  ok !-e $path, 'no checkpoint is made';
};

subtest 'a checkpoint that cannot be written' => sub {
  at(1);
  mkdir "$path.tmp" or die;
  my ($pid, $in) = start(@with);
  for my $n (1, 2) {
    print $in line(place($n));
    my $datagram = receive();
    is_deeply [numbers($datagram)], [$n], "line $n is reported all the same";
    answer($datagram);
  }
  ok until_true(sub { slurp("$dir/err") =~ /warning: unable to write \Q$path\E: Is a directory/ }), 'it is logged';
  close $in;
  is finish($pid), 111, 'exit code';
  checkpoint_is(1, 'the old one is there');
  rmdir "$path.tmp";
};

subtest 'a heartbeat before the first line' => sub {
  at(1);
  my ($pid, $in) = start(@with, HEARTBEAT => 0.1);
  like receive(), qr/^HB1 trap1 1 1764000000 /, 'has the epoch of the file';
  spew($path, "CP1 1764000001 1 78 0 -\n");
  print $in line(seq => 1, pos => '78.100');
  my $datagram;
  1 until ($datagram = receive() // '') !~ /^HB1/;
  like $datagram, qr/^SB1 trap1 1 1764000001 1 /, 'reports have that of the first line\'s moment';
  answer($datagram);
  close $in;
  is finish($pid), 0, 'exit code';
  is slurp($path), "CP1 1764000001 2 78 100 -\n", 'kept';
  receive_all();
};

subtest 'a gap in the log' => sub {
  at(1);
  my ($pid, $in) = start(@with, HEARTBEAT => 3600);
  like receive(), qr/^HB1 .* bogus=0 [0-9a-f]{32}$/, 'the first heartbeat has no gap';
  my $gap = "gap1 at=1764000040.123 after=77.999 seq=1 pos=78.0\n";
  print $in $gap;
  like receive(), qr/^HB1 .* bogus=0 gaps=1 lastgap=1764000040 [0-9a-f]{32}$/, 'the next one comes at once, and has it';
  print $in line(seq => 2, pos => '78.100');
  my $datagram = receive();
  like $datagram, qr/^SB1 trap1 1 1764000000 2 /, 'it is no report, and takes a number';
  close $in;
  answer($datagram);
  is finish($pid), 0, 'exit code';
  like slurp("$dir/err"), qr/lines 2, not reportable 0, reports 1, .* gaps 1;/, 'it is counted';
  is slurp($path), "CP1 1764000000 3 78 100 -\n", 'and the checkpoint passes it';
  like slurp("$dir/out"), qr/^\Q$gap\E/, 'and the line is passed on';
};

# What is read again after a kill must be in the collector's window still, which is 8,192 numbers long.
subtest 'the checkpoint stays within a window' => sub {
  at(1);
  mkdir "$path.tmp" or die;
  my ($pid, $in) = start(@with);
  my $feeder = fork // die "fork: $!";
  if (!$feeder) {
    print $in line(place($_), verdict => 'exempt') for 1 .. 8190;
    print $in line(place($_)) for 8191 .. 8195;
    POSIX::_exit(0);
  }
  my %seen;
  my $until = time + 20;
  while (time < $until && !$seen{8192}) { $seen{$_} = 1 for numbers(receive(1) // next) }
  sleep 1.5;
  $seen{$_} = 1 for map { numbers($_) } receive_all();
  is_deeply [sort keys %seen], [8191, 8192], 'while it cannot be written, no number a window ahead of it is sent';
  like slurp("$dir/err"), qr/warning: unable to write \S+checkpoint/, 'said so';
  rmdir "$path.tmp" or die;
  while (time < $until + 20 && !$seen{8195}) {
    my $datagram = receive(1) // next;
    $seen{$_} = 1 for numbers($datagram);
    answer($datagram);
  }
  ok $seen{8195}, 'once it can, the rest is';
  waitpid $feeder, 0;
  close $in;
  ok until_true(sub { answer($_) for receive_all(); waitpid($pid, POSIX::WNOHANG()) == $pid }), 'the end';
  checkpoint_is(8196, 'all is acknowledged');
};

# The collector refuses what waits: an alarm, and the checkpoint does not move.
subtest 'refusals' => sub {
  at(5);
  my ($pid, $in) = start(@with, GRACE => 0);
  print $in line(place(5));
  my $datagram = receive();
  my $refuse = sub { my ($n, $with) = @_; reply(forge("NO1 trap1 1 1764000000 $n", $with)) };
  $refuse->(5, 'ff' x 32);
  $refuse->(4);
  $refuse->(6);
  reply(forge('NO1 trap1 1 1763999999 5'));
  $datagram = receive();
  unlike slurp("$dir/err"), qr/alarm/, 'not by a wrong tag, of an older epoch, or of what does not wait';
  $refuse->(5);
  ok until_true(sub { slurp("$dir/err") =~ /alarm: 127\.0\.0\.1 refused reports 1 times, last number 5: does another machine report as detector trap1, or is the checkpoint an old one\? See RECOVERY in sinbin-report\(8\)/ }),
    'an alarm';
  ok defined receive(), 'it is sent again';
  close $in;
  is finish($pid), 0, 'exit code';
  like slurp("$dir/err"), qr/acknowledged 0, pending 1, .* refusals 1, bogus answers 2$/m, 'counted';
  checkpoint_is(5, 'and nothing is acknowledged');
};

done_testing;
