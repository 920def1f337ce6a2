# A bad network on loopback: a relay before a UDP server that loses, doubles, delays and so disorders
# datagrams, either way. Its client is whoever sent last.
#
#     my $net = Network->new(to => $port, loss => 0.3, double => 0.2, late => 0.03);
#     $net->port                        where the client sends to
#     $net->run(5, sub { ... })         carries until the condition holds (1) or 5 s are over (0)
#     $net->{each} = sub { ... }        is called all the time meanwhile
#     $net->{lost}, $net->{there}, $net->{back}    datagrams: lost, carried to the server, to the client
#     $net->{answers}                              that came from the server, whatever becomes of them
package Network;
use strict;
use warnings;
use IO::Select;
use IO::Socket::IP;
use Time::HiRes qw(time);

sub new {
  my ($class, %with) = @_;
  my $near = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => 0, Proto => 'udp') or die "socket: $@";
  my $far = IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $with{to}, Proto => 'udp') or die "socket: $@";
  return bless { %with, near => $near, far => $far, sockets => IO::Select->new($near, $far), waiting => [],
    lost => 0, there => 0, back => 0, answers => 0 }, $class;
}

sub port { my ($self) = @_; return $self->{near}->sockport }

# One datagram, which goes now and then not at all, and now and then twice.
sub take {
  my ($self, $socket) = @_;
  my $from = $socket->recv(my $datagram, 65536);
  return if !defined $from;
  my $way = $socket == $self->{near} ? 'there' : 'back';
  if ($way eq 'there') { $self->{client} = $from }
  else { $self->{answers}++ }
  return $self->{lost}++ if rand() < $self->{loss};
  push @{ $self->{waiting} }, [time + rand() * $self->{late}, $way, $datagram] for 1 .. (rand() < $self->{double} ? 2 : 1);
}

sub deliver {
  my ($self, $way, $datagram) = @_;
  $self->{$way}++;
  if ($way eq 'there') { $self->{far}->send($datagram) }
  else { $self->{near}->send($datagram, 0, $self->{client}) }
}

sub run {
  my ($self, $seconds, $condition) = @_;
  my $until = time + $seconds;
  while (time < $until) {
    return 1 if $condition && $condition->();
    $self->{each}->() if $self->{each};
    $self->take($_) for $self->{sockets}->can_read(0.003);
    my $now = time;
    my @due = grep { $_->[0] <= $now } @{ $self->{waiting} };
    $self->{waiting} = [grep { $_->[0] > $now } @{ $self->{waiting} }];
    $self->deliver(@$_[1, 2]) for @due;
  }
  return 0;
}

1;
