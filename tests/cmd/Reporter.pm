# What the tests of sinbin-report share: starting it, feeding it, and being its collector.
#
#     my ($pid, $in) = start(CHECKPOINT => $path);   stdin is a pipe, stdout and stderr are files
#     print $in line(seq => 1, pos => '1.100');
#     my $datagram = receive();                      what it sent, or undef after 10 s
#     answer($datagram);                             as the collector does
#     close $in; is finish($pid), 0;
#
#     start(WRAP => ['nice'])                        through another program
#     my ($code, $out, $err) = run($input);          all of it, every datagram answered
#     @datagrams                                     what came in run
package Reporter;
use strict;
use warnings;
use Files qw(slurp spew);
use Blake2b qw(blake2b);
use Cwd qw(abs_path);
use Exporter 'import';
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::IP;
use POSIX qw(WNOHANG);
use Time::HiRes qw(sleep time);

our @EXPORT = qw($dir $key $collector @datagrams spew slurp start finish run receive receive_all
  line place answer reply answer_text forge numbers until_true);
our $dir = tempdir('sinbin-report-XXXXXX', TMPDIR => 1, CLEANUP => 1);
our $key = join('', map { sprintf '%02x', $_ } 0 .. 31) . "\n";
our $collector = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => 0, Proto => 'udp')
  or die "no socket: $@";
our @datagrams;
my $program = abs_path($ENV{SINBIN_BIN} || 'bin') . '/sinbin-report';

spew("$dir/key", $key, 0400);
my %default = (
  COLLECTOR => '127.0.0.1', COLLECTOR_PORT => $collector->sockport, DETECTOR => 'trap1',
  KEYFILE => "$dir/key", EPOCH => "$dir/epoch", HEARTBEAT => 0,
  map { $_ => undef } qw(KEYGEN CHECKPOINT GRACE RESEND_FIRST RESEND_LONGEST),
);

sub start {
  my (%env) = @_;
  %env = (%default, %env);
  pipe my $read, my $write or die "pipe: $!";
  unlink "$dir/out", "$dir/err";
  my $pid = fork // die "fork: $!";
  if (!$pid) {
    my $from = delete $env{STDIN};
    open STDIN, '<&', $from // $read or die;
    open STDERR, '>', "$dir/err" or die;
    if (my $to = delete $env{STDOUT}) { open STDOUT, '>&', $to or die }
    else { open STDOUT, '>', "$dir/out" or die }
    close $write;
    defined $env{$_} ? ($ENV{$_} = $env{$_}) : delete $ENV{$_} for grep { !/^(?:ARGS|WRAP)$/ } keys %env;
    exec @{ $env{WRAP} || [] }, $program, @{ $env{ARGS} || [] } or die "exec: $!";
  }
  close $read;
  $write->autoflush(1);
  until_true(sub { -e "$dir/err" });
  return ($pid, $write);
}

sub until_true {
  my ($condition, $wait) = @_;
  my $until = time + ($wait // 20);
  until ($condition->()) {
    return 0 if time > $until;
    sleep 0.01;
  }
  return 1;
}

sub status { return $? & 127 ? "signal $?" : $? >> 8 }

sub finish {
  my ($pid, $wait) = @_;
  my $gone = until_true(sub { waitpid($pid, WNOHANG) == $pid }, $wait // 20);
  return status() if $gone;
  kill 'KILL', $pid;
  waitpid $pid, 0;
  return 'did not end';
}

sub run {
  my ($input, %env) = @_;
  @datagrams = ();
  spew("$dir/in", $input);
  open my $from, '<', "$dir/in" or die;
  my ($pid) = start(%env, STDIN => $from);
  my $until = time + 30;
  while (waitpid($pid, WNOHANG) != $pid) {
    my $datagram = receive(0.02);
    if (defined $datagram) { push @datagrams, $datagram; answer($datagram) }
    kill 'KILL', $pid if time > $until;
  }
  my $code = status();
  push @datagrams, receive_all();
  return ($code, -e "$dir/out" ? slurp("$dir/out") : '', slurp("$dir/err"));
}

my $sender;

sub receive {
  my ($wait) = @_;
  return undef if !IO::Select->new($collector)->can_read($wait // 10);
  $sender = $collector->recv(my $datagram, 65536);
  return $datagram;
}

# All that has come; on loopback a sent datagram is there at once.
sub receive_all {
  my @all;
  while (defined(my $datagram = receive(0))) { push @all, $datagram }
  return @all;
}

sub forge {
  my ($text, $with) = @_;
  return "$text " . blake2b($text, pack('H*', $with // substr $key, 0, 64), 16) . "\n";
}

# The numbers of a datagram's reports.
sub numbers { return map { (split / /)[4] } map { split /\n/ } @_ }

sub answer_text {
  my ($datagram) = @_;
  my (undef, @origin) = (split / /, $datagram)[0 .. 3];
  return join ' ', 'OK1', @origin, numbers($datagram);
}

# To whom the last datagram came from.
sub answer {
  my ($datagram) = @_;
  return if $datagram !~ /^SB1 /;
  $collector->send(forge(answer_text($datagram)), 0, $sender);
}

# Any datagram, to whom the last one came from.
sub reply {
  my ($datagram) = @_;
  $collector->send($datagram, 0, $sender);
}

sub line {
  my (%with) = @_;
  my %field = (at => '1764000000.123', peer => '192.0.2.7', ms => 14023, stage => 'data', end => 'fin',
    sins => 'high-mx,helo-bot,no-quit', score => 28, verdict => 'bot', %with);
  return 'session1' . join('', map { defined $field{$_} ? " $_=$field{$_}" : () }
      qw(at peer ms stage end dialect seq pos rules sins score verdict)) . "\n";
}

# The fields of line N of a file whose lines are 100 bytes long.
sub place {
  my ($n) = @_;
  return (seq => $n, pos => '77.' . 100 * $n);
}

1;
