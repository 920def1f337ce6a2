#!/usr/bin/perl
# sinbin-report: the bytes of its datagrams, what it passes on, and how it ends.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Reporter;
use Test::More;
use Time::HiRes qw(sleep time);

my $dialect = 'EHLO%20H|MAIL%20FROM:<A>|RCPT%20TO:<A>|DATA';

subtest 'to the byte, as sinbin-report(5) has it' => sub {
  my $words = '1764000014 192.0.2.7 bot 28 fin high-mx,helo-bot,no-quit 3e77501df101d7f4';
  for my $count (1, 2) {
    spew("$dir/checkpoint", "CP1 1764000000 4711 77 0 -\n");
    my $input = line(dialect => $dialect, place(4711))
      . ($count > 1 ? line(dialect => $dialect, place(4712), peer => '2001:db8::7') : '');
    my ($code, $out, $err) = run($input, CHECKPOINT => "$dir/checkpoint");
    is $code, 0, 'exit code';
    is $out, $input, 'passed on';
    is_deeply \@datagrams, [$count == 1
      ? "SB1 trap1 1 1764000000 4711 $words ca725914db030e251000c3d7baa1b994\n"
      : "SB1 trap1 1 1764000000 4711 $words\n" . 'SB1 trap1 1 1764000000 4712 '
        . ($words =~ s/192\.0\.2\.7/2001:db8::7/r) . " 5f215248c85baf3fc686da1a18ef6c40\n"], "$count in one datagram";
  }
  spew("$dir/epoch", "4999999999\n");
  run(line());
  like $datagrams[0], qr/^SB1 trap1 1 5000000000 1 1764000014 /, 'without CHECKPOINT: the file EPOCH, and 1';
  is slurp("$dir/epoch"), "5000000000\n", 'the epoch is on the disk';
  unlink "$dir/epoch";
};

# The words of the only report that a line makes, without tag.
sub words {
  my ($input, %env) = @_;
  my ($code) = run($input, %env);
  return "exit $code, " . @datagrams . ' datagrams' if $code || @datagrams != 1;
  my @words = split / /, $datagrams[0];
  return join ' ', @words[4 .. 11];
}

subtest 'fields' => sub {
  my @rows = (
    ['no dialect, no sins', line(sins => undef), '1 1764000014 192.0.2.7 bot 28 fin - -'],
    ['empty dialect and sins', line(sins => '', dialect => ''), '1 1764000014 192.0.2.7 bot 28 fin - -'],
    ['a minus', line(score => -6, verdict => 'clean', end => 'quit', sins => 'quit'),
      '1 1764000014 192.0.2.7 clean -6 quit quit -'],
    ['suspect', line(score => 4, verdict => 'suspect', sins => 'auth'),
      '1 1764000014 192.0.2.7 suspect 4 fin auth -'],
    ['the end is start and duration', line(at => '1764000000.999', ms => 1, sins => 'a'),
      '1 1764000001 192.0.2.7 bot 28 fin a -'],
    ['mapped IPv4', line(peer => '::ffff:192.0.2.9', sins => 'a'), '1 1764000014 192.0.2.9 bot 28 fin a -'],
    ['a TAI64N label', '@400000006925a6f41e6ab6d4 ' . line(sins => 'a'),
      '1 1764000014 192.0.2.7 bot 28 fin a -'],
    ['an unknown field', 'session1 future=1 ' . substr(line(sins => 'a'), 9),
      '1 1764000014 192.0.2.7 bot 28 fin a -'],
    ['sins too long are cut to whole names', line(sins => join(',', ('abcdefghi') x 30)),
      '1 1764000014 192.0.2.7 bot 28 fin ' . join(',', ('abcdefghi') x 28) . ' -'],
  );
  is words($_->[1]), $_->[2], $_->[0] for @rows;
};

subtest 'what is reported, and what is only passed on' => sub {
  my @silent = (line(verdict => 'exempt'), line(verdict => 'scanner'),
    line(verdict => undef, score => undef, sins => undef), "lost1 at=1.000 peer=192.0.2.1 status=signal:9\n",
    "sinbin-listen: info: status1 held=0\n", "session1 at=x seq=5 pos=9.80 unread=score:at\n");
  my @refused = ("\n", "junk\n", "session2 at=1.000\n", line(at => 'x'), line(score => undef),
    line(sins => 'No'), line(dialect => '%zz'), line(seq => "x"), line(peer => undef), "\x00\x1b[2J\xff\n",
    ('x' x 10000) . "\n");
  my @told = map { line(verdict => $_, sins => 'a') } qw(bot suspect clean);
  my $input = join '', $silent[0], $told[0], $refused[0], @silent[1 .. $#silent], @refused[1 .. 5], $told[1],
    @refused[6 .. $#refused], $told[2];
  my ($code, $out, $err) = run($input);
  is $code, 0, 'exit code';
  ok $out eq $input, 'every line is passed on unchanged';
  my @lines = map { split /\n/ } @datagrams;
  is_deeply [map { join ' ', (split / /)[4, 7] } @lines], ['1 bot', '2 suspect', '3 clean'],
    'three lines are reported, numbered from 1';
  like $err, qr/^sinbin-report: warning: .*could not be reported: 1, the last one at: \n/,
    'the first refused line is logged at once, and the others are not';
  is scalar(() = $err =~ /warning/g), 1, 'one warning';
  my $count = @refused;
  like $err, qr/: info: lines \d+, not reportable $count,/m, 'all are counted';
};

subtest 'without CHECKPOINT the numbers are its own' => sub {
  run(line(seq => 7) . line() . line(verdict => 'exempt', seq => 90) . line(seq => 7) . line());
  is_deeply [numbers(@datagrams)], [1 .. 4], 'whatever the lines say';
};

subtest 'a trickle goes out line by line' => sub {
  my ($pid, $in) = start();
  for my $seq (1 .. 3) {
    print $in line(seq => $seq);
    my $datagram = receive();
    like $datagram, qr/^SB1 trap1 1 \d+ $seq [^\n]+\n\z/, "line $seq comes while stdin is open";
    answer($datagram);
    is scalar(() = slurp("$dir/out") =~ /\n/g), $seq, 'and is passed on';
  }
  print $in 'session1 at=';
  sleep 0.05;
  kill 'TERM', $pid;
  is finish($pid), 0, 'SIGTERM ends it, also within a line';
  unlike slurp("$dir/out"), qr/at=\z/, 'whose beginning is not passed on';
};

subtest 'a crowd goes out in full datagrams' => sub {
  my $input = join '', map { line(seq => $_, dialect => $dialect) } 1 .. 50;
  my ($code, $out) = run($input);
  my @all = @datagrams;
  is $code, 0, 'exit code';
  is $out, $input, 'passed on';
  is_deeply [numbers(@all)], [1 .. 50], 'every line once, in order';
  cmp_ok scalar(@all), '<=', 5 + 2, 'several in a datagram';
  is scalar(grep { length > 1200 } @all), 0, 'no datagram over 1,200 bytes';
  is scalar(grep { !/ [0-9a-f]{32}\n\z/ || /[0-9a-f]{32}\n./ } @all), 0, 'one tag a datagram, at its end';
};

subtest 'a line too long for its buffer' => sub {
  my ($code, $out, $err) = run(line(seq => 1) . ('x' x 70000) . "\n" . line(seq => 2));
  is $code, 0, 'exit code';
  is $out, line(seq => 1) . line(seq => 2), 'is left out';
  like $err, qr/over 65535 bytes/, 'and logged';
  is_deeply [numbers(@datagrams)], [1, 2], 'the others are reported';
};

subtest 'a last line without line end' => sub {
  my $input = line(seq => 1) . substr(line(seq => 2), 0, -1);
  my ($code, $out) = run($input);
  is $code, 0, 'exit code';
  is $out, $input, 'is passed on';
  is_deeply [numbers(@datagrams)], [1], 'and not reported';
};

subtest 'no collector' => sub {
  my $port = do { IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => 0, Proto => 'udp')->sockport };
  my ($pid, $in) = start(COLLECTOR_PORT => $port, GRACE => 0.1);
  my $input = '';
  for my $seq (1 .. 5) {
    print $in line(seq => $seq);
    $input .= line(seq => $seq);
    ok until_true(sub { slurp("$dir/out") eq $input }), "line $seq is passed on";
  }
  kill 'TERM', $pid;
  is finish($pid), 0, 'it ends only on SIGTERM';
  like slurp("$dir/err"), qr/warning: datagrams to 127\.0\.0\.1 that failed: 1: Connection refused/, 'it is told';
  is scalar(() = slurp("$dir/err") =~ /warning: datagrams/g), 1, 'once';
};

subtest 'stdout is closed' => sub {
  pipe my $read, my $write or die;
  local $SIG{PIPE} = 'IGNORE';
  my ($pid, $in) = start(STDOUT => $write);
  close $read;
  close $write;
  print $in line();
  is finish($pid), 111, 'exit code';
  like slurp("$dir/err"), qr/fatal: unable to write to stdout: Broken pipe/, 'said so';
  pipe $read, $write or die;
  ($pid, $in) = start(STDOUT => $write);
  close $write;
  close $read;
  is finish($pid), 111, 'stdout is closed later, and no line comes: exit code';
  like slurp("$dir/err"), qr/fatal: unable to write to stdout: Broken pipe/, 'said so';
  receive_all();
};

# What waits in a pipe.
sub pipe_bytes {
  my ($pipe) = @_;
  my $count = pack 'i', 0;
  ioctl $pipe, 0x541b, $count or die "FIONREAD: $!";
  return unpack 'i', $count;
}

subtest 'a log that takes nothing' => sub {
  pipe my $read, my $write or die;
  my ($pid, $in) = start(STDOUT => $write, GRACE => 0);
  close $write;
  $in->blocking(0);
  my $until = time + 20;
  my ($stuck, $lots) = (0, line(verdict => 'exempt') x 1000);
  while ($stuck < 30 && time < $until) {
    if (defined syswrite $in, $lots, 4000) { $stuck = 0 }
    else { $stuck++; sleep 0.01 }
  }
  is $stuck, 30, 'holds the writer up';
  kill 'TERM', $pid;
  is finish($pid), 111, 'SIGTERM ends it all the same';
  like slurp("$dir/err"), qr/fatal: unable to write to stdout: Interrupted/, 'said so';
  my ($got, $text) = ('', '');
  $got .= $text while sysread $read, $text, 65536;
  cmp_ok length $got, '>=', 32768, 'what it could pass on is there';
};

subtest 'a log that is slow to take the last lines' => sub {
  pipe my $read, my $write or die;
  my ($pid, $in) = start(STDOUT => $write, GRACE => 0);
  close $write;
  my $lines = line(verdict => 'exempt') x 400;
  print $in $lines;
  ok until_true(sub { slurp("/proc/$pid/wchan") =~ /poll|^0?$/ && pipe_bytes($in) == 0 }), 'all is read';
  kill 'TERM', $pid;
  sleep 0.5;
  my ($got, $text) = ('', '');
  $got .= $text while sysread $read, $text, 65536;
  is finish($pid), 0, 'SIGTERM, and half a second later a reader: exit 0';
  ok $got eq $lines, 'every line is there';
};

subtest 'epochs' => sub {
  my @epochs;
  for my $old (undef, "1\n", '7', undef) {
    spew("$dir/epoch", $old) if defined $old;
    run(line());
    my ($datagram) = @datagrams;
    push @epochs, (split / /, $datagram)[3];
    is slurp("$dir/epoch"), "$epochs[-1]\n", 'sent and kept';
  }
  my $now = time;
  ok abs($epochs[$_] - $now) < 60, 'is the time if the old one is lower' for 0 .. 2;
  cmp_ok $epochs[3], '>', $epochs[2], 'two starts have two epochs';
  ok !-e "$dir/epoch.tmp", 'no temporary file is left';
};

subtest 'configuration' => sub {
  spew("$dir/short", substr($key, 0, 63) . "\n", 0400);
  spew("$dir/empty", '', 0400);
  spew("$dir/open", $key, 0440);
  spew("$dir/upper", uc($key), 0400);
  spew("$dir/binary", ('x' x 64) . "\n", 0400);
  spew("$dir/unended", substr($key, 0, 64) . ' ', 0400);
  my @rows = (
    ['COLLECTOR with a space', qr/malformed COLLECTOR=a b: /, COLLECTOR => 'a b'],
    ['COLLECTOR with a zone', qr/malformed COLLECTOR=fe80::1%lo: /, COLLECTOR => 'fe80::1%lo'],
    ['CHECKPOINT=', qr/malformed CHECKPOINT=: /, CHECKPOINT => ''],
    ['GRACE=-1', qr/malformed GRACE=-1: /, GRACE => '-1'],
    ['HEARTBEAT=x', qr/malformed HEARTBEAT=x: /, HEARTBEAT => 'x'],
    ['RESEND_FIRST=0', qr/malformed RESEND_FIRST=0: /, RESEND_FIRST => 0],
    ['RESEND_LONGEST=3601', qr/malformed RESEND_LONGEST=3601: /, RESEND_LONGEST => 3601],
    ['COLLECTOR=', qr/malformed COLLECTOR=: /, COLLECTOR => ''],
    ['COLLECTOR_PORT=0', qr/malformed COLLECTOR_PORT=0: want a whole number from 1 to 65535/, COLLECTOR_PORT => 0],
    ['COLLECTOR_PORT=65536', qr/malformed COLLECTOR_PORT=65536/, COLLECTOR_PORT => 65536],
    ['KEYGEN=0', qr/malformed KEYGEN=0/, KEYGEN => 0],
    ['KEYGEN=x', qr/malformed KEYGEN=x/, KEYGEN => 'x'],
    ['DETECTOR=Trap', qr/malformed DETECTOR=Trap/, DETECTOR => 'Trap'],
    ['DETECTOR=', qr/malformed DETECTOR=:/, DETECTOR => ''],
    ['a long DETECTOR', qr/malformed DETECTOR=a/, DETECTOR => 'a' x 33],
    ['no key file', qr/key file \S+none: unable to open it: No such file/, KEYFILE => "$dir/none"],
    ['a directory', qr/key file \S+: it is not a regular file/, KEYFILE => $dir],
    ['a short key', qr/key file \S+short: it is not 64/, KEYFILE => "$dir/short"],
    ['an empty key', qr/key file \S+empty: it is empty/, KEYFILE => "$dir/empty"],
    ['an open key', qr/key file \S+open: group or others/, KEYFILE => "$dir/open"],
    ['a key in upper case', qr/key file \S+upper: it is not 64/, KEYFILE => "$dir/upper"],
    ['a key that is no hex', qr/key file \S+binary: it is not 64/, KEYFILE => "$dir/binary"],
    ['a key without line end', qr/key file \S+unended: it is not 64/, KEYFILE => "$dir/unended"],
    ['a malformed epoch', qr/short: malformed epoch/, EPOCH => "$dir/short"],
    ['an empty epoch', qr/empty: malformed epoch/, EPOCH => "$dir/empty"],
    ['an argument', qr/usage: /, ARGS => ['x']],
  );
  for my $row (@rows) {
    my ($name, $want, %env) = @$row;
    my ($code, $out, $err) = run(line(), %env);
    is $code, 100, "$name: exit code";
    like $err, $want, "$name: said so";
    is $out, '', "$name: nothing passed on";
    unlike $err, qr/0001020304/, "$name: the key is not shown" if $name =~ /key/;
  }
  my ($code) = run(line(), EPOCH => "$dir/none/epoch");
  is $code, 111, 'an epoch that cannot be written';
  is scalar(@datagrams), 0, 'nothing was sent';
};

done_testing;
