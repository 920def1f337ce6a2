#!/usr/bin/perl
# sinbin-report: the bytes of its datagrams, what it passes on, and how it ends.
use strict;
use warnings;
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::IP;
use Test::More;
use Time::HiRes qw(sleep time);

my $program = ($ENV{SINBIN_BIN} || 'bin') . '/sinbin-report';
my $dir = tempdir('sinbin-report-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $key = join('', map { sprintf '%02x', $_ } 0 .. 31) . "\n";

my $collector = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => 0, Proto => 'udp')
  or die "no socket: $@";

sub spew {
  my ($path, $text, $mode) = @_;
  open my $out, '>', $path or die "$path: $!";
  print $out $text;
  close $out or die "$path: $!";
  chmod $mode // 0644, $path or die "$path: $!";
}

sub slurp {
  my ($path) = @_;
  open my $in, '<', $path or die "$path: $!";
  local $/;
  return scalar readline $in;
}

spew("$dir/key", $key, 0400);

my %default = (
  COLLECTOR => '127.0.0.1', COLLECTOR_PORT => $collector->sockport, DETECTOR => 'trap1',
  KEYFILE => "$dir/key", EPOCH => "$dir/epoch",
);

# Starts the program; stdin is a pipe to it, stdout and stderr are files.
sub start {
  my (%env) = @_;
  %env = (%default, %env);
  pipe my $read, my $write or die "pipe: $!";
  my $pid = fork // die "fork: $!";
  if (!$pid) {
    open STDIN, '<&', $read or die;
    open STDERR, '>', "$dir/err" or die;
    if (my $to = delete $env{STDOUT}) { open STDOUT, '>&', $to or die }
    else { open STDOUT, '>', "$dir/out" or die }
    close $write;
    delete @ENV{qw(KEYGEN)};
    defined $env{$_} ? ($ENV{$_} = $env{$_}) : delete $ENV{$_} for keys %env;
    exec $program, @{ $env{ARGS} || [] } or die "exec: $!";
  }
  close $read;
  $write->autoflush(1);
  return ($pid, $write);
}

sub finish {
  my ($pid) = @_;
  local $SIG{ALRM} = sub { kill 'KILL', $pid };
  alarm 20;
  waitpid $pid, 0;
  alarm 0;
  return $? & 127 ? "signal $?" : $? >> 8;
}

sub run {
  my ($input, %env) = @_;
  local $SIG{PIPE} = 'IGNORE';
  my ($pid, $in) = start(%env);
  print $in $input;
  close $in;
  my $code = finish($pid);
  return ($code, -e "$dir/out" ? slurp("$dir/out") : '', slurp("$dir/err"));
}

sub receive {
  my ($wait) = @_;
  return undef if !IO::Select->new($collector)->can_read($wait // 10);
  $collector->recv(my $datagram, 65536);
  return $datagram;
}

# All that has come; on loopback a sent datagram is there at once.
sub receive_all {
  my @all;
  while (defined(my $datagram = receive(0))) { push @all, $datagram }
  return @all;
}

sub line {
  my (%with) = @_;
  my %field = (at => '1764000000.123', peer => '192.0.2.7', ms => 14023, stage => 'data', end => 'fin',
    sins => 'high-mx,helo-bot,no-quit', score => 28, verdict => 'bot', %with);
  return 'session1' . join('', map { defined $field{$_} ? " $_=$field{$_}" : () }
      qw(at peer ms stage end dialect seq rules sins score verdict)) . "\n";
}

my $dialect = 'EHLO%20H|MAIL%20FROM:<A>|RCPT%20TO:<A>|DATA';

subtest 'to the byte, as sinbin-report(5) has it' => sub {
  spew("$dir/epoch", "4999999999\n");
  my $line = line(dialect => $dialect, seq => 4711);
  my ($code, $out, $err) = run($line);
  is $code, 0, 'exit code';
  is $out, $line, 'passed on';
  is_deeply [receive_all()], ['SB1 trap1 1 5000000000 4711 1764000014 192.0.2.7 bot 28 fin '
    . "high-mx,helo-bot,no-quit 3e77501df101d7f4 fb5a57c8d0dec6aaecd0fbb4e9fe972c\n"], 'one line';
  is slurp("$dir/epoch"), "5000000000\n", 'the epoch is on the disk';
  spew("$dir/epoch", "4999999999\n");
  run($line . line(dialect => $dialect, seq => 4712, peer => '2001:db8::7'));
  is_deeply [receive_all()], ['SB1 trap1 1 5000000000 4711 1764000014 192.0.2.7 bot 28 fin '
    . "high-mx,helo-bot,no-quit 3e77501df101d7f4\n"
    . 'SB1 trap1 1 5000000000 4712 1764000014 2001:db8::7 bot 28 fin '
    . "high-mx,helo-bot,no-quit 3e77501df101d7f4 fdb359774a00b04735cfa84c89e21c54\n"], 'two lines in one datagram';
  unlink "$dir/epoch";
};

# The words of the only report that a line makes, without tag.
sub words {
  my ($input, %env) = @_;
  my ($code) = run($input, %env);
  my @all = receive_all();
  return "exit $code, " . @all . ' datagrams' if $code || @all != 1;
  my @words = split / /, $all[0];
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
    line(sins => 'No'), line(dialect => '%zz'), line(seq => 0), line(peer => undef), "\x00\x1b[2J\xff\n",
    ('x' x 10000) . "\n");
  my @told = map { line(verdict => $_, sins => 'a') } qw(bot suspect clean);
  my $input = join '', $silent[0], $told[0], $refused[0], @silent[1 .. $#silent], @refused[1 .. 5], $told[1],
    @refused[6 .. $#refused], $told[2];
  my ($code, $out, $err) = run($input);
  is $code, 0, 'exit code';
  ok $out eq $input, 'every line is passed on unchanged';
  my @lines = map { split /\n/ } receive_all();
  is_deeply [map { join ' ', (split / /)[4, 7] } @lines], ['1 bot', '2 suspect', '3 clean'],
    'three lines are reported, numbered from 1';
  like $err, qr/^sinbin-report: warning: .*could not be reported: 1, the last one at: \n/,
    'the first refused line is told at once, and the others are not';
  is scalar(() = $err =~ /warning/g), 1, 'one warning';
  my $count = @refused;
  like $err, qr/lines that could not be reported $count$/m, 'all are counted';
};

subtest 'own numbers go on from the lines\' numbers' => sub {
  run(line(seq => 7) . line() . line(verdict => 'exempt', seq => 90) . line(seq => 100) . line());
  is_deeply [map { (split / /)[4] } map { split /\n/ } receive_all()], [7, 8, 100, 101], 'numbers';
};

subtest 'a trickle goes out line by line' => sub {
  my ($pid, $in) = start();
  for my $seq (1 .. 3) {
    print $in line(seq => $seq);
    my $datagram = receive();
    like $datagram, qr/^SB1 trap1 1 \d+ $seq [^\n]+\n\z/, "line $seq comes while stdin is open";
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
  my @all = receive_all();
  is $out, $input, 'passed on';
  is_deeply [map { (split / /)[4] } map { split /\n/ } @all], [1 .. 50], 'every line once, in order';
  cmp_ok scalar(@all), '<=', 5 + 2, 'several in a datagram';
  is scalar(grep { length > 1200 } @all), 0, 'none over 1,200 bytes';
  is scalar(grep { !/ [0-9a-f]{32}\n\z/ || /[0-9a-f]{32}\n./ } @all), 0, 'one tag a datagram, at its end';
};

subtest 'a line too long for its buffer' => sub {
  my ($code, $out, $err) = run(line(seq => 1) . ('x' x 70000) . "\n" . line(seq => 2));
  is $code, 0, 'exit code';
  is $out, line(seq => 1) . line(seq => 2), 'is left out';
  like $err, qr/over 65535 bytes/, 'and told';
  is_deeply [map { (split / /)[4] } map { split /\n/ } receive_all()], [1, 2], 'the others are reported';
};

subtest 'a last line without line end' => sub {
  my $input = line(seq => 1) . substr(line(seq => 2), 0, -1);
  my ($code, $out) = run($input);
  is $code, 0, 'exit code';
  is $out, $input, 'is passed on';
  is_deeply [map { (split / /)[4] } map { split /\n/ } receive_all()], [1], 'and not reported';
};

subtest 'no collector' => sub {
  my $port = do { IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => 0, Proto => 'udp')->sockport };
  my ($pid, $in) = start(COLLECTOR_PORT => $port);
  my $input = '';
  for my $seq (1 .. 5) {
    print $in line(seq => $seq);
    $input .= line(seq => $seq);
    my $until = time + 10;
    sleep 0.01 while slurp("$dir/out") ne $input && time < $until;
  }
  close $in;
  is finish($pid), 0, 'is no reason to end';
  is slurp("$dir/out"), $input, 'every line is passed on';
  like slurp("$dir/err"), qr/warning: datagrams that failed: 1: Connection refused/, 'it is told';
  is scalar(() = slurp("$dir/err") =~ /warning/g), 1, 'once';
};

subtest 'nobody reads stdout' => sub {
  pipe my $read, my $write or die;
  local $SIG{PIPE} = 'IGNORE';
  my ($pid, $in) = start(STDOUT => $write);
  close $read;
  close $write;
  print $in line();
  is finish($pid), 111, 'exit code';
  like slurp("$dir/err"), qr/fatal: unable to write to stdout: Broken pipe/, 'said so';
  receive_all();
};

subtest 'epochs' => sub {
  my @epochs;
  for my $old (undef, "1\n", '7', undef) {
    spew("$dir/epoch", $old) if defined $old;
    run(line());
    my ($datagram) = receive_all();
    push @epochs, (split / /, $datagram)[3];
    is slurp("$dir/epoch"), "$epochs[-1]\n", 'sent and kept';
  }
  my $now = time;
  ok abs($epochs[$_] - $now) < 60, 'is the time where the old one is lower' for 0 .. 2;
  cmp_ok $epochs[3], '>', $epochs[2], 'two starts have two epochs';
  ok !-e "$dir/epoch.tmp", 'no temporary file is left';
};

subtest 'IPv6' => sub {
  my $six = IO::Socket::IP->new(LocalHost => '::1', LocalPort => 0, Proto => 'udp')
    or plan skip_all => 'no IPv6 here';
  run(line(), COLLECTOR => '::1', COLLECTOR_PORT => $six->sockport);
  ok(IO::Select->new($six)->can_read(10), 'a datagram comes');
};

subtest 'configuration' => sub {
  spew("$dir/short", substr($key, 0, 63) . "\n", 0400);
  spew("$dir/empty", '', 0400);
  spew("$dir/open", $key, 0440);
  spew("$dir/upper", uc($key), 0400);
  spew("$dir/binary", ('x' x 64) . "\n", 0400);
  spew("$dir/unended", substr($key, 0, 64) . ' ', 0400);
  my @rows = (
    ['COLLECTOR=mx.example', qr/malformed COLLECTOR=mx\.example: /, COLLECTOR => 'mx.example'],
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
  is scalar(receive_all()), 0, 'nothing was sent';
};

done_testing;
