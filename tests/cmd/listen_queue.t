#!/usr/bin/perl
# The session log as a queue: a real s6-log with few and small files, readers that stop and go on,
# and sinbin-listen, which refuses connections before the logger deletes a line that was not read.
use strict;
use warnings;
use lib 'tests/cmd';
use Follow;
use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::IP;
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => 's6-log is not installed' if !have('s6-log');
my $bin = abs_path($ENV{SINBIN_BIN} || 'bin');
my $dir = tempdir('sinbin-queue-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $socket = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => 0, Listen => 100) or die;
my $listener;
END { my $code = $?; kill KILL => $listener if $listener; $? = $code }
delete @ENV{qw(LISTEN_FDS LISTEN_PID NOTIFY_SOCKET NOTIFY_FD)};
$ENV{$_} = 0 for qw(DELAY_GREET DELAY_HELO);
my $full = "421 4.7.0 Service not available, try again later\r\n";

# Starts the listener with its lines going to that handle; more: its environment.
sub start_listener {
  my ($out, %env) = @_;
  pipe(my $ready, my $ready_w) or die;
  $listener = fork() // die;
  if (!$listener) {
    $ENV{$_} = $env{$_} for keys %env;
    open STDIN, '<&', $socket;
    open STDOUT, '>&', $out;
    open STDERR, '>', "$dir/err";
    POSIX::dup2(fileno $ready_w, 9);
    exec "$bin/sinbin-listen", '-d', 9, '-g', 5, "$bin/sinbin-smtpd" or POSIX::_exit(127);
  }
  close $ready_w;
  my $text = '';
  IO::Select->new($ready)->can_read(10) and sysread $ready, $text, 10;
  return $text;
}

sub stop_listener {
  kill TERM => $listener;
  waitpid $listener, 0;
  undef $listener;
  return $?;
}

sub status {
  my $before = length slurp("$dir/err");
  kill USR1 => $listener;
  until_true(sub { substr(slurp("$dir/err"), $before) =~ /(status1 .*)\n/ ? $1 : undef });
}

# One session, or the refusal: the first line that the client gets.
sub visit {
  my ($name) = @_;
  my $c = IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $socket->sockport, Timeout => 5) or die;
  my $text = '';
  local $SIG{PIPE} = 'IGNORE';
  syswrite $c, "EHLO $name\r\nQUIT\r\n";
  while (IO::Select->new($c)->can_read(10)) { sysread($c, $text, 4096, length $text) or last }
  return $text =~ /\A(.*\n)/ ? $1 : $text;
}

my $serial = 0;
# Connects until connections are refused for some time: sessions that are ending need room, too. Returns how
# many were served, at most this many.
sub fill {
  my ($most) = @_;
  my ($served, $refused) = (0, 0);
  while ($served < $most && $refused < 5) {
    if (visit('client' . ++$serial . '.example.net') ne $full) { $served++; $refused = 0 }
    else { $refused++; sleep 0.05 }
  }
  return $served;
}

sub sessions { return grep { / session1 / } logged("$dir/log") }
sub logged_are { my ($n, $name) = @_; ok until_true(sub { sessions() == $n }), $name or diag scalar sessions() }

# Reads on from a checkpoint to the end, as the pipeline of reports does, and acknowledges all.
sub consume {
  my ($checkpoint) = @_;
  my ($code, $said, @lines) = run_follow('-1', "$dir/log", $checkpoint);
  is "$code $said", '0 ', 'nothing is lost';
  advance($checkpoint, $lines[-1]) if @lines;
  return grep { / session1 / } @lines;
}

my @script = qw(t n6 s8192);
my $kept = 6 * (8192 - 2000);
my %env = (LOGDIR => "$dir/log", CHECKPOINTS => "$dir/one  $dir/two", LOG_FILES => 6, LOG_SIZE => 8192, LOG_ROOM => 12000);

subtest 'readers that stand still' => sub {
  mkdir "$dir/log";
  my $logger = start_logger('s6-log', "$dir/log", \@script);
  is start_listener($logger->{to}, %env), "\n", 'ready';
  my $served = fill(1);
  ok until_true(sub { -s "$dir/log/current" }), 'a line in the log';
  run_follow('-n', "$dir/log", "$dir/$_") for qw(one two);
  $served += fill(1000);
  cmp_ok $served, '<', 1000, "refused after $served sessions";
  cmp_ok $served, '>', 20, 'and not before there is a reason';
  logged_are($served, 'every line of them is in the log');
  like((sessions())[0], qr/ helo=client1\./, 'the first one is, too');
  my $bytes = 0;
  $bytes += -s $_ for glob "$dir/log/\@* $dir/log/current";
  cmp_ok $bytes, '>', 7 * (8192 - 2000) - 12000 - 2 * 4122, "not before there is need: the log has $bytes bytes";
  fill(1) for 1 .. 4;
  logged_are($served, 'none of the refused ones left a line');
  like status(), qr/ queue=[23]\d /, 'the refused ones are counted';
  ok until_true(sub { slurp("$dir/err") =~ /warning: refused \d+ connections: the session log has room for \d+ bytes before it loses lines that were not read, LOG_ROOM is 12000, and \d+ sessions run; the slowest reader has the checkpoint \Q$dir\E\/one$/m }),
    'the log names the reader' or diag slurp("$dir/err");
  is((() = slurp("$dir/err") =~ /warning: refused/g), 1, 'once');

  is scalar consume("$dir/one"), $served, 'one reader goes on';
  sleep 1.2;
  is fill(1), 0, 'the other one counts';
  my @lines = consume("$dir/two");
  is scalar @lines, $served, 'and goes on, too';
  ok until_true(sub { fill(1) }), 'sessions again';
  ok until_true(sub { slurp("$dir/err") =~ /info: accepting connections again/ }), 'the log says so';
  is stop_listener(), 0, 'ends with 0';
  end($logger);
};

# A thousand sessions through a log that holds a hundred, while its reader reads and stops by turns;
# clients come four at a time. Each session that was served comes out once.
subtest 'a flood and a slow reader' => sub {
  my $logger = start_logger('s6-log', "$dir/log", \@script);
  unlink "$dir/two", "$dir/two.files";
  consume("$dir/one");
  is start_listener($logger->{to}, %env, CHECKPOINTS => "$dir/one"), "\n", 'ready';
  my @flood;
  for my $part (1 .. 4) {
    pipe(my $read, my $write) or die;
    my $pid = fork() // die;
    if (!$pid) {
      my $served = 0;
      for my $n (1 .. 250) {
        until (visit("part$part-$n.example.net") ne $full) { sleep 0.02 }
        $served++;
      }
      syswrite $write, $served;
      POSIX::_exit(0);
    }
    push @flood, [$pid, $read];
    close $write;
  }
  my @lines;
  my $until = time + 120;
  while (@lines < 1000 && time < $until) {
    push @lines, consume("$dir/one");
    sleep 0.3;
  }
  my $served = 0;
  for (@flood) { sysread $_->[1], my $n, 10; $served += $n; waitpid $_->[0], 0 }
  my %seen = map { / helo=(\S+) / ? ($1 => 1) : () } @lines;
  is $served, 1000, 'all were served in the end';
  is scalar @lines, 1000, 'a line of each';
  is scalar keys %seen, 1000, 'each once';
  like status(), qr/ queue=[1-9]/, 'and some had to come again';
  is stop_listener(), 0, 'ends with 0';
  end($logger);
};

subtest 'a reader without a checkpoint' => sub {
  my $logger = start_logger('s6-log', "$dir/log", \@script);
  is start_listener($logger->{to}, %env, CHECKPOINTS => "$dir/one $dir/never"), "\n", 'ready';
  is fill(1), 0, 'a full log and a reader that never began: refused';
  ok until_true(sub { slurp("$dir/err") =~ /; the slowest reader has the checkpoint \Q$dir\E\/never, which does not exist$/m }), 'the log says so';
  spew("$dir/never", "CP2\n");
  is fill(1), 0, 'a malformed checkpoint';
  spew("$dir/never", "CP1 1 1 1 0 -\n");
  is fill(1), 0, 'a position that is not in the log';
  unlink "$dir/never";
  run_follow('-n', '-e', "$dir/log", "$dir/never");
  ok until_true(sub { fill(1) }), 'it begins at the end: sessions again';
  is stop_listener(), 0, 'ends with 0';
  start_listener($logger->{to}, %env, CHECKPOINTS => "$dir/never");
  spew("$dir/never", "CP1 1 1 1 0 -\n");
  sleep 1.2;
  is fill(1), 0, 'lost on the way';
  ok until_true(sub { slurp("$dir/err") =~ /\/never, whose position is not in the log$/m }), 'the log says so';
  is stop_listener(), 0, 'ends with 0';
  end($logger);
};

subtest 'a log that does not exist yet, or not any more' => sub {
  my %new = (%env, LOGDIR => "$dir/new", CHECKPOINTS => "$dir/new.one");
  open my $null, '>', '/dev/null';
  is start_listener($null, %new), "\n", 'ready';
  like slurp("$dir/err"), qr/warning: LOGDIR does not exist yet$/m, 'a warning';
  is fill(3), 3, 'and service';
  mkdir "$dir/new";
  my $size = 8000;
  spew(sprintf("$dir/new/\@40000000%08x%08x.s", 0x6b0c7341, $_), 'x' x $size) for 1 .. 6;
  spew("$dir/new/current", 'x' x $size);
  sleep 1.2;
  is fill(1), 0, 'it is there, and full';
  unlink glob "$dir/new/*";
  ok until_true(sub { fill(1) }), 'empty';
  rmdir "$dir/new";
  cmp_ok fill(1000), '<', 1000, 'removed: no more than there was room for';
  ok until_true(sub { slurp("$dir/err") =~ /warning: unable to read LOGDIR or CHECKPOINTS \(1 times\): Stale file handle$/m }), 'the log says why';
  is stop_listener(), 0, 'ends with 0';
};

subtest 'without LOGDIR nothing is looked at' => sub {
  open my $null, '>', '/dev/null';
  is start_listener($null, LOG_FILES => 1, LOG_SIZE => 4096), "\n", 'ready';
  is fill(100), 100, 'a hundred sessions';
  is stop_listener(), 0, 'ends with 0';
};

subtest 'what is malformed' => sub {
  my @row = (
    [{ LOGDIR => "$dir/log" }, 'LOGDIR and CHECKPOINTS must be set together'],
    [{ CHECKPOINTS => "$dir/one" }, 'LOGDIR and CHECKPOINTS must be set together'],
    [{ %env, CHECKPOINTS => ' ' }, 'malformed CHECKPOINTS= : want 1 to 16 files'],
    [{ %env, CHECKPOINTS => join ' ', 1 .. 17 }, 'malformed CHECKPOINTS='],
    [{ %env, LOG_FILES => 0 }, 'malformed LOG_FILES=0: want a whole number from 1 to 4000'],
    [{ %env, LOG_SIZE => 4095 }, 'malformed LOG_SIZE=4095: want a whole number from 4096 to 268435455'],
    [{ %env, LOG_ROOM => '1k' }, 'malformed LOG_ROOM=1k'],
    [{ %env, LOG_TOTAL => -1 }, 'malformed LOG_TOTAL=-1'],
    [{ LOG_ROOM => '' }, 'malformed LOG_ROOM='],
    [{ %env, LOG_ROOM => $kept }, 'LOG_ROOM must be less than what the logger keeps'],
    [{ %env, LOG_TOTAL => 20000 }, 'LOG_ROOM must be less than what the logger keeps'],
  );
  open my $null, '>', '/dev/null';
  for my $row (@row) {
    is start_listener($null, %{ $row->[0] }), '', 'not ready';
    is stop_listener() >> 8, 100, 'exit 100';
    like slurp("$dir/err"), qr/\Asinbin-listen: fatal: \Q$row->[1]\E/, 'it says why';
  }
  is start_listener($null, %env, LOG_ROOM => $kept - 1), "\n", 'a byte less will do';
  is stop_listener(), 0, 'ends with 0';
  is start_listener($null, LOGDIR => '', CHECKPOINTS => ''), "\n", 'empty is unset';
  is stop_listener(), 0, 'ends with 0';
};

done_testing;
