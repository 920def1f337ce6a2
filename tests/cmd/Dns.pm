package Dns;

# A real name server on loopback for tests: nsd with zones of the test's own, and a relay before it that
# notes every question and can lose or delay datagrams. Both end with the object, or when killed.
#
# The relay goes by the labels of the name that is asked for: `drop` is never answered, `slowN` after N
# milliseconds, `once` at the second time; and with the option lossy every 50th question is lost once. With
# the option dead, an expression, no question for a name that it matches is answered.

use strict;
use warnings;
use Files qw(slurp);
use Exporter 'import';
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::IP;
use POSIX ();
use Time::HiRes qw(sleep time);

our @EXPORT_OK = qw(spew slurp until_true);

sub spew {
  my ($path, $text) = @_;
  open my $out, '>', "$path.new" or die "$path: $!";
  print $out $text;
  close $out or die "$path: $!";
  rename "$path.new", $path or die "$path: $!";
}

# True once the test is; false after 30 seconds.
sub until_true {
  my ($test) = @_;
  my $until = time + 30;
  while (!$test->()) {
    return 0 if time > $until;
    sleep 0.01;
  }
  return 1;
}

sub program { my ($found) = grep { -x } map { "$_/nsd" } split(/:/, $ENV{PATH}), '/usr/sbin'; return $found }

# Free for UDP and TCP once this has returned, and none that the kernel gives to others meanwhile.
sub free_port {
  my ($low) = slurp('/proc/sys/net/ipv4/ip_local_port_range') =~ /^(\d+)/;
  $low = 32768 if !$low || $low < 12000;
  for (1 .. 100) {
    my $port = 10000 + int rand($low - 10000);
    my @open = map { IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => $port, @$_) }
      [Proto => 'udp'], [Proto => 'tcp', Listen => 1];
    return $port if $open[0] && $open[1];
  }
  die 'no free port';
}

# zones: name => text; one without text is configured, but not there, and so SERVFAIL.
sub new {
  my ($class, %zones) = @_;
  my $self = bless { dir => tempdir('sinbin-dns-XXXXXX', TMPDIR => 1, CLEANUP => 1), port => free_port(),
    owner => $$, serial => 1 }, $class;
  my $dir = $self->{dir};
  my $conf = qq{server:\n ip-address: 127.0.0.1\@$self->{port}\n username: ""\n chroot: ""\n zonesdir: "$dir"
 pidfile: "$dir/nsd.pid"\n zonelistfile: "$dir/zone.list"\n xfrdfile: ""\n xfrdir: "$dir"\n logfile: "$dir/log"
 server-count: 1\n rrl-ratelimit: 0\nremote-control:\n control-enable: no\n};
  for my $name (sort keys %zones) {
    $conf .= qq{zone:\n name: "$name"\n zonefile: "$name.zone"\n};
    $self->zone($name, $zones{$name}) if defined $zones{$name};
  }
  spew("$dir/nsd.conf", $conf);
  $self->start;
  return $self;
}

# Writes a zone; the SOA's minimum is a minute.
sub zone {
  my ($self, $name, $text) = @_;
  my $serial = $self->{serial}++;
  spew("$self->{dir}/$name.zone", "\$ORIGIN $name.\n\$TTL 300\n"
      . "@ SOA ns.test. hostmaster.test. $serial 3600 600 86400 60\n@ NS ns.test.\n$text");
}

sub start {
  my ($self) = @_;
  my $pid = fork // die "fork: $!";
  if (!$pid) {
    open STDERR, '>>', "$self->{dir}/err" or die;
    exec program(), '-d', '-c', "$self->{dir}/nsd.conf" or POSIX::_exit(127);
  }
  $self->{nsd} = $pid;
  until_true(sub { $self->answers }) or die 'nsd does not answer: ' . slurp("$self->{dir}/log") . slurp("$self->{dir}/err");
}

sub reload { my ($self) = @_; kill HUP => $self->{nsd} }

# Does it know ns.test?
sub answers {
  my ($self) = @_;
  my $s = IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $self->{port}, Proto => 'udp') or return 0;
  $s->send(pack('n6', 1, 0, 1, 0, 0, 0) . "\2ns\4test\0" . pack('nn', 1, 1)) or return 0;
  return 0 unless IO::Select->new($s)->can_read(0.2);
  my $answer;
  return defined $s->recv($answer, 512) && length $answer > 12 && (unpack('n2', $answer))[1] % 16 == 0;
}

sub stop {
  my ($self) = @_;
  my $pid = delete $self->{nsd} or return;
  kill KILL => $pid;
  waitpid $pid, 0;
  kill KILL => $_ for grep { /^\d+$/ && $_ != $pid } split ' ', slurp("$self->{dir}/nsd.pid");
  until_true(sub { !$self->answers });
}

sub DESTROY {
  my ($self) = @_;
  local ($?, $!);
  return if $self->{owner} != $$;
  if (my $pid = $self->{nsd}) {
    kill TERM => $pid;
    waitpid $pid, 0;
  }
  for my $pid (@{ $self->{relays} || [] }) {
    kill KILL => $pid;
    waitpid $pid, 0;
  }
}

# ---- the relay ----

sub name_of {
  my ($packet) = @_;
  my @labels = unpack '(C/a)*', substr $packet, 12;
  my ($name, $at) = ('', 12);
  for my $label (@labels) {
    $at += 1 + length $label;
    last if $label eq '';
    $name .= "$label.";
  }
  return ($name, unpack 'n', substr $packet, $at, 2);
}

# Returns its port. Options: lossy; host and port, where it listens; it is then undef where it cannot.
sub relay {
  my ($self, %option) = @_;
  my $front = IO::Socket::IP->new(LocalHost => $option{host} || '127.0.0.1', LocalPort => $option{port} || 0, Proto => 'udp');
  return if !$front && $option{port};
  die "socket: $@" unless $front;
  setsockopt $front, Socket::SOL_SOCKET(), Socket::SO_RCVBUF(), 4 << 20;
  my $file = "$self->{dir}/asked." . $front->sockport;
  spew($file, '');
  my $pid = fork // die "fork: $!";
  if (!$pid) {
    eval { relay_loop($front, $self->{port}, $file, %option) };
    print STDERR "# relay: $@" if $@;
    POSIX::_exit(0);
  }
  push @{ $self->{relays} }, $pid;
  return $front->sockport;
}

sub relay_loop {
  my ($front, $port, $file, %option) = @_;
  open my $note, '>>', $file or die "$file: $!";
  my $back = IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $port, Proto => 'udp') or die "socket: $@";
  my ($select, $next, $count, %from, %seen, @later) = (IO::Select->new($front, $back), 0, 0);
  for (;;) {
    my $wait = @later ? $later[0][0] - time : undef;
    for my $socket ($select->can_read(defined $wait && $wait < 0 ? 0 : $wait)) {
      my $peer = $socket->recv(my $packet, 65535);
      if ($socket == $back) {
        my $origin = defined $peer && length $packet > 12 ? delete $from{ unpack 'n', $packet } : undef;
        next unless $origin;
        substr($packet, 0, 2) = $origin->[1];
        my ($ms) = $origin->[2] =~ /(?:^|\.)slow(\d+)\./;
        if ($ms) { @later = sort { $a->[0] <=> $b->[0] } @later, [time + $ms / 1000, $packet, $origin->[0]] }
        else { $front->send($packet, 0, $origin->[0]) }
        next;
      }
      my ($name, $type) = name_of($packet);
      syswrite $note, "$type $name\n";
      next if $name =~ /(?:^|\.)drop\./ || ($option{dead} && $name =~ $option{dead});
      my $first = !$seen{"$type $name"}++;
      next if $first && ($name =~ /(?:^|\.)once\./ || ($option{lossy} && $count++ % 50 == 49));
      $next = ($next + 1) % 65536;
      $from{$next} = [$peer, substr($packet, 0, 2), $name];
      substr($packet, 0, 2) = pack 'n', $next;
      $back->send($packet);
    }
    while (@later && $later[0][0] <= time) {
      my $due = shift @later;
      $front->send($due->[1], 0, $due->[2]);
    }
  }
}

# What the relay of that port was asked: "TYPE NAME" => how often.
sub asked {
  my ($self, $port) = @_;
  my %count;
  $count{$_}++ for split /\n/, slurp("$self->{dir}/asked.$port");
  return \%count;
}

1;
