package Crowd;

# Polite SMTP clients in numbers, the session lines they leave, and ports and processes for tests.

use strict;
use warnings;
use lib 'tests/cmd';
use Files qw(slurp spew);
use Chain;
use IO::Socket::IP;
use Socket qw(SOL_SOCKET SO_REUSEADDR AI_NUMERICHOST);
use Time::HiRes qw(sleep time);

# A connection from an address to the loopback address of its family, or undef.
sub dial {
  my ($from, $port) = @_;
  return IO::Socket::IP->new(PeerHost => $from =~ /:/ ? '::1' : '127.0.0.1', PeerPort => $port,
    LocalHost => $from, Proto => 'tcp', Timeout => 10, GetAddrInfoFlags => AI_NUMERICHOST);
}

# Waits until something listens there.
sub listens {
  my ($host, $port) = @_;
  my $hex = sprintf ':%04X$', $port;
  my $file = $host =~ /:/ ? '/proc/net/tcp6' : '/proc/net/tcp';
  return until_true(10, sub {
    open my $in, '<', $file or return 0;
    return scalar grep { my @f = split; $f[1] =~ $hex && $f[3] eq '0A' } <$in>;
  });
}

# All connect, all are greeted, all say HELO and QUIT. $held, if given, is called while all are held.
# Returns how many were answered 221.
sub visit {
  my ($port, $from, $held) = @_;
  my @clients = grep { defined } map { dial($_, $port) } @$from;
  my @greeted = grep { Chain::expect($_, qr/^220 /m, 20) } @clients;
  $held->() if $held;
  $_->print("HELO mx.example.net\r\n") for @greeted;
  my @met = grep { Chain::expect($_, qr/^250 /m, 20) } @greeted;
  $_->print("QUIT\r\n") for @met;
  return scalar grep { Chain::expect($_, qr/^221 /m, 20) } @met;
}

sub until_true {
  my ($seconds, $check) = @_;
  my $until = time + $seconds;
  my $result;
  sleep 0.05 until ($result = $check->()) || time > $until;
  return $result;
}

# The peers of all whole lines whose session ended by QUIT, sorted. $read returns the log's text.
# Waits until there are as many as are wanted.
sub polite_peers {
  my ($wanted, $read) = @_;
  my @peers;
  until_true(15, sub {
    my $text = $read->();
    @peers = sort $text =~
      /^(?:\@[0-9a-f]{24} )?session1 at=\d+\.\d{3} peer=(\S+) pport=\d+ local=\S+ lport=\d+ .*end=quit .* helo=mx\.example\.net .*dialect=HELO%20H\|QUIT\b.*$/mg;
    return @peers >= $wanted;
  });
  return @peers;
}

# Starts a program; output: a file, or undef. Returns its process number.
sub start {
  my ($output, @command) = @_;
  my $pid = fork // die "fork: $!";
  return $pid if $pid;
  open STDIN, '<', '/dev/null';
  if (defined $output) {
    open STDOUT, '>>', $output or die "$output: $!";
    open STDERR, '>&', \*STDOUT or die;
  }
  { no warnings 'exec'; exec { $command[0] } @command; }
  die "exec $command[0]: $!\n";
}

# Ends it and returns its status.
sub end {
  my ($pid, $signal) = @_;
  kill $signal // 'TERM', $pid;
  waitpid $pid, 0;
  return $?;
}

1;
